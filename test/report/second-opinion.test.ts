import { describe, expect, test } from '@jest/globals';
import { physical, virtual } from '../../src/memory/address.ts';
import { agreementIn, secondOpinionOf } from '../../src/report/second-opinion.ts';
import { secondOpinionPart } from '../../src/report/second-opinion-part.ts';

const COMMON = { engine: 'volatility3', version: '2.28.2', way: 'plugin', warnings: ['slow'] };
const difference = (pid: number) => ({
  physical: physical(0x5010),
  address: virtual(0x10_0010n),
  pid,
  name: 'beacond',
  namedBy: 'answer' as const,
  answer: 'the page table maps the page',
  second: 'finds no page at this address',
});
const PROCESSES = { both: 30, onlyAnswer: 1, onlySecond: 0 };

describe('secondOpinionOf()', () => {
  test('addresses become hex, the list stays short, the counts whole', () => {
    const part = secondOpinionOf({
      ...COMMON,
      comparison: {
        places: { both: 16, onlyAnswer: 300, onlySecond: 0 },
        processes: PROCESSES,
        placeDifferences: Array.from({ length: 300 }, (_, pid) => difference(pid)),
        processDifferences: [],
      },
    });
    expect(secondOpinionPart.parse(part)).toEqual(part);
    expect(part.placeDifferences.length).toBe(200);
    expect(part.placeDifferences[0]).toMatchObject({
      physicalAddress: '0x5010',
      virtualAddress: '0x100010',
    });
    expect(agreementIn(part)).toBe(
      'Volatility 3 agrees on 16 of 316 places of hits in processes (300 it does not name, 0 only it names), and on 30 of 31 processes.',
    );
  });

  test('no answer is told with its reason', () => {
    const part = secondOpinionOf({ ...COMMON, comparison: 'Cannot run it: not installed' });
    expect(secondOpinionPart.parse(part)).toMatchObject({ state: 'failed', warnings: ['slow'] });
    expect(agreementIn(part)).toBe('Volatility 3 gave no answer: Cannot run it: not installed.');
  });
});

test('full agreement is said short', () => {
  const part = secondOpinionOf({
    ...COMMON,
    comparison: {
      places: { both: 116, onlyAnswer: 0, onlySecond: 0 },
      processes: PROCESSES,
      placeDifferences: [],
      processDifferences: [],
    },
  });
  expect(agreementIn(part)).toContain('agrees on all 116 places');
});
