/** docs/report.schema.json is what a reader of the JSON report can check it against, with any library. */
import { readFileSync, writeFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { expect, test } from '@jest/globals';
import * as z from 'zod';
import { reportSchema } from '../../src/report/report.ts';
import { REPORT_VERSION } from '../../src/report/report-version.ts';
import { goldenCases, goldenReport } from '../golden/golden-cases.ts';
import { fromRoot } from '../support/requires.ts';
import { sampleReport } from '../support/sample-report.ts';

const DOCUMENT = fromRoot('docs/report.schema.json');

/** Readers meet newer reports of the same shape: what they do not know, they may pass over. */
const schema = {
  ...z.toJSONSchema(reportSchema, { target: 'draft-2020-12', io: 'input' }),
  $id: `urn:ip2process:report:${REPORT_VERSION}`,
  title: `Report of ip2process, version ${REPORT_VERSION}`,
};

test('the published schema is the code’s [IP2PROCESS_UPDATE=1 writes it anew]', () => {
  if (process.env['IP2PROCESS_UPDATE'] === '1') {
    writeFileSync(DOCUMENT, `${JSON.stringify(schema, null, 2)}\n`);
  }
  expect(JSON.parse(readFileSync(DOCUMENT, 'utf8'))).toEqual(schema);
});

const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats.default(ajv);
const validate = ajv.compile(JSON.parse(readFileSync(DOCUMENT, 'utf8')));

test.each(goldenCases())('the report of %s passes it', (name) => {
  validate(JSON.parse(readFileSync(goldenReport(name), 'utf8')));
  expect(validate.errors ?? []).toEqual([]);
});

test('a report of another version does not', () => {
  expect(validate({ ...sampleReport(), version: '0.9' })).toBe(false);
});

test('nor one with a number for an address', () => {
  const [hit] = sampleReport().hits;
  expect(validate({ ...sampleReport(), hits: [{ ...hit, physicalAddress: 4096 }] })).toBe(false);
});
