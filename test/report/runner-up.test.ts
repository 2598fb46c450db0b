import { expect, test } from '@jest/globals';
import { runnerUpOf } from '../../src/report/runner-up.ts';

const process = (pid: number, score: number) => ({ pid, name: `p${pid}`, score });

test('the second process, and how far behind it is', () => {
  expect(runnerUpOf([process(1, 80), process(2, 55), process(3, 54)])).toEqual({
    pid: 2,
    name: 'p2',
    score: 55,
    margin: 25,
  });
});

test('of one or none there is no second', () => {
  expect(runnerUpOf([])).toBeNull();
  expect(runnerUpOf([process(1, 80)])).toBeNull();
});
