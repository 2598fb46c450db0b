import { expect, test } from '@jest/globals';
import { notInMemoryLines } from '../../src/report/not-in-memory.ts';
import { printMarkdown } from '../../src/report/print-markdown.ts';
import { printText } from '../../src/report/print-text.ts';
import { eventfulReport } from '../support/eventful-report.ts';
import { sampleReport } from '../support/sample-report.ts';

const pages = (pid: number, compressedPages: number, pagedOutPages: number) => ({
  pid,
  name: `p${pid}.exe`,
  compressedPages,
  pagedOutPages,
});

const lines = (...notInMemory: ReturnType<typeof pages>[]): string[] =>
  notInMemoryLines({ ...sampleReport().coverage, notInMemory });

test('tells size and owners, those with most first', () => {
  expect(lines(pages(1, 100, 0), pages(2, 156, 1))).toEqual([
    '256 pages (1 MiB) of p2.exe (PID 2, 156), p1.exe (PID 1, 100) are compressed in memory and were not searched',
    '1 page (4 KiB) of p2.exe (PID 2, 1) is in a paging file, which is not part of the image',
  ]);
});

test('names a few owners and counts the rest', () => {
  const [line] = lines(...Array.from({ length: 9 }, (_, index) => pages(index, 1, 0)));
  expect(line).toContain('p4.exe (PID 4, 1) and 4 more are compressed');
});

test('says nothing where nothing is missing, or nobody counted', () => {
  expect(lines()).toEqual([]);
  expect(notInMemoryLines(sampleReport().coverage)).toEqual([]);
});

const unfolded = (text: string): string => text.replaceAll(/\s+/g, ' ').replaceAll('\\', '');

test('stands in the coverage of text and Markdown', () => {
  for (const print of [printText, printMarkdown]) {
    expect(unfolded(print(eventfulReport()))).toContain(
      '5 pages (20 KiB) of reader (PID 301, 3), writer (PID 302, 2) are compressed in memory and were not searched',
    );
  }
});
