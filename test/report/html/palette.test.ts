import { describe, expect, test } from '@jest/globals';
import { type Colour, colourOf, PALETTE } from '../../../src/report/html/palette.ts';

/** Relative luminance of `#rrggbb` (WCAG 2.2, "relative luminance"). */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].toSorted((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

const VERDICTS: readonly Colour[] = [
  'responsible',
  'likely',
  'possible',
  'carrier-only',
  'no-owner',
  'not-found',
];
const TEXT_ON_GROUND: readonly (readonly [Colour, Colour])[] = [
  ...(['ink', 'muted', 'link', ...VERDICTS] as const).flatMap((text) => [
    [text, 'ground'] as const,
    [text, 'sheet'] as const,
  ]),
  ['ink', 'inset'],
  ['muted', 'inset'],
  ['ink', 'mark'],
];

describe.each([
  ['light', 0],
  ['dark', 1],
] as const)('in %s', (_, column) => {
  test.each(TEXT_ON_GROUND)('%s on %s is read at a contrast of 4.5', (text, ground) => {
    expect(contrast(PALETTE[text][column], PALETTE[ground][column])).toBeGreaterThanOrEqual(4.5);
  });

  test.each(['heap', 'stack', 'anonymous', 'image', 'shared-memory', 'special'] as const)(
    'a bar of %s stands out from the sheet',
    (kind) => {
      expect(contrast(PALETTE[kind][column], PALETTE.sheet[column])).toBeGreaterThan(2.3);
    },
  );
});

test('colourOf() has one for any word', () => {
  expect([colourOf('heap'), colourOf('toString'), colourOf('')]).toEqual([
    'heap',
    'unknown',
    'unknown',
  ]);
});
