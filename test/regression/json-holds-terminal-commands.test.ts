import { expect, test } from '@jest/globals';
import { printJson } from '../../src/report/print-json.ts';
import { sampleProcess, sampleReport } from '../support/sample-report.ts';

/** Found by the fuzzer: JSON.stringify() leaves DEL, C1 controls and marks of direction as they are, and JSON goes to terminals too. */
test('JSON on a terminal gives it no command, and means the same', () => {
  const name = 'a\u007f\u009b31m\u202e\u001b[0m\n\u2028';
  const report = sampleReport({ processes: [sampleProcess({ name })] });
  const json = printJson(report);
  expect(json).not.toMatch(/(?!\n)\p{Cc}|[\u2028\u202e]/u);
  expect(JSON.parse(json)).toEqual(report);
});
