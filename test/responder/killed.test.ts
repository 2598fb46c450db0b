/** A job that is killed or stopped, at each place: a report stands that says so, and the next run does the rest. */
import { setTimeout as wait } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { caseState } from '../support/cortex/case-state.ts';
import { caseWithImage, downloadsOf, messageOf } from '../support/cortex/case-with-image.ts';
import { click, type Click } from '../support/cortex/click.ts';
import { CONTAINER_NEEDS, type Runner } from '../support/cortex/commands.ts';
import { DOWNLOAD, WRITE, type CaseWorld } from '../support/cortex/troubles.ts';
import { requires } from '../support/requires.ts';
import type { Fault } from '../support/thehive/faults.ts';
import { VERSIONS } from '../support/thehive/hive.ts';

const inContainer = requires(CONTAINER_NEEDS, 'Linux, run as root, with unshare of util-linux');

interface Place {
  readonly fault: Fault;
  readonly isThere: (world: CaseWorld) => boolean;
}

/** Where TheHive says nothing more, the worker stands still. */
const PLACES: Readonly<Record<string, Place>> = {
  'in the middle of the download': {
    fault: { when: DOWNLOAD, times: 1, what: { kind: 'body', after: 70_000, ending: 'silence' } },
    isThere: ({ hive }) => downloadsOf(hive) > 0,
  },
  'between two writings': {
    fault: { when: WRITE, after: 1, times: 1, what: { kind: 'silence' } },
    isThere: ({ hive }) => hive.writes.length > 0,
  },
  'before the report itself': {
    fault: { when: /^POST .*\/(page|log)$/, times: 1, what: { kind: 'silence' } },
    isThere: ({ hive }) => hive.requests.some(({ path }) => path.endsWith('/observable')),
  },
};

async function ended(version: 4 | 5, place: Place, signal: NodeJS.Signals, runner?: Runner) {
  const world = await caseWithImage(version);
  world.hive.faults.add(place.fault);
  const interrupt: Click['interrupt'] = async ({ kill }) => {
    while (!place.isThere(world)) await wait(5);
    await wait(300);
    kill(signal);
  };
  const done = await click({
    ...world,
    observable: world.ip,
    interrupt,
    ...(runner ? { runner } : {}),
  });
  return { world, done };
}

const whole: Record<4 | 5, string[]> = { 4: [], 5: [] };
beforeAll(async () => {
  for (const version of VERSIONS) {
    const world = await caseWithImage(version);
    await click({ ...world, observable: world.ip });
    whole[version] = caseState(world.store);
  }
});

describe.each(
  VERSIONS.flatMap((version) => Object.keys(PLACES).map((at) => [version, at] as const)),
)('TheHive %d, %s', (version, at) => {
  const place = PLACES[at];
  if (!place) throw new Error(at);

  test.each([
    ['SIGTERM', /^Stopped by SIGTERM before the answer was there/],
    ['SIGKILL', /^Killed before the answer was there/],
  ] as const)('%s: said, and the next click does the rest', async (signal, message) => {
    const { world, done } = await ended(version, place, signal);
    expect(messageOf(done)).toMatch(message);
    expect(done.faults).toEqual([]);
    if (signal === 'SIGTERM') expect(done.millisecondsAfterSignal).toBeLessThan(2000);
    const next = await click({ ...world, observable: world.ip });
    expect(messageOf(next)).toMatch(/evil \(PID 42\)/);
    expect(next.faults).toEqual([]);
    expect(caseState(world.store)).toEqual(whole[version]);
  });

  inContainer(
    'SIGKILL of a pod: Kubernetes starts another, which cleans up and answers',
    async () => {
      const { world, done } = await ended(version, place, 'SIGKILL', { kind: 'kubernetes' });
      expect(done.starts).toBe(2);
      expect(messageOf(done)).toMatch(/evil \(PID 42\)/);
      expect(done.faults).toEqual([]);
      expect(caseState(world.store)).toEqual(whole[version]);
    },
  );
});
