import { expect, test } from '@jest/globals';
import { timingsText } from '../../src/cli/timings.ts';

test('phases in the order of the run, and what the threads of the scan did', () => {
  const text = timingsText(
    { open: 2, scan: 500, system: 40.26 },
    { read: 300, match: 550, pages: 9 },
  );
  expect(text.split('\n').map((line) => line.slice(0, 23))).toEqual([
    'open             2.0 ms',
    'scan           500.0 ms',
    '  read         300.0 ms',
    '  match        550.0 ms',
    '  pages          9.0 ms',
    'system          40.3 ms',
    '',
  ]);
});

test('a phase that nobody described is told by its name', () => {
  expect(timingsText({ guess: 1 }, null)).toBe('guess            1.0 ms\n');
});
