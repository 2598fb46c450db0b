import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ANY_UPPER, halfSetOf } from '../../src/scan/byte-model.ts';
import {
  SET_BYTES,
  type Window,
  windowAt,
  windowFilter,
  windowShare,
} from '../../src/scan/window-filter.ts';

const text = (shown: string): Window =>
  windowAt({ bytes: Uint8Array.from(Buffer.from(shown, 'latin1')), ignoresCase: false }, 0);

/** What a core does with the tables, for one place. */
function passes(tables: Uint8Array, [a = 0, b = 0, c = 0, d = 0]: readonly number[]): boolean {
  const halves = [a & 15, a >> 4, b & 15, b >> 4, c & 15, d & 15];
  return Array.from({ length: tables.length / SET_BYTES }).some(
    (_, set) =>
      halves.reduce(
        (buckets, half, table) => buckets & (tables[SET_BYTES * set + 16 * table + half] ?? 0),
        255,
      ) !== 0,
  );
}

const windowOf = ([first, second, third, fourth]: readonly (readonly number[])[]): Window => ({
  first: halfSetOf(first ?? []),
  second: halfSetOf(second ?? []),
  third: halfSetOf(third ?? []) | ANY_UPPER,
  fourth: halfSetOf(fourth ?? []) | ANY_UPPER,
});

const place = fc.oneof(
  fc.nat(255).map((byte) => [byte]),
  fc.constantFrom([0x61, 0x41], [...Array(256).keys()]),
);

test.each([1, 2, 3])('lets all through that any window holds, by %d sets', (mostSets) => {
  const windows = fc.array(fc.tuple(place, place, place, place), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(windows, fc.nat(), (all, choice) => {
      const { tables } = windowFilter(all.map(windowOf), mostSets);
      expect(tables.length).toBeLessThanOrEqual(mostSets * SET_BYTES);
      for (const window of all) {
        const bytes = window.map((some) => some[choice % some.length] ?? 0);
        expect(passes(tables, bytes)).toBe(true);
      }
    }),
    { numRuns: 60 },
  );
});

test.each([1, 3])('tells few windows from nearly all else, by %d sets', (mostSets) => {
  const windows = ['35.1', '5.17', '://0', 'TcpE', 'swap'].map(text);
  const { tables, share } = windowFilter(windows, mostSets);
  expect(share).toBeLessThan(0.001);
  for (const other of ['30.1', 'TcpL', 'swaq', '\0\0\0\0']) {
    expect(passes(tables, [...Buffer.from(other, 'latin1')])).toBe(false);
  }
});

const random = (index: number): Window =>
  windowAt(
    {
      bytes: Uint8Array.of(0, 8, 16, 24).map((shift) => Math.imul(index, 0x9e3779b1) >>> shift),
      ignoresCase: false,
    },
    0,
  );

const setsOf = (windows: readonly Window[]): number =>
  windowFilter(windows, 3).tables.length / SET_BYTES;

test('takes more sets only where they keep much away', () => {
  const many = Array.from({ length: 200 }, (_, index) => random(index + 1));
  expect(setsOf(many.slice(0, 8))).toBe(1);
  expect(setsOf(many)).toBeGreaterThan(1);
  expect(windowFilter(many, 3).share).toBeLessThan(windowFilter(many, 1).share / 4);
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
