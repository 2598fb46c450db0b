import { expect, test } from '@jest/globals';
import { buildReport } from '../../src/report/build-report.ts';
import { reportSchema } from '../../src/report/report.ts';
import {
  attributionOf,
  fakeEngine,
  fakeSystem,
  findingsOf,
  occurrenceOf,
  processOf,
  regionOf,
} from '../support/fake-engine.ts';

const free = { kind: 'free' as const, detail: null };
const file = { kind: 'page-cache' as const, detail: '/var/log/x' };
const findings = findingsOf({
  system: fakeSystem({ warnings: ['the system’s'] }),
  engine: fakeEngine({
    processes: [processOf(), processOf({ pid: 43, parentPid: 42, name: 'child' })],
    regions: () => [regionOf('heap')],
  }),
  alert: { host: 'other', at: null },
  located: {
    occurrences: [
      occurrenceOf(),
      occurrenceOf({ owners: [], pageState: free }),
      occurrenceOf({ owners: [], pageState: file }),
      occurrenceOf({ owners: [], pageState: free, form: 'url' }),
      occurrenceOf({ owners: [], pageState: free, flags: ['phantom'] }),
    ],
    nearMisses: 0,
  },
  attributions: [attributionOf({ sent: [1] }), attributionOf({ process: 1 })],
  warnings: ['the scan’s'],
});

test('a report is one by its own schema', () => {
  expect(reportSchema.safeParse(buildReport(findings)).error).toBeUndefined();
});

test('what nobody maps is grouped by the state of its page, the largest group first; a phantom is nothing', () => {
  const { orphans, hits, indicators } = buildReport(findings);
  expect(orphans).toEqual([
    { pageState: 'free', pageDetail: null, hits: 2, byForm: { text: 1, url: 1 } },
    { pageState: 'page-cache', pageDetail: '/var/log/x', hits: 1, byForm: { text: 1 } },
  ]);
  expect(hits).toHaveLength(5);
  expect(indicators[0]).toMatchObject({ hits: 4, origin: 'given' });
});

test('a hit says who sent it', () => {
  expect(buildReport(findings).hits.map(({ sentBy }) => sentBy)).toEqual([
    [],
    [{ pid: 42, name: 'beacond' }],
    [],
    [],
    [],
  ]);
});

test('processes know their rank and their parents’ names', () => {
  expect(
    buildReport(findings).processes.map(({ rank, pid, parentName }) => [rank, pid, parentName]),
  ).toEqual([
    [1, 42, null],
    [2, 43, 'beacond'],
  ]);
});

test('the alert’s misfit is warned of first', () => {
  const { warnings, alert } = buildReport(findings);
  expect(warnings[0]).toContain('wrong machine');
  expect(warnings.slice(1)).toEqual(['the system’s', 'the scan’s']);
  expect(alert).toEqual({ host: 'other', at: null });
});

test('an indicator that was followed is marked as a pivot', () => {
  expect(
    buildReport({ ...findings, followed: new Set(['35.178.122.152']) }).indicators[0]?.origin,
  ).toBe('pivot');
});

test('a machine without a system gives a report too', () => {
  const report = buildReport(findingsOf({ engine: fakeEngine({ processes: [] }) }));
  expect(reportSchema.safeParse(report).error).toBeUndefined();
  expect([report.system, report.answer.verdict]).toEqual([null, 'not-found']);
});
