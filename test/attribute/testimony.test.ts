import { expect, test } from '@jest/globals';
import type { Opinion } from '../../src/attribute/opinion.ts';
import { compareTestimony } from '../../src/attribute/testimony.ts';
import { noEngine } from '../../src/engine/none.ts';
import { physical, virtual } from '../../src/memory/address.ts';
import { occurrenceOf, ownerOf, processOf } from '../support/fake-engine.ts';

const VA = 0x10_0010n;
const answer: Opinion = {
  engine: {
    ...noEngine(),
    processes: [processOf({ pid: 42 }), processOf({ pid: 43, name: 'other' })],
    processesOf: (space) => [space],
    physicalOf: (_space, address) => (address > 0x50_0000n ? null : physical(0x9000)),
  },
  located: {
    occurrences: [
      occurrenceOf({
        parts: [{ address: physical(0x5010), length: 14 }],
        owners: [
          ownerOf({ process: 0, address: virtual(VA) }),
          ownerOf({ process: 1, address: virtual(VA) }),
        ],
        length: 14,
      }),
    ],
    nearMisses: 0,
  },
  spaces: 2,
};
const said = (pid: number, address: bigint) => ({ pid, address: virtual(address) });

test('a place is named where the other program finds bytes of it, or of what it stands in', () => {
  const { places, processes, placeDifferences } = compareTestimony(
    answer,
    [said(42, VA - 7n), said(42, VA), said(43, VA + 13n)],
    'is silent',
  );
  expect(places).toEqual({ both: 2, onlyAnswer: 0, onlySecond: 0 });
  expect(processes).toEqual({ both: 2, onlyAnswer: 0, onlySecond: 0 });
  expect(placeDifferences).toEqual([]);
});

test('what it does not name has the reason given; what only it names, ours', () => {
  const { places, placeDifferences } = compareTestimony(
    answer,
    [said(42, VA), said(42, VA + 14n), said(42, 0x60_0000n), said(99, 1n)],
    'is silent',
  );
  expect(places).toEqual({ both: 1, onlyAnswer: 1, onlySecond: 3 });
  expect(
    placeDifferences.map(({ pid, name, namedBy, answer: ours, second, physical: at }) => [
      pid,
      name,
      namedBy,
      namedBy === 'answer' ? second : ours,
      at,
    ]),
  ).toEqual([
    [43, 'other', 'answer', 'is silent', 0x5010],
    [42, 'beacond', 'second', expect.stringContaining('near miss'), 0x9000],
    [42, 'beacond', 'second', 'finds no page at this address', null],
    [99, '?', 'second', 'does not find the process', null],
  ]);
});
