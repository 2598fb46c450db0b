import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Beginnings } from '../../src/attribute/beginnings.ts';
import { holdsAt } from '../../src/attribute/literal.ts';
import { parseIndicator } from '../../src/indicator/parse-indicator.ts';
import { patternsOf } from '../../src/indicator/patterns.ts';

const PATTERNS = patternsOf(
  ['35.178.122.152', '35.178.122.15', 'c2.invalid', 'http://c2.invalid/gate'].map((text) =>
    parseIndicator(text),
  ),
);
const beginnings = new Beginnings(PATTERNS);

/** Numbers of all patterns that stand at a place, and the same among those that may. */
function both(bytes: Uint8Array, at: number): readonly [number[], number[]] {
  const holds = (number: number): boolean => {
    const pattern = PATTERNS[number];
    return pattern !== undefined && holdsAt(pattern, bytes, at);
  };
  return [[...PATTERNS.keys()].filter(holds), beginnings.at(bytes, at).filter(holds)];
}

test('no pattern that stands somewhere is left out, and the order is theirs', () => {
  const anyPattern = fc.constantFrom(...PATTERNS.keys());
  fc.assert(
    fc.property(
      anyPattern,
      fc.uint8Array({ maxLength: 8 }),
      fc.boolean(),
      (number, more, isLoud) => {
        const pattern = PATTERNS[number];
        const text = Buffer.from(pattern?.bytes ?? []);
        const spelt =
          isLoud && pattern?.ignoresCase === true
            ? Buffer.from(text.toString('latin1').toUpperCase(), 'latin1')
            : text;
        const bytes = Buffer.concat([more, spelt, more]);
        const [standing, offered] = both(bytes, more.length);
        expect(standing).toContain(number);
        expect(offered).toEqual(standing);
        expect(beginnings.next(bytes, more.length, bytes.length)).toBe(more.length);
      },
    ),
  );
});

test('where no pattern begins the next place is the end', () => {
  const bytes = new Uint8Array(64).fill(0xee);
  expect(beginnings.next(bytes, 0, 50)).toBe(50);
  expect(beginnings.at(bytes, 0)).toEqual([]);
});
