import { expect, test } from '@jest/globals';
import { printMarkdown } from '../../src/report/print-markdown.ts';
import { sampleProcess, sampleReport } from '../support/sample-report.ts';

const HOSTILE = '\u001b]0;x\u0007<script>alert(1)</script>|`=1\r\n[a](b)\u202e"';

test('Markdown from the image stays text: no tag, no link, no cell', () => {
  const markdown = printMarkdown(sampleReport({ processes: [sampleProcess({ name: HOSTILE })] }));
  const row = markdown.split('\n').find((line) => line.startsWith('| 1 |')) ?? '';
  expect(row).not.toMatch(/<script|[^\\]\[a[^\\]\]/);
  expect(row.match(/(?<!\\)\|/g)).toHaveLength(13);
});

test('pivots stand in a table, defanged', () => {
  const markdown = printMarkdown(
    sampleReport({
      pivots: [{ kind: 'domain', text: 'c2.example', hits: 3, pids: [299, 300], source: 'URL' }],
    }),
  );
  expect(markdown).toContain('| ` c2[.]example ` | URL | 299, 300 | 3 |');
});
