import { expect, test } from '@jest/globals';
import type { Owner } from '../../src/attribute/occurrence.ts';
import { gapsOf } from '../../src/report/gaps.ts';
import { fakeSystem, findingsOf, occurrenceOf, ownerOf } from '../support/fake-engine.ts';

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

const gapsWith = (...owners: Owner[]) =>
  gapsOf(
    findingsOf({
      system: fakeSystem(),
      located: { occurrences: [occurrenceOf({ owners })], nearMisses: 0 },
    }),
  );

test('frames that page tables and the books of frames tell apart are smear', () => {
  const smeared = ownerOf({ agreement: 'contradicted' });
  expect(gapsWith(smeared)).toEqual([expect.stringContaining('Smear: the one mapping by which')]);
  expect(gapsWith(smeared, ownerOf({ process: 1 }), ownerOf({ process: 2 }))).toEqual([
    expect.stringContaining('Smear: 1 of 3 mappings by which hits were given to processes is'),
  ]);
});
