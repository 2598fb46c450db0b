import { expect, test } from '@jest/globals';
import { agreementLines, agreementsOf } from '../../src/report/agreements.ts';
import { occurrenceOf, ownerOf } from '../support/fake-engine.ts';

test('each mapping of each hit is counted', () => {
  const owners = [ownerOf({ agreement: 'confirmed' }), ownerOf({ agreement: 'unchecked' })];
  expect(
    agreementsOf([
      occurrenceOf({ owners }),
      occurrenceOf({ owners: [ownerOf({ agreement: 'contradicted' })] }),
      occurrenceOf({ owners: [] }),
    ]),
  ).toEqual({ confirmed: 1, contradicted: 1, unchecked: 1 });
});

test.each([
  [{ confirmed: 0, contradicted: 0, unchecked: 5 }, []],
  [
    { confirmed: 36, contradicted: 0, unchecked: 0 },
    [expect.stringMatching(/: 36 of 36 confirmed both ways$/)],
  ],
  [
    { confirmed: 3, contradicted: 2, unchecked: 1 },
    [expect.stringMatching(/: 3 of 6 confirmed both ways, 2 contradicted \(smear\), 1 not check/)],
  ],
])('%j is told in one line, or not at all', (mappings, lines) => {
  expect(agreementLines({ mappings })).toEqual(lines);
});
