import { describe, expect, test } from '@jest/globals';
import type { Opinion } from '../../src/attribute/opinion.ts';
import { compareOpinions } from '../../src/attribute/second-opinion.ts';
import type { Owner } from '../../src/attribute/occurrence.ts';
import { noEngine } from '../../src/engine/none.ts';
import { physical, virtual } from '../../src/memory/address.ts';
import type { Process } from '../../src/os/process.ts';
import { occurrenceOf, ownerOf, processOf } from '../support/fake-engine.ts';

const AT = physical(0x5010);
const VA = virtual(0x10_0010n);

interface Said {
  readonly processes?: readonly Process[];
  readonly owners?: readonly Partial<Owner>[];
  /** Where each process' space has the address. */
  readonly maps?: number | null;
}

/** Each process has a space of its own, by its place in the list, unless it has ended. */
function opinion({ processes = [processOf()], owners = [], maps = AT }: Said): Opinion {
  return {
    engine: {
      ...noEngine(),
      processes,
      processesOf: (space) => (processes[space]?.state === 'alive' ? [space] : []),
      physicalOf: () => (maps === null ? null : physical(maps)),
    },
    located: {
      occurrences: [
        occurrenceOf({
          parts: [{ address: AT, length: 14 }],
          owners: owners.map((owner) => ownerOf({ address: VA, ...owner })),
        }),
      ],
      nearMisses: 0,
    },
    spaces: processes.length,
  };
}

test('what both name is counted once', () => {
  const one = opinion({ owners: [{}] });
  expect(compareOpinions(one, one)).toEqual({
    places: { both: 1, onlyAnswer: 0, onlySecond: 0 },
    processes: { both: 1, onlyAnswer: 0, onlySecond: 0 },
    placeDifferences: [],
    processDifferences: [],
  });
});

describe('a place that only one names has both sides’ reasons', () => {
  test.each<[string, Partial<Owner>, Said, string, string]>([
    [
      'prototype',
      { state: 'prototype' },
      { maps: null },
      'prototype entry',
      'no prototype entries',
    ],
    ['PROT_NONE', { state: 'protected' }, { maps: null }, 'PROT_NONE', 'not present'],
    ['transition', { state: 'transition' }, { maps: null }, 'in transition', 'in transition'],
    ['no page', {}, { maps: null }, 'the page table maps', 'finds no page at this address'],
    ['another frame', {}, { maps: 0x9010 }, 'the page table maps', 'to physical 0x9010'],
    ['another text', {}, {}, 'the page table maps', 'reads another text'],
    ['no process', {}, { processes: [] }, 'the page table maps', 'does not find the process'],
    [
      'an ended process',
      {},
      { processes: [processOf({ state: 'exited' })] },
      'the page table maps',
      'counts the process as ended',
    ],
    [
      'another name',
      {},
      { processes: [processOf({ name: 'other' })] },
      'the page table maps',
      'calls the process other',
    ],
  ])('%s', (_name, owner, said, named, unnamed) => {
    const [difference] = compareOpinions(
      opinion({ owners: [owner] }),
      opinion(said),
    ).placeDifferences;
    expect(difference).toMatchObject({ namedBy: 'answer', physical: AT, address: VA, pid: 42 });
    expect(difference?.answer).toContain(named);
    expect(difference?.second).toContain(unnamed);
    const [mirrored] = compareOpinions(
      opinion(said),
      opinion({ owners: [owner] }),
    ).placeDifferences;
    expect(mirrored).toMatchObject({
      namedBy: 'second',
      answer: difference?.second,
      second: difference?.answer,
    });
  });
});

test('processes of one side are told with how it knows them; Idle is none', () => {
  const { processes, processDifferences } = compareOpinions(
    opinion({
      processes: [
        processOf({ pid: 0, name: 'Idle' }),
        processOf({ pid: 7, state: 'exited' }),
        processOf({ pid: -1 }),
      ],
    }),
    opinion({ processes: [processOf({ pid: 9, isHidden: true })] }),
  );
  expect(processes).toEqual({ both: 0, onlyAnswer: 2, onlySecond: 1 });
  expect(processDifferences.map(({ pid, answer, second }) => [pid, answer, second])).toEqual([
    [7, 'found the object of a process that has ended', 'does not find it'],
    [-1, 'found page tables without a process', 'does not find it'],
    [9, 'does not find it', 'found it beside the list of processes'],
  ]);
});
