import { expect, test } from '@jest/globals';
import { printJson } from '../../src/report/print-json.ts';
import { printStix } from '../../src/report/print-stix.ts';
import { sampleProcess, sampleReport } from '../support/sample-report.ts';

/** Found by the fuzzer: JSON.stringify() leaves DEL, C1 controls and marks of direction as they are, and JSON goes to terminals too. */
const NAME = 'a\u007f\u009b31m\u202e\u001b[0m\n\u2028';

test('JSON on a terminal gives it no command, and means the same', () => {
  const report = sampleReport({ processes: [sampleProcess({ name: NAME })] });
  const json = printJson(report);
  expect(json).not.toMatch(/(?!\n)\p{Cc}|[\u2028\u202e]/u);
  expect(JSON.parse(json)).toEqual(report);
});

/** A STIX bundle is JSON too. Found in the name of a Windows process. */
test('STIX on a terminal gives it no command, and means the same', () => {
  const system = { ...(sampleReport().system ?? never()), captureTime: '2026-11-22T10:00:00.000Z' };
  const processes = [sampleProcess({ name: NAME, commandLine: NAME })];
  const stix = printStix(sampleReport({ system, processes }));
  expect(stix).not.toMatch(/(?!\n)\p{Cc}|[\u2028\u202e]/u);
  expect(JSON.stringify(JSON.parse(stix))).toContain(JSON.stringify(NAME).slice(1, -1));
});

function never(): never {
  throw new Error('the sample report has a system');
}
