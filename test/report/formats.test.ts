import { expect, test } from '@jest/globals';
import { FORMATS, isFormat } from '../../src/report/formats.ts';
import { PRINTERS } from '../../src/report/printers.ts';

test('every format has an ending of its own', () => {
  const endings = Object.values(FORMATS).map(({ extension }) => extension);
  expect(new Set(endings).size).toBe(endings.length);
});

test.each(Object.keys(FORMATS).filter(isFormat))(
  '%s is printed as by all printers at once',
  async (format) => {
    const print = await FORMATS[format].printer();
    expect(print).toBe(PRINTERS[format].print);
  },
);
