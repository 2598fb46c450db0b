import { expect, test } from '@jest/globals';
import { otherProcesses } from '../../../src/report/html/other-processes.ts';
import { elementsOf, textOf } from '../../support/parsed-page.ts';
import { eventfulReport } from '../../support/eventful-report.ts';

const [, sleep] = eventfulReport().otherProcesses;
const quiet = { pid: 9, name: 'cron', kernelThread: false, exited: false, connectedToProxy: false };

test('those with something to tell come first; kernel threads are counted', () => {
  if (!sleep) throw new Error('the eventful report has a process that ended');
  const report = eventfulReport({
    otherProcesses: [
      { ...quiet, missingTables: 0 },
      sleep,
      { ...quiet, kernelThread: true, missingTables: 0 },
    ],
  });
  const page = String(otherProcesses(report));
  const items = elementsOf(page).filter(({ tagName }) => tagName === 'li');
  expect(items.map((one) => textOf(one).replace(/\s+/g, ' ').trim())).toEqual([
    'sleep 467 exited connected to the proxy 3 page tables missing',
    'cron 9',
  ]);
  expect(textOf(page)).toContain('and 1 kernel thread');
});
