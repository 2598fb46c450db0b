import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { wrap } from '../../src/report/wrap.ts';

test.each([
  ['one two three', 8, ['- one', '  two', '  three']],
  ['onetwothree four', 8, ['- onetwo', '  three', '  four']],
  ['', 8, ['- ']],
])('%j in %d columns', (text, width, lines) => {
  expect(wrap(text, '- ', '  ', width)).toEqual(lines);
});

test('no line is wider, and no character is lost', () => {
  fc.assert(
    fc.property(fc.string(), fc.integer({ min: 5, max: 40 }), (text, width) => {
      const lines = wrap(text, '', '', width);
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(width);
      expect(lines.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''));
    }),
  );
});
