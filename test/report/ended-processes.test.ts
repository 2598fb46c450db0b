import { expect, test } from '@jest/globals';
import { endedLine } from '../../src/report/ended-processes.ts';
import type { Report } from '../../src/report/report.ts';
import { sampleProcess, sampleReport } from '../support/sample-report.ts';

const ended = (pid: number): Report['otherProcesses'][number] => ({
  pid,
  name: `gone${pid}`,
  kernelThread: false,
  exited: true,
  connectedToProxy: false,
  missingTables: 0,
});
const free = { pageState: 'free', pageDetail: null, hits: 258, byForm: { text: 258 } };
const line = (changes: Partial<Report>) => endedLine(sampleReport({ orphans: [free], ...changes }));

test('those that had ended are named beside hits in free memory, which are given to none of them', () => {
  expect(line({ otherProcesses: [ended(308), { ...ended(9), exited: false }] })).toMatch(
    /: gone308 \(PID 308\)\. .*nothing proves whose it was/,
  );
});

test('one that had ended and holds hits is named too', () => {
  expect(
    line({ processes: [sampleProcess({ exited: true, pid: 7 })], otherProcesses: [] }),
  ).toContain('(PID 7)');
});

test('many are counted', () => {
  const many = Array.from({ length: 40 }, (_, index) => ended(100 + index));
  expect(line({ processes: [], otherProcesses: many })).toMatch(
    /gone115 \(PID 115\) and 24 more\./,
  );
});

test.each([
  ['nothing had ended', { processes: [], otherProcesses: [{ ...ended(1), exited: false }] }],
  ['no hit lies in free memory', { orphans: [], otherProcesses: [ended(1)] }],
])('nothing is said where %s', (_, changes) => expect(line(changes)).toBeNull());
