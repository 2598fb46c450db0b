import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import * as z from 'zod';
import { startFlow } from '../../src/velociraptor/start-flow.ts';
import { readArtifact } from '../artifacts/artifact-format.ts';
import { namesOf } from '../artifacts/vql.ts';
import { fromRoot } from '../support/from-root.ts';
import { fakeConnection, WIN } from './fake-connection.ts';

const SCAN = 'Custom.Windows.Memory.IPScan';
const NOW = 1_790_000_000_000;
const parameters = { IPAddress: '10.2.3.4', CaseId: '~41' };
const flow = (id: string, state: string, ageMs: number, IPAddress = '10.2.3.4'): object => ({
  session_id: id,
  state,
  create_time: (NOW - ageMs) * 1000,
  request: {
    artifacts: [SCAN],
    specs: [
      {
        artifact: SCAN,
        parameters: {
          env: [
            { key: 'IPAddress', value: IPAddress },
            { key: 'CaseId', value: '~41' },
          ],
        },
      },
    ],
  },
});
/** A flow that runs, with one more parameter. */
const narrowed = (key: string, value: string): object => ({
  ...flow('F.1', 'RUNNING', 1000),
  request: {
    artifacts: [SCAN],
    specs: [
      {
        artifact: SCAN,
        parameters: {
          env: [
            { key: 'IPAddress', value: '10.2.3.4' },
            { key, value },
          ],
        },
      },
    ],
  },
});
const server = (
  flows: readonly object[],
  started: readonly object[] = [{ flow_id: 'F.NEW' }],
): ReturnType<typeof fakeConnection> =>
  fakeConnection([
    ['artifact_definitions', [{ name: SCAN }]],
    ['flows(', flows],
    ['collect_client', started],
  ]);
const options = { parameters, timeoutSeconds: 3600, now: NOW };

describe('a flow', () => {
  test('is started with its parameters as variables', async () => {
    const connection = server([]);
    expect(await startFlow(connection, WIN, 'scan', options)).toEqual({
      client: WIN.id,
      id: 'F.NEW',
      wasRunning: false,
    });
    const asked = connection.questions.find(({ vql }) => vql.includes('collect_client'));
    expect(asked?.env).toMatchObject({
      IPAddress: '10.2.3.4',
      CaseId: '~41',
      ProxyEndpoints: '',
      ShowScanned: 'N',
      ClientId: WIN.id,
      TimeoutSeconds: '3600',
      MaxBytes: String(256 * 2 ** 30),
    });
    expect(asked?.vql).not.toContain('10.2.3.4');
  });

  test.each<[string, object[], string]>([
    ['that runs is taken up', [flow('F.1', 'RUNNING', 1000)], 'F.1'],
    ['that has finished is taken up', [flow('F.1', 'FINISHED', 1000)], 'F.1'],
    [
      'that is the youngest is taken up',
      [flow('F.1', 'RUNNING', 2000), flow('F.2', 'RUNNING', 1000)],
      'F.2',
    ],
    ['that failed is started again', [flow('F.1', 'ERROR', 1000)], 'F.NEW'],
    ['that ended long ago is started again', [flow('F.1', 'FINISHED', 2 * 3_600_000)], 'F.NEW'],
    [
      'that ended a moment ago is taken up, however long it took',
      [{ ...flow('F.1', 'FINISHED', 5 * 3_600_000), active_time: (NOW - 60_000) * 1000 }],
      'F.1',
    ],
    ['that waits since yesterday is taken up', [flow('F.1', 'RUNNING', 24 * 3_600_000)], 'F.1'],
    [
      'that nobody waits for any more is not',
      [flow('F.1', 'RUNNING', 8 * 24 * 3_600_000)],
      'F.NEW',
    ],
    [
      'for the same addresses in another order is the same',
      [flow('F.1', 'RUNNING', 1, ' 10.2.3.4,, 10.2.3.4')],
      'F.1',
    ],
    ['that looks at some processes only is another', [narrowed('ProcessRegex', 'chrome')], 'F.NEW'],
    ['that was told what it does anyway is the same', [narrowed('ProcessRegex', '.')], 'F.1'],
    ['without the binary forms is another', [narrowed('IncludeBinary', 'N')], 'F.NEW'],
    ['of another case is the same question', [narrowed('CaseId', '~42')], 'F.1'],
    [
      'that knew a proxy where we know none is taken up',
      [narrowed('ProxyEndpoints', 'Address,Port\n10.0.0.1,3128\n')],
      'F.1',
    ],
    ['for another address is another', [flow('F.1', 'RUNNING', 1000, '10.2.3.40')], 'F.NEW'],
  ])('%s', async (_, flows, id) => {
    expect(await startFlow(server(flows), WIN, 'scan', options)).toMatchObject({ id });
  });

  test('of an artifact that the server lacks is told with what to import', async () => {
    const connection = fakeConnection([['artifact_definitions', []]]);
    await expect(startFlow(connection, WIN, 'scan', options)).rejects.toThrow(
      /import artifacts\/Custom.Windows.Memory.IPScan.yaml/,
    );
  });

  test('that the user may not start is told with the role', async () => {
    await expect(
      startFlow(server([], [{ flow_id: null }]), WIN, 'scan', options),
    ).rejects.toMatchObject({
      reason: 'denied',
      message: expect.stringMatching(/"cortex" needs COLLECT_CLIENT/),
    });
  });

  test('on another system is not started', async () => {
    await expect(
      startFlow(server([]), { ...WIN, system: 'other' }, 'scan', options),
    ).rejects.toMatchObject({ reason: 'missing' });
  });

  test('of an acquisition is never given the address', async () => {
    const connection = server([]);
    await startFlow(connection, WIN, 'acquisition', { ...options, parameters: { CaseId: '~41' } });
    const asked = connection.questions.find(({ vql }) => vql.includes('collect_client'));
    expect(JSON.stringify(asked)).not.toContain('10.2.3.4');
    expect(asked?.vql).not.toContain('IPAddress');
  });

  test.each(['windows', 'linux'] as const)(
    'of %s names parameters that its artifacts have',
    async (system) => {
      for (const purpose of ['scan', 'acquisition'] as const) {
        const connection = server([]);
        await startFlow(connection, { ...WIN, system }, purpose, { ...options, parameters: {} });
        const vql = connection.questions.at(-1)?.vql ?? '';
        const [, artifact = '', values = ''] = /dict\(`([\w.]+)`=dict\(([^)]*)\)/.exec(vql) ?? [];
        const known = readArtifact(artifact).parameters.map(({ name }) => name);
        const given = [...values.matchAll(/(\w+)=/g)].map(([, name]) => name);
        expect(given.length).toBeGreaterThan(0);
        expect(given.filter((name) => !known.includes(name ?? ''))).toEqual([]);
      }
    },
  );
});

test('every query of the client calls what exists', () => {
  const table = z
    .object({
      calls: z.record(
        z.string(),
        z.object({ args: z.union([z.array(z.string()), z.literal('any')]) }),
      ),
    })
    .parse(JSON.parse(readFileSync(fromRoot('test/artifacts/vql-reference.json'), 'utf8')));
  const queries = [
    'find-client',
    'start-flow',
    'wait-for-flow',
    'scan-results',
    'find-upload',
  ].flatMap((file) =>
    [
      ...readFileSync(fromRoot(`src/velociraptor/${file}.ts`), 'utf8').matchAll(
        /`((?:EXPLAIN )?SELECT [^]*?[^\\])`;/g,
      ),
    ].map(([, vql = '']) => vql.replaceAll('\\`', '`').replaceAll(/\$\{\w+\}/g, 'X')),
  );
  expect(queries.length).toBeGreaterThanOrEqual(12);
  const wrong = queries.flatMap((vql) =>
    namesOf(vql).calls.flatMap(({ name, args }) => {
      const allowed = table.calls[name]?.args;
      if (allowed === undefined) return [`no ${name}()`];
      return allowed === 'any'
        ? []
        : args.filter((arg) => !allowed.includes(arg)).map((arg) => `${name}() has no ${arg}`);
    }),
  );
  expect(wrong).toEqual([]);
});
