import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Window, windowAt, windowFilter, windowShare } from '../../src/scan/window-filter.ts';

const text = (shown: string): Window =>
  windowAt({ bytes: Uint8Array.from(Buffer.from(shown, 'latin1')), ignoresCase: false }, 0);

/** What the core does with the tables, for one place. */
function passes(tables: Uint8Array, [a = 0, b = 0, c = 0, d = 0]: readonly number[]): boolean {
  const halves = [a & 15, a >> 4, b & 15, b >> 4, c & 15, d & 15];
  return (
    halves.reduce((buckets, half, table) => buckets & (tables[16 * table + half] ?? 0), 255) !== 0
  );
}

const place = fc.oneof(
  fc.nat(255).map((byte) => [byte]),
  fc.constantFrom([0x61, 0x41], [...Array(256).keys()]),
);

test('lets all through that any window holds, however many there are', () => {
  const windows = fc.array(fc.tuple(place, place, place, place), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(windows, fc.nat(), (all, choice) => {
      const { tables } = windowFilter(all);
      for (const window of all) {
        const bytes = window.map((some) => some[choice % some.length] ?? 0);
        expect(passes(tables, bytes)).toBe(true);
      }
    }),
    { numRuns: 60 },
  );
});

test('tells few windows from nearly all else', () => {
  const { tables, share } = windowFilter(['35.1', '5.17', '://0', 'TcpE', 'swap'].map(text));
  expect(share).toBeLessThan(0.001);
  for (const other of ['30.1', 'TcpL', 'swaq', '\0\0\0\0']) {
    expect(passes(tables, [...Buffer.from(other, 'latin1')])).toBe(false);
  }
});

describe('windowShare()', () => {
  test.each([
    ['swap', '\0s\0w'],
    ['52.1', 'e.st'],
    ['\xe7\x91\x03\xfe', '1\x002\x00'],
  ])('%j is rarer than %j', (rare, common) => {
    expect(windowShare(text(rare))).toBeLessThan(windowShare(text(common)));
  });

  test('zeros are what memory is full of', () => {
    expect(windowShare(text('\0\0\0\0'))).toBe(1);
  });
});
