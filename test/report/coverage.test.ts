import { describe, expect, test } from '@jest/globals';
import { physical } from '../../src/memory/address.ts';
import { coverageOf, incompleteProcesses } from '../../src/report/coverage.ts';
import { fakeEngine, fakeMemory, findingsOf, processOf } from '../support/fake-engine.ts';

const runs = (...starts: number[]) =>
  starts.map((start) => ({ start: physical(start), length: 0x1000, fileOffset: 0 }));
const withRuns = (...starts: number[]) => {
  const findings = findingsOf();
  const memory = { ...fakeMemory(0), runs: runs(...starts) };
  return coverageOf({ ...findings, image: { ...findings.image, memory } });
};

describe('holes', () => {
  test('are what lies between runs, and before the first', () => {
    expect(withRuns(0x1000, 0x2000, 0x8000)).toMatchObject({
      imageBytes: 0x3000,
      holeCount: 2,
      holes: [
        { start: '0x0', end: '0x1000' },
        { start: '0x3000', end: '0x8000' },
      ],
    });
  });

  test('are told up to a bound, and counted all', () => {
    const { holes, holeCount } = withRuns(...Array.from({ length: 100 }, (_, n) => n * 0x2000));
    expect([holes.length, holeCount]).toEqual([64, 99]);
  });
});

test('processes and kernel threads are counted apart; lost hits are told by indicator', () => {
  const processes = [
    processOf(),
    processOf({ isKernelThread: true }),
    processOf({ state: 'exited' }),
    processOf(),
  ];
  const { searched } = findingsOf();
  const coverage = coverageOf(
    findingsOf({ engine: fakeEngine({ processes }), searched: { ...searched, hitsNotKept: [5] } }),
  );
  expect(coverage).toMatchObject({
    processes: 2,
    kernelThreads: 1,
    hitsNotKept: { '35.178.122.152': 5 },
  });
});

test('missing page tables are those of every process in the space', () => {
  const engine = fakeEngine({
    processes: [processOf({ pid: 1 }), processOf({ pid: 2 })],
    processesOf: (space) => (space === 1 ? [0, 1] : []),
  });
  const { searched } = findingsOf();
  expect(
    incompleteProcesses(
      findingsOf({ engine, searched: { ...searched, unreadableTables: [0, 3] } }),
    ),
  ).toMatchObject([
    { pid: 1, missingTables: 3 },
    { pid: 2, missingTables: 3 },
  ]);
});

test('pages that are not in memory are told by process; null where nobody counted them', () => {
  const process = processOf({ pid: 7, name: 'one.exe' });
  const findings = findingsOf();
  const notInMemory = [{ process, compressedPages: 3, pagedOutPages: 2 }];
  const searched = { ...findings.searched, notInMemory };
  expect(coverageOf({ ...findings, searched }).notInMemory).toEqual([
    { pid: 7, name: 'one.exe', compressedPages: 3, pagedOutPages: 2 },
  ]);
  expect(coverageOf(findings).notInMemory).toBeNull();
});
