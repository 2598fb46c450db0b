import fc from 'fast-check';
import { parseIndicator } from '../../src/indicator/parse-indicator.ts';
import { patternsOf } from '../../src/indicator/patterns.ts';
import { SYSTEM_ANCHORS } from '../../src/os/system-marks.ts';
import type { Literal } from '../../src/scan/literal.ts';
import { literalsOf, soughtBy } from '../../src/scan/scan-task.ts';

/** What a scan for these indicators looks for. */
export const soughtFor = (texts: readonly string[]): readonly Literal[] =>
  soughtBy({
    literals: literalsOf(patternsOf(texts.map(parseIndicator))),
    anchors: SYSTEM_ANCHORS,
  });

/** Few different bytes, so that literals overlap, contain each other and occur by chance; zeros and both cases too. */
const byte = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(0, 0x2e, 0x30, 0x31, 0x33, 0x61, 0x62) },
  { weight: 1, arbitrary: fc.nat(255) },
);
const smallByte = byte.map((value) => (value >= 0x41 && value <= 0x5a ? value + 0x20 : value));

export const literal: fc.Arbitrary<Literal> = fc.record({
  bytes: fc
    .oneof(
      { weight: 8, arbitrary: fc.array(smallByte, { minLength: 1, maxLength: 20 }) },
      { weight: 1, arbitrary: fc.array(smallByte, { minLength: 60, maxLength: 200 }) },
    )
    .map((bytes) => Uint8Array.from(bytes)),
  ignoresCase: fc.boolean(),
});

/** Literals and a text of `length` bytes with some of them planted, in either case where that is allowed. */
export const planted = (
  length: number,
  edges: readonly number[] = [],
): fc.Arbitrary<{ literals: Literal[]; text: Uint8Array }> =>
  fc
    .record({
      literals: fc.array(literal, { minLength: 1, maxLength: 12 }),
      // Thousands of bytes: to shrink them takes minutes and tells nothing.
      noise: fc.noShrink(fc.array(byte, { minLength: length, maxLength: length, size: 'max' })),
      isMostlyZero: fc.boolean(),
      places: fc.array(
        fc.record({
          literal: fc.nat(),
          at: fc.oneof(
            fc.integer({ min: -10, max: length }),
            ...edges.map((edge) => fc.integer({ min: edge - 24, max: edge + 2 })),
          ),
          inCapitals: fc.boolean(),
        }),
        { maxLength: 20 },
      ),
    })
    .map(({ literals, noise, isMostlyZero, places }) => {
      const text = isMostlyZero ? new Uint8Array(length) : Uint8Array.from(noise);
      for (const { literal: number, at, inCapitals } of places) {
        const chosen = literals[number % literals.length];
        for (const [index, value] of (chosen?.bytes ?? []).entries()) {
          const isSmall = value >= 0x61 && value <= 0x7a;
          const shown = inCapitals && isSmall && chosen?.ignoresCase ? value - 0x20 : value;
          if (at + index >= 0 && at + index < length) text[at + index] = shown;
        }
      }
      return { literals, text };
    });
