import { describe, expect, test } from '@jest/globals';
import { PRINTERS } from '../../src/report/printers.ts';
import { differenceGroups, opinionLines } from '../../src/report/second-opinion-lines.ts';
import type { SecondOpinionPart } from '../../src/report/second-opinion-part.ts';
import { sampleReport } from '../support/sample-report.ts';

const HOSTILE = '\u001b]0;x\u0007<script>alert(1)</script>|`=1\r\n[a](b)\u202e"';
const place = (pid: number, at: number) => ({
  physicalAddress: `0x${(at + 0x5000).toString(16)}`,
  pid,
  name: 'pointed.exe',
  virtualAddress: `0x${at.toString(16)}`,
  namedBy: 'answer' as const,
  answer: 'the page is shared',
  second: 'follows no prototype entries of sections',
});
const PART: SecondOpinionPart = {
  engine: 'volatility3',
  version: '2.28.2',
  way: 'plugin',
  state: 'answered',
  reason: null,
  places: { both: 16, onlyAnswer: 3, onlySecond: 0 },
  processes: { both: 30, onlyAnswer: 0, onlySecond: 1 },
  placeDifferences: [place(2308, 0x10), place(2308, 0x20), place(2312, 0x10)],
  processDifferences: [
    {
      pid: 9,
      name: 'ghost.exe',
      namedBy: 'second',
      answer: 'does not find it',
      second: 'found it beside the list of processes',
    },
  ],
  warnings: ['Volatility could not finish its scan for sockets'],
};

test('places of one process with the same reasons are told together', () => {
  expect(differenceGroups(PART).map(({ who, what }) => `${who}: ${what}`)).toEqual([
    'pointed.exe (PID 2308): 2 places that only ip2process names, the first 0x10 (physical 0x5010)',
    'pointed.exe (PID 2312): 1 place that only ip2process names, at 0x10 (physical 0x5010)',
    'ghost.exe (PID 9): a process that only Volatility 3 names',
  ]);
  expect(differenceGroups(PART)[0]?.reasons).toEqual([
    ['ip2process', 'the page is shared'],
    ['Volatility 3', 'follows no prototype entries of sections'],
  ]);
  expect(opinionLines(PART).length).toBe(2);
});

describe.each(['text', 'markdown', 'html'] as const)('%s', (format) => {
  const printed = PRINTERS[format].print(sampleReport({ secondOpinion: PART }));

  test('tells agreement, and each difference with both reasons', () => {
    const words = printed.replace(/\s+/g, ' ').replaceAll('\\', '');
    for (const said of [
      '2.28.2',
      'agrees on 16 of 19 places',
      'pointed.exe (PID 2308)',
      'follows no prototype entries of sections',
      'found it beside the list of processes',
    ]) {
      expect(words).toContain(said);
    }
  });

  test('says nothing where nobody was asked', () => {
    expect(PRINTERS[format].print(sampleReport())).not.toMatch(/second opinion/i);
  });

  test('gives what the image names no power', () => {
    const hostile = PRINTERS[format].print(
      sampleReport({
        secondOpinion: { ...PART, placeDifferences: [{ ...place(7, 1), name: HOSTILE }] },
      }),
    );
    // eslint-disable-next-line no-control-regex
    expect(hostile).not.toMatch(/(?![\r\n])\p{Cc}|\u202e/u);
    if (format !== 'text') expect(hostile).not.toContain('<script>alert(1)');
  });
});

test('many differences are cut, and the cut is told', () => {
  const placeDifferences = Array.from({ length: 70 }, (_, pid) => place(pid, 0x10));
  const report = sampleReport({ secondOpinion: { ...PART, placeDifferences } });
  expect(PRINTERS.text.print(report)).toContain('… and 51 more (see the JSON report)');
  expect(PRINTERS.html.print(report)).toContain('… and 11 more in the JSON report');
});
