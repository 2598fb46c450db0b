import { expect, test } from '@jest/globals';
import { occurrenceTable } from '../../src/attribute/occurrence-table.ts';
import { physical, virtual } from '../../src/memory/address.ts';
import { occurrenceOf, ownerOf } from '../support/fake-engine.ts';

const at = (address: number) => [{ address: physical(address), length: 14 }];

test('the same text seen through two spaces is one, with both owners and both flags', () => {
  const table = occurrenceTable();
  table.add(occurrenceOf({ flags: ['contradicted'] }));
  table.add(occurrenceOf({ owners: [ownerOf({ process: 1 })], flags: ['straddles-frames'] }));
  const [one, ...others] = table.sorted();
  expect(others).toEqual([]);
  expect(one?.owners.map(({ process }) => process)).toEqual([0, 1]);
  expect(one?.flags).toEqual(['contradicted', 'straddles-frames']);
});

test('an owner that is seen twice is kept once, at two addresses twice', () => {
  const table = occurrenceTable();
  table.add(occurrenceOf());
  table.add(occurrenceOf());
  table.add(occurrenceOf({ owners: [ownerOf({ address: virtual(0x7000n) })] }));
  expect(table.sorted()[0]?.owners).toHaveLength(2);
});

test('texts ascend by address, then by indicator; a straddling one lies where it begins', () => {
  const table = occurrenceTable();
  table.add(occurrenceOf({ parts: at(0x9000), indicator: 1 }));
  table.add(occurrenceOf({ parts: at(0x9000) }));
  table.add(occurrenceOf({ parts: [...at(0x2ff8), ...at(0xf000)] }));
  expect(table.sorted().map(({ parts, indicator }) => [parts[0]?.address, indicator])).toEqual([
    [0x2ff8, 0],
    [0x9000, 0],
    [0x9000, 1],
  ]);
});
