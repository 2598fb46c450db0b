import { describe, expect, test } from '@jest/globals';
import { printText } from '../../src/report/print-text.ts';
import { sampleProcess, sampleReport } from '../support/sample-report.ts';

describe('text', () => {
  test('begins with the answer, the indicator defanged', () => {
    expect(printText(sampleReport()).split('\n')[0]).toBe(
      'beacond (PID 299) is responsible for 35[.]178[.]122[.]152 (93/100).',
    );
  });

  test('fits 100 columns, even with names, paths and warnings of any length', () => {
    const long = 'a very long word and '.repeat(40);
    const text = printText(
      sampleReport({
        processes: [sampleProcess({ name: long, path: long, commandLine: 'x'.repeat(500) })],
        warnings: [long],
      }),
    );
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
  });

  test('says how many further processes there are', () => {
    const processes = Array.from({ length: 25 }, (_, index) => sampleProcess({ rank: index + 1 }));
    expect(printText(sampleReport({ processes }))).toContain('… and 5 more');
  });

  test('pivots and hosts to try are defanged, next actions can be copied', () => {
    const shown = printText(
      sampleReport({
        answer: { ...sampleReport().answer, hostsToTry: ['news.example'] },
        pivots: [{ kind: 'domain', text: 'c2.example', hits: 1, pids: [299], source: 'URL' }],
      }),
    );
    expect(shown).toContain('  c2[.]example: URL, PID 299');
    expect(shown).toContain('Processes asked the proxy for: news[.]example');
    expect(shown).toContain('\n    ip2process 35.178.122.152 --image memory.lime\n');
  });
});
