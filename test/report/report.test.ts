import { expect, test } from '@jest/globals';
import { reportSchema } from '../../src/report/report.ts';
import { sampleProcess, sampleReport } from '../support/sample-report.ts';

test('a whole report is one by the schema', () => {
  expect(reportSchema.safeParse(sampleReport()).error).toBeUndefined();
});

test.each([
  ['an address that is a number', { holes: [{ start: 1, end: '0x2' }] }],
  ['a negative count', { processes: -1 }],
])('%s is refused', (_, coverage) => {
  const report = sampleReport();
  const changed = { ...report, coverage: { ...report.coverage, ...coverage } };
  expect(reportSchema.safeParse(changed).success).toBe(false);
});

test('a verdict for a process is none of a whole report', () => {
  const changed = { ...sampleReport(), processes: [{ ...sampleProcess(), verdict: 'not-found' }] };
  expect(reportSchema.safeParse(changed).success).toBe(false);
});

const withBytes = (bytes: string) =>
  sampleReport({
    processes: [
      sampleProcess({ cards: sampleProcess().cards.map((card) => ({ ...card, bytes })) }),
    ],
  });

test('bytes of a card may be hidden, and nothing else', () => {
  expect(reportSchema.safeParse(withBytes('41**42')).success).toBe(true);
  expect(reportSchema.safeParse(withBytes('41*x')).success).toBe(false);
});
