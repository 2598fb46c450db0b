import { expect, test } from '@jest/globals';
import { holdsAt } from '../../src/attribute/literal.ts';
import type { BytePattern } from '../../src/indicator/pattern.ts';

const pattern = (text: string, ignoresCase: boolean): BytePattern => ({
  indicator: 0,
  spelling: 'text',
  encoding: 'ascii',
  bytes: Buffer.from(text),
  ignoresCase,
});

test.each<[string, boolean, number, boolean]>([
  ['abc', false, 2, true],
  ['abc', false, 1, false],
  ['ABC', false, 2, false],
  ['evil', true, 5, true],
  ['evil', false, 5, false],
  ['xyz', false, 8, false],
  ['abc', false, -1, false],
])('%s (any case: %s) at %d: %s', (text, ignoresCase, at, holds) => {
  expect(holdsAt(pattern(text, ignoresCase), Buffer.from('..abcEVIL'), at)).toBe(holds);
});
