import { expect, test } from '@jest/globals';
import { nextActions, pivots } from '../../../src/report/html/next-steps.ts';
import { attributeOf, elementsOf, textOf } from '../../support/parsed-page.ts';
import { sampleReport } from '../../support/sample-report.ts';

test('a command stands as it is to be typed, its button hidden until a script can work it', () => {
  const command = `ip2process 10.0.0.1 --image 'a b.lime'`;
  const page = String(nextActions(sampleReport({ nextActions: [{ title: 'Again', command }] })));
  const [code] = elementsOf(page).filter(({ tagName }) => tagName === 'pre');
  expect(code && textOf(code)).toBe(command);
  const [button] = elementsOf(page).filter(({ tagName }) => tagName === 'button');
  expect(button && attributeOf(button, 'hidden')).toBe('');
});

test('a pivot is told defanged, with where it stood and the first processes', () => {
  const pids = Array.from({ length: 12 }, (_, pid) => pid);
  const page = pivots(
    sampleReport({
      pivots: [{ kind: 'url', text: 'http://c2.example/a', hits: 4, pids, source: 'Host header' }],
    }),
  );
  expect(textOf(String(page)).replace(/\s+/g, ' ')).toMatch(
    /hxxp:\/\/c2\[\.]example\/a.*url.*Host header.*4.*0, 1, 2, 3, 4, 5, 6, 7 and 4 others/,
  );
});
