import { expect, test } from '@jest/globals';
import {
  BYTES,
  charBefore,
  charFrom,
  type Coding,
  ESCAPES,
  OUTSIDE,
  spanBefore,
  spanFrom,
  UNITS,
} from '../../src/indicator/coded-text.ts';

test.each<[string, Coding, number, number, number]>([
  ['a', BYTES, 0, 0x61, 1],
  ['', BYTES, 0, OUTSIDE, 1],
  ['a\0b\0', UNITS, 0, 0x61, 2],
  ['\x1e\x20', UNITS, 0, 0x201e, 2],
  ['a\0b', UNITS, 2, OUTSIDE, 2],
  ['%2F', ESCAPES, 0, 0x2f, 3],
  ['%2f', ESCAPES, 0, 0x2f, 3],
  ['%2g', ESCAPES, 0, 0x25, 1],
  ['%g', ESCAPES, 0, 0x25, 1],
  ['%2', ESCAPES, 0, OUTSIDE, 1],
  ['%', ESCAPES, 0, OUTSIDE, 1],
  ['a', ESCAPES, -1, OUTSIDE, 1],
])('from the front, %j in coding %d at %d holds %d in %d bytes', (text, coding, at, char, span) => {
  const window = Buffer.from(text, 'latin1');
  expect(charFrom(window, at, coding)).toBe(char);
  expect(spanFrom(window, at, coding)).toBe(span);
});

test.each<[string, Coding, number, number]>([
  ['a', BYTES, 0x61, 1],
  ['', BYTES, OUTSIDE, 1],
  ['a\0b\0', UNITS, 0x62, 2],
  ['\0', UNITS, OUTSIDE, 2],
  ['%2F', ESCAPES, 0x2f, 3],
  ['x2F', ESCAPES, 0x46, 1],
  ['xF', ESCAPES, 0x46, 1],
  ['2F', ESCAPES, OUTSIDE, 1],
  ['F', ESCAPES, OUTSIDE, 1],
  ['x', ESCAPES, 0x78, 1],
])('from the back, %j in coding %d holds %d in %d bytes', (text, coding, char, span) => {
  const window = Buffer.from(text, 'latin1');
  expect(charBefore(window, window.length, coding)).toBe(char);
  expect(spanBefore(window, window.length, coding)).toBe(span);
});
