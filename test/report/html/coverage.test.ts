import { expect, test } from '@jest/globals';
import { coverage, reproduction } from '../../../src/report/html/coverage.ts';
import { textOf } from '../../support/parsed-page.ts';
import { eventfulReport } from '../../support/eventful-report.ts';
import { sampleReport } from '../../support/sample-report.ts';

const words = (page: unknown): string => textOf(String(page)).replace(/\s+/g, ' ');

test('coverage() tells what was searched, and every gap', () => {
  const text = words(coverage(eventfulReport()));
  for (const fact of [
    'searched 1 GiB of 1 GiB',
    '1 gap: 0x1000–0x2000',
    'partly missing for reader (PID 301, 2 missing)',
    '5 pages (20 KiB) of reader (PID 301, 3), writer (PID 302, 2) are compressed in memory',
    '1 page (4 KiB) of writer (PID 302, 1) is in a paging file',
    '2 texts only where unrelated pages lie side by side',
    '35[.]178[.]122[.]152: 5 further hits counted, not kept',
    'a page is damaged',
  ]) {
    expect(text).toContain(fact);
  }
});

test('reproduction() names image, hash, question, proxy and tool', () => {
  const { image } = sampleReport();
  const sha256 = 'ab'.repeat(32);
  const text = words(reproduction(sampleReport({ image: image && { ...image, sha256 } })));
  for (const fact of [
    'memory.lime',
    'lime, 1 GiB (1\u202f073\u202f741\u202f856 bytes)',
    sha256,
    '35[.]178[.]122[.]152 (ipv4)',
    '172.31.0.250:8080, given',
    'ip2process 1.2.3, engine native',
  ]) {
    expect(text).toContain(fact.replaceAll('\u202f', ' '));
  }
});
