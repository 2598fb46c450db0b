import { expect, test } from '@jest/globals';
import { treeOf } from '../../src/report/process-tree.ts';
import { attributionOf, fakeEngine, findingsOf, processOf } from '../support/fake-engine.ts';

const tree = (pairs: [pid: number, parent: number | null][], involved: number) =>
  treeOf(
    findingsOf({
      engine: fakeEngine({
        processes: pairs.map(([pid, parentPid]) => processOf({ pid, parentPid })),
      }),
      attributions: [attributionOf({ process: involved })],
    }),
  ).map(({ pid, verdict }) => [pid, verdict]);

test('the involved process and its ancestors are told, others are not', () => {
  expect(
    tree(
      [
        [1, 0],
        [2, 0],
        [3, 1],
        [4, 3],
        [5, 3],
      ],
      3,
    ),
  ).toEqual([
    [1, null],
    [3, null],
    [4, 'possible'],
  ]);
});

test('a process without a known parent is no child of one without a known number', () => {
  expect(
    tree(
      [
        [1, null],
        [-1, null],
      ],
      0,
    ),
  ).toEqual([[1, 'possible']]);
});

test('a loop of parents ends', () => {
  expect(
    tree(
      [
        [1, 2],
        [2, 1],
      ],
      0,
    ),
  ).toEqual([
    [1, 'possible'],
    [2, null],
  ]);
});

test('a chain of parents is followed to a bound', () => {
  const chain = Array.from({ length: 200 }, (_, index): [number, number] => [index, index - 1]);
  expect(tree(chain, 199)).toHaveLength(64);
});
