import { describe, expect, test } from '@jest/globals';
import { livePart } from '../../src/report/live-part.ts';
import { liveFindings } from '../../src/velociraptor/live-findings.ts';
import { readScan } from '../../src/velociraptor/scan-results.ts';
import { fakeConnection, WIN } from './fake-connection.ts';
import { otherRow, summaryRow } from './fleet.ts';

const part = livePart.pick({ processes: true, otherProcesses: true, hits: true, coverage: true });

/** Rows as a machine might give them, read and turned. */
async function from(
  summary: readonly object[],
  hits: readonly object[] = [],
  coverage: object = {},
) {
  const connection = fakeConnection([
    ['"Coverage"', [{ Answer: 'likely', ...coverage }]],
    ['"Summary"', ({ First = '0' }) => (First === '0' ? summary : [])],
    ['"Hits"', ({ First = '0' }) => (First === '0' ? hits : [])],
    ['link_to', []],
  ]);
  const answer = await readScan(connection, WIN, { client: WIN.id, id: 'F.1', wasRunning: false });
  return part.parse(liveFindings(answer, ['203.0.113.7'], []));
}

describe('rows of the artifact as the report has them', () => {
  test('connections say to whom, from which port and when they were seen', async () => {
    const { processes } = await from([
      summaryRow({
        DirectConns: [{ Remote: '203.0.113.7:443', LocalPort: 5, Status: 'ESTAB', Seen: 'after' }],
      }),
    ]);
    expect(processes[0]?.connections).toEqual([
      {
        peer: 'indicator',
        remote: '203.0.113.7:443',
        localPort: 5,
        state: 'ESTAB',
        seen: ['after'],
      },
      {
        peer: 'proxy',
        remote: '10.20.0.5:3128',
        localPort: 40_001,
        state: 'ESTAB',
        seen: ['before', 'after'],
      },
    ]);
  });

  test.each([
    ['2026-11-22T09:00:00+02:00', '2026-11-22T07:00:00.000Z'],
    [1_790_000_000, '2026-09-21T14:13:20.000Z'],
    ['0001-01-01T00:00:00Z', null],
    ['yesterday', null],
    ['', null],
    [null, null],
  ])('a start of %j is %j', async (CreateTime, startTime) => {
    expect((await from([summaryRow({ CreateTime })])).processes[0]?.startTime).toBe(startTime);
  });

  test('what a machine may say wrongly breaks nothing', async () => {
    const { processes, hits } = await from(
      [
        summaryRow({
          Score: 1e9,
          Pid: '42',
          Name: 'x'.repeat(1e6),
          Reasons: Array.from({ length: 1000 }, () => 'because'),
          ProxyConns: [
            null,
            7,
            { Proxy: 3 },
            { LocalPort: 1 },
            { Proxy: 'p:1', LocalPort: 'many' },
          ],
          OtherListeners: ['http', 80, -4],
        }),
        summaryRow({ Verdict: 'no-owner' }),
      ],
      [{ Pid: 42.7, IP: null, Context: 'y'.repeat(1e6) }],
    );
    expect(processes).toHaveLength(1);
    expect(processes[0]).toMatchObject({ score: 100, pid: 42, listens: [80, 0] });
    expect(processes[0]?.name.length).toBe(4096);
    expect(processes[0]?.reasons.length).toBe(50);
    expect(processes[0]?.connections).toEqual([
      { peer: 'proxy', remote: 'p:1', localPort: null, state: null, seen: [] },
    ]);
    expect(hits[0]?.context.length).toBe(512);
  });

  test('absence of a process is claimed only where all that were read are listed', async () => {
    const rows = [summaryRow(), otherRow(7, 'sshd'), otherRow(4, 'guard', 'no access')];
    expect((await from(rows, [], { Scanned: 2 })).coverage?.listsAll).toBe(true);
    expect((await from(rows, [], { Scanned: 90 })).coverage?.listsAll).toBe(false);
  });
});
