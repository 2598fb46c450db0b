/** The built worker, run as Cortex runs it, against section 8.1 of the integration contract (R1 to R12). */
import { describe, expect, test } from '@jest/globals';
import { CONTAINER_NEEDS } from '../support/cortex/commands.ts';
import { BUILT } from '../support/cortex/cortex.ts';
import { faultsIn, type Scenario } from '../support/cortex/scenario.ts';
import { CONNECTED, OTHERS } from '../support/cortex/scenarios.ts';
import { requires } from '../support/requires.ts';
import { VERSIONS } from '../support/thehive/hive.ts';

const inContainer = requires(CONTAINER_NEEDS, 'Linux, run as root, with unshare of util-linux');

function holds(scenario: Scenario, version: 4 | 5): void {
  const isContained = scenario.runner !== undefined && scenario.runner.kind !== 'process';
  (isContained ? inContainer : test)(`${scenario.rule}: ${scenario.name}`, async () => {
    expect(await faultsIn(scenario, BUILT, version)).toEqual([]);
  });
}

describe.each(VERSIONS)('with TheHive %d', (version) => {
  for (const scenario of [...CONNECTED, ...OTHERS]) holds(scenario, version);
});
