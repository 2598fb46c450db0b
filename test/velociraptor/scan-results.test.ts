import { describe, expect, test } from '@jest/globals';
import { readScan } from '../../src/velociraptor/scan-results.ts';
import { readArtifact } from '../artifacts/artifact-format.ts';
import { namesOf } from '../artifacts/vql.ts';
import { fakeConnection, WIN } from './fake-connection.ts';

const FLOW = { client: WIN.id, id: 'F.1', wasRunning: false };
const COVERAGE = {
  Answer: 'likely',
  Processes: 90,
  Scanned: 88,
  NoAccess: 2,
  ProxyKnown: ['10.0.0.1'],
};
const found = {
  Verdict: 'likely',
  Score: 61,
  IP: '10.2.3.4',
  Pid: 42,
  Name: 'evil.exe',
  RequestHits: 4,
  Reasons: ['It is connected to the proxy.'],
  ProxyConns: [{ Proxy: '10.0.0.1:3128' }],
};
const noAccess = { Verdict: '', Pid: 4, Name: 'System', ScanState: 'no access' };

const server = (
  summary: readonly object[],
  coverage: readonly object[] = [COVERAGE],
): ReturnType<typeof fakeConnection> =>
  fakeConnection([
    ['"Coverage"', coverage],
    [
      '"Summary"',
      ({ First = '0', Count = '1' }) => summary.slice(Number(First), Number(First) + Number(Count)),
    ],
    ['"Hits"', [{ Pid: 42, Name: 'evil.exe', IP: '10.2.3.4', Form: 'text' }]],
    ['link_to', [{ Link: 'https://velo/app' }]],
  ]);

describe('the answer of a scan', () => {
  test('has the verdict, the processes and those that were not scanned', async () => {
    const answer = await readScan(
      server([found, { ...found, Verdict: 'possible', Pid: 43 }, noAccess]),
      WIN,
      FLOW,
    );
    expect(answer).toMatchObject({
      verdict: 'likely',
      link: 'https://velo/app',
      coverage: { Scanned: 88, NoAccess: 2 },
    });
    expect(answer.processes.map(({ Pid }) => Pid)).toEqual([42, 43]);
    expect(answer.notScanned).toMatchObject([{ Pid: 4, Name: 'System', ScanState: 'no access' }]);
  });

  test('is "not-found" only with Coverage to show for it', async () => {
    expect(
      await readScan(server([noAccess], [{ ...COVERAGE, Answer: 'not-found' }]), WIN, FLOW),
    ).toMatchObject({ verdict: 'not-found', processes: [] });
    await expect(readScan(server([], []), WIN, FLOW)).rejects.toThrow(
      /nobody knows what was scanned/,
    );
  });

  test('is none where the artifact refused the address', async () => {
    await expect(
      readScan(server([], [{ Answer: '', Problem: 'IPAddress must hold 1 to 16' }]), WIN, FLOW),
    ).rejects.toThrow(/IPAddress must hold/);
  });

  test('loses no row of a large machine', async () => {
    const many = Array.from({ length: 1203 }, (_, Pid) => ({ ...found, Pid }));
    const answer = await readScan(server(many), WIN, FLOW);
    expect(answer.processes).toHaveLength(1203);
  });

  test('reads columns that the artifacts give', async () => {
    const columns = new Set(
      readArtifact('Custom.Windows.Memory.IPScan').sources.flatMap(({ query = '' }) => [
        ...namesOf(query).columns,
        ...namesOf(query).used,
      ]),
    );
    const answer = await readScan(server([found]), WIN, FLOW);
    const read = [...Object.keys(answer.processes[0] ?? {}), ...Object.keys(answer.coverage)];
    expect(read.length).toBeGreaterThan(30);
    expect(read.filter((name) => !columns.has(name))).toEqual([]);
  });
});
