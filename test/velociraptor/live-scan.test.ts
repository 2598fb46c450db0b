import { describe, expect, test } from '@jest/globals';
import { parseIndicator } from '../../src/indicator/parse-indicator.ts';
import { liveScan } from '../../src/velociraptor/live-scan.ts';
import { VelociraptorError } from '../../src/velociraptor/velociraptor-error.ts';
import { fakeConnection, WIN } from './fake-connection.ts';
import { summaryRow } from './fleet.ts';

const question = {
  machine: 'WS12',
  indicators: [parseIndicator('203.0.113.7'), parseIndicator('evil.example')],
  proxy: { address: '10.20.0.5', port: 3128, source: 'given' as const },
  caseId: '~41',
};
const quick = { waitMs: 0, everyMs: 1 };
const away = new VelociraptorError('unreachable', 'nobody answers', { code: 14 });

/** A server whose flow is `state`; `coverage` is asked as often as it is read. */
function server(
  state: string,
  coverage: () => readonly unknown[] | Error = () => [{ Answer: 'likely' }],
) {
  const flows: object[] = [];
  return fakeConnection([
    [
      'clients(',
      [{ client_id: WIN.id, os_info: { hostname: 'WS12', system: 'windows' }, last_seen_at: 0 }],
    ],
    ['artifact_definitions', [{ name: 'x' }]],
    [
      'flows(client_id=ClientId, flow_id',
      [{ session_id: 'F.1', state, create_time: 1e15, request: { creator: 'cortex' } }],
    ],
    ['flows(', () => flows],
    [
      'collect_client',
      ({ Artifact = '', IPAddress = '' }) => {
        const env = [
          { key: 'IPAddress', value: IPAddress },
          { key: 'ProxyEndpoints', value: 'Address,Port\n10.20.0.5,3128' },
        ];
        flows.push({
          session_id: 'F.1',
          state,
          create_time: Date.now() * 1000,
          request: { artifacts: [Artifact], specs: [{ artifact: Artifact, parameters: { env } }] },
        });
        return [{ flow_id: 'F.1' }];
      },
    ],
    ['flow_logs', [{ message: 'Query timed out after 3600 seconds' }]],
    ['"Coverage"', coverage],
    ['"Summary"', ({ First }) => (First === '0' ? [summaryRow()] : [])],
    ['"Hits"', []],
    ['link_to', []],
  ]);
}
const started = (connection: ReturnType<typeof server>) =>
  connection.questions.filter(({ vql }) => vql.includes('collect_client'));

describe('a running machine', () => {
  test('is asked for the addresses, with the proxy that was given', async () => {
    const connection = server('FINISHED');
    const told: string[] = [];
    const found = await liveScan(connection, question, {
      ...quick,
      onState: (one) => told.push(one),
    });
    expect(found).toMatchObject({
      state: 'answered',
      note: null,
      provenance: { client: WIN.id, flow: 'F.1', startedBy: 'cortex', wasRunning: false },
      coverage: { searched: ['203.0.113.7'], notAsked: ['evil.example'] },
    });
    expect(started(connection)[0]?.env).toMatchObject({
      IPAddress: '203.0.113.7',
      ProxyEndpoints: 'Address,Port\n10.20.0.5,3128\n',
      CaseId: '~41',
    });
    expect(told).toEqual(['flow F.1 on WS12: finished']);
  });

  test('whose server is away for a moment is asked again, by the same flow', async () => {
    const answers = [away, [{ Answer: 'likely' }]];
    const connection = server('FINISHED', () => answers.shift() ?? []);
    expect(await liveScan(connection, question, quick)).toMatchObject({
      state: 'answered',
      provenance: { wasRunning: false },
    });
    expect(started(connection)).toHaveLength(1);
  });

  test('whose server stays away gives no answer, with all that is known', async () => {
    expect(
      await liveScan(
        server('FINISHED', () => away),
        question,
        quick,
      ),
    ).toMatchObject({
      state: 'failed',
      note: 'nobody answers',
      provenance: { client: WIN.id, flow: 'F.1' },
    });
  });

  test('whose flow ran out of time is not asked again: it would only run again', async () => {
    const connection = server('ERROR');
    expect(await liveScan(connection, question, quick)).toMatchObject({
      state: 'failed',
      note: expect.stringMatching(/ended as ERROR .*timed out/),
    });
    expect(started(connection)).toHaveLength(1);
  });

  test('that still scans is waited for another time', async () => {
    expect(await liveScan(server('RUNNING'), question, quick)).toMatchObject({
      state: 'waiting',
      note: expect.stringMatching(/the same flow is taken up then/),
      coverage: null,
    });
  });

  test('is not waited for by who was stopped', async () => {
    const stop = new AbortController();
    const scan = liveScan(server('RUNNING'), question, { waitMs: 60_000, signal: stop.signal });
    setTimeout(() => stop.abort(), 50);
    await expect(scan).rejects.toMatchObject({ kind: 'cancelled' });
  });
});
