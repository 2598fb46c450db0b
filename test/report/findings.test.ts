import { expect, test } from '@jest/globals';
import { isReal } from '../../src/report/findings.ts';
import { occurrenceOf } from '../support/fake-engine.ts';

test('a phantom is not real, everything else is', () => {
  expect(isReal(occurrenceOf({ flags: ['phantom'] }))).toBe(false);
  expect(isReal(occurrenceOf({ flags: ['straddles-frames', 'contradicted'] }))).toBe(true);
});
