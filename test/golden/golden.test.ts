import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { reportSchema } from '../../src/report/report.ts';
import { goldenCases, goldenReport, runCase } from './golden-cases.ts';

test.each(goldenCases())(
  '%s is told as it was (npm run golden -- --update, then read the diff)',
  async (name) => {
    const golden = reportSchema.parse(JSON.parse(readFileSync(goldenReport(name), 'utf8')));
    expect(await runCase(name)).toEqual(golden);
  },
);
