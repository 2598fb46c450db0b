import { expect, test } from '@jest/globals';
import { joined, trustIn, type Agreement } from '../../src/os/agreement.ts';

const yes: Agreement = 'confirmed';
const no: Agreement = 'contradicted';
const unknown: Agreement = 'unchecked';

test.each<[string, Agreement[][], string]>([
  ['every page passes', [[yes, yes], [yes]], 'trusted'],
  [
    'some pages of each are smeared',
    [
      [yes, yes, no],
      [yes, yes, no],
    ],
    'trusted',
  ],
  ['one process of three is smeared throughout', [[yes], [yes], [no, no, no]], 'trusted'],
  ['what cannot be checked has no vote', [[yes, unknown, unknown], [unknown]], 'trusted'],
  ['most processes do not pass', [[yes], [no, no], [no]], 'refused'],
  ['as many pass as do not', [[yes], [no]], 'refused'],
  [
    'half of the pages of each pass',
    [
      [yes, no],
      [yes, no],
    ],
    'refused',
  ],
  ['nothing could be checked', [[unknown], []], 'no-sample'],
])('a check where %s', (_, samples, trust) => {
  expect(trustIn(samples)).toBe(trust);
});

test.each<[string, Agreement[], string]>([
  ['all pages are confirmed', [yes, yes], 'confirmed'],
  ['one is contradicted', [yes, no, unknown], 'contradicted'],
  ['one cannot be checked', [yes, unknown], 'unchecked'],
  ['it lies in no page', [], 'unchecked'],
])('a text of which %s', (_, parts, whole) => {
  expect(joined(parts)).toBe(whole);
});
