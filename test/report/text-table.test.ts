import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { table } from '../../src/report/text-table.ts';

test('columns are as wide as their widest cell, numbers flush right', () => {
  expect(
    table(
      ['PID', 'NAME'],
      [
        ['7', 'init'],
        ['1234', 'sh'],
      ],
      80,
      new Set([0]),
    ),
  ).toEqual([' PID  NAME', '   7  init', '1234  sh']);
});

test('no line is wider than asked, whatever the cells', () => {
  const row = fc.tuple(fc.string({ maxLength: 300 }), fc.string({ maxLength: 300 }));
  fc.assert(
    fc.property(fc.array(row), (rows) => {
      for (const line of table(['A', 'B'], rows, 100)) expect(line.length).toBeLessThanOrEqual(100);
    }),
  );
});

test('the widest column gives way and says so', () => {
  expect(table(['A', 'B'], [['short', 'x'.repeat(40)]], 20)[1]).toBe(`short  ${'x'.repeat(12)}…`);
});
