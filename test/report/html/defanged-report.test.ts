import { expect, test } from '@jest/globals';
import { defangedReport } from '../../../src/report/html/defanged-report.ts';
import { eventfulReport } from '../../support/eventful-report.ts';

test('what is told changes in all prose and names, evidence and commands not at all', () => {
  const report = eventfulReport({
    nextActions: [{ title: 'see 35.178.122.152', command: 'ip2process 35.178.122.152' }],
  });
  const told = defangedReport(report, (text) => text.replaceAll('.', '[.]'));
  expect(told.nextActions).toEqual([
    { title: 'see 35[.]178[.]122[.]152', command: 'ip2process 35.178.122.152' },
  ]);
  expect(told.answer.headline).toContain('35[.]178[.]122[.]152');
  expect(told.processes.map(({ cards }) => cards.map(({ text, bytes }) => [text, bytes]))).toEqual(
    report.processes.map(({ cards }) => cards.map(({ text, bytes }) => [text, bytes])),
  );
  expect(defangedReport(report, (text) => text)).toEqual(report);
});
