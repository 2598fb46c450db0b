import { expect, test } from '@jest/globals';
import { namedPlaces, type Opinion, spaceOf, whyNamed } from '../../src/attribute/opinion.ts';
import { noEngine } from '../../src/engine/none.ts';
import { physical } from '../../src/memory/address.ts';
import { occurrenceOf, ownerOf, processOf } from '../support/fake-engine.ts';

const [lost, one, two] = [9, 0, 1].map((process) => ownerOf({ process }));
const opinion: Opinion = {
  engine: {
    ...noEngine(),
    processes: [processOf({ pid: 42 }), processOf({ pid: 43, isHidden: true })],
    processesOf: (space) => (space === 2 ? [1] : [0]),
  },
  located: {
    occurrences: [
      occurrenceOf({
        parts: [
          { address: physical(0x5010), length: 14 },
          { address: physical(0x9000), length: 2 },
        ],
        owners: [one, lost, two].filter((owner) => owner !== undefined),
      }),
      occurrenceOf({ parts: [], owners: [ownerOf({ process: 0 })] }),
    ],
    nearMisses: 0,
  },
  spaces: 3,
};

test('an engine names a place for each owner that is a process of it', () => {
  expect(namedPlaces(opinion).map(({ physical: at, process }) => [at, process.pid])).toEqual([
    [0x5010, 42],
    [0x5010, 43],
  ]);
});

test('why it names it: the entry that maps the page, and a process that is hidden', () => {
  expect(namedPlaces(opinion).map(whyNamed)).toEqual([
    expect.stringMatching(/^the page table maps the page, in memory of kind \w+$/),
    expect.stringMatching(/; the process is hidden$/),
  ]);
});

test.each([
  [42, 0],
  [43, 2],
  [44, null],
])('process %i lives in space %j', (pid, space) => {
  expect(spaceOf(opinion.engine, opinion.spaces, pid)).toBe(space);
});
