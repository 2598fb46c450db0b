import { describe, expect, test } from '@jest/globals';
import { PRINTERS } from '../../src/report/printers.ts';
import { reportSchema } from '../../src/report/report.ts';
import { sampleHit, sampleProcess, sampleReport } from '../support/sample-report.ts';

const HOSTILE = '\u001b]0;x\u0007<script>alert(1)</script>|`=1\r\n[a](b)\u202e"';

describe('text', () => {
  test('begins with the answer, the indicator defanged', () => {
    expect(PRINTERS.text.print(sampleReport()).split('\n')[0]).toBe(
      'beacond (PID 299) is responsible for 35[.]178[.]122[.]152 (93/100).',
    );
  });

  test('fits 100 columns, even with names, paths and warnings of any length', () => {
    const long = 'a very long word and '.repeat(40);
    const text = PRINTERS.text.print(
      sampleReport({
        processes: [sampleProcess({ name: long, path: long, commandLine: 'x'.repeat(500) })],
        warnings: [long],
      }),
    );
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
  });

  test('says how many further processes there are', () => {
    const processes = Array.from({ length: 25 }, (_, index) => sampleProcess({ rank: index + 1 }));
    expect(PRINTERS.text.print(sampleReport({ processes }))).toContain('… and 5 more');
  });
});

describe('json', () => {
  test('is the report by its own schema', () => {
    const report = sampleReport();
    expect(reportSchema.parse(JSON.parse(PRINTERS.json.print(report)))).toEqual(report);
  });
});

describe('csv', () => {
  test('has a row per hit and owner, and one for a hit of nobody', () => {
    const [owner] = sampleHit().owners;
    const report = sampleReport({
      hits: [
        sampleHit({ owners: owner ? [owner, { ...owner, pid: 300 }] : [] }),
        sampleHit({ owners: [] }),
      ],
    });
    const rows = PRINTERS.csv.print(report).trimEnd().split('\r\n');
    expect(rows).toHaveLength(4);
    expect(rows[2]).toContain(',300,"beacond",');
    expect(rows[3]).toMatch(/,,,,,,$/);
  });
});

test.each(['text', 'csv', 'markdown'] as const)(
  'no control character from the image reaches the %s',
  (format) => {
    const report = sampleReport({
      processes: [
        sampleProcess({ name: HOSTILE, path: HOSTILE, commandLine: HOSTILE, parentName: HOSTILE }),
      ],
      hits: [sampleHit({ pageDetail: HOSTILE })],
      orphans: [{ pageState: 'page-cache', pageDetail: HOSTILE, hits: 1, byForm: { text: 1 } }],
      warnings: [HOSTILE],
    });
    // eslint-disable-next-line no-control-regex
    expect(PRINTERS[format].print(report)).not.toMatch(/(?![\r\n])\p{Cc}|\u202e/u);
  },
);

test('Markdown from the image stays text: no tag, no link, no cell', () => {
  const markdown = PRINTERS.markdown.print(
    sampleReport({ processes: [sampleProcess({ name: HOSTILE })] }),
  );
  const row = markdown.split('\n').find((line) => line.startsWith('| 1 |')) ?? '';
  expect(row).not.toMatch(/<script|[^\\]\[a[^\\]\]/);
  expect(row.match(/(?<!\\)\|/g)).toHaveLength(13);
});
