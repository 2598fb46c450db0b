import { expect, test } from '@jest/globals';
import { printJson } from '../../src/report/print-json.ts';
import { reportSchema } from '../../src/report/report.ts';
import { sampleReport } from '../support/sample-report.ts';

test('JSON is the report by its own schema', () => {
  const report = sampleReport();
  expect(reportSchema.parse(JSON.parse(printJson(report)))).toEqual(report);
});
