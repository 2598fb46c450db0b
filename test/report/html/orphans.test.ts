import { expect, test } from '@jest/globals';
import { orphans } from '../../../src/report/html/orphans.ts';
import { textOf } from '../../support/parsed-page.ts';
import { sampleReport } from '../../support/sample-report.ts';

const group = (pageState: string, pageDetail: string | null) => ({
  pageState,
  pageDetail,
  hits: 3,
  byForm: { text: 3 },
});

test('every page state says what it can mean, and one that is not known says so', () => {
  const groups = [group('free', null), group('page-cache', '/var/log/a'), group('toString', null)];
  expect(textOf(String(orphans(sampleReport({ orphans: groups })))).replace(/\s+/g, ' ')).toMatch(
    /free.*names no owner.*page-cache.*has read or written.*\/var\/log\/a.*toString.*not known/,
  );
});
