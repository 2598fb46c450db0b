import { expect, test } from '@jest/globals';
import { gapsOf } from '../../src/report/gaps.ts';
import { fakeSystem, findingsOf, occurrenceOf } from '../support/fake-engine.ts';

const searched = findingsOf().searched;

test.each([
  ['nothing is missing', {}, []],
  ['no system', { system: null }, ['No operating system']],
  ['a damaged image', { searched: { ...searched, unreadableBytes: 4096 } }, ['4 KiB']],
  ['too many hits', { searched: { ...searched, hitsNotKept: [0, 3] } }, ['more hits']],
  ['missing tables', { searched: { ...searched, unreadableTables: [2] } }, ['one process']],
])('%s', (_, changes, told) => {
  const gaps = gapsOf(findingsOf({ system: fakeSystem(), ...changes }));
  expect(gaps).toHaveLength(told.length);
  for (const [index, words] of told.entries()) expect(gaps[index]).toContain(words);
});

test('frames that page tables and the books of frames tell apart are smear', () => {
  const located = { occurrences: [occurrenceOf({ flags: ['contradicted'] })], nearMisses: 0 };
  expect(gapsOf(findingsOf({ system: fakeSystem(), located }))).toEqual([
    expect.stringContaining('Smear: page tables give one hit to processes'),
  ]);
});
