import { expect, test } from '@jest/globals';
import { neighbourhoods, readWhole } from '../../src/attribute/neighbourhoods.ts';
import { virtual } from '../../src/memory/address.ts';
import type { RegionKind } from '../../src/os/region.ts';
import {
  fakeEngine,
  holdingsWith,
  occurrenceOf,
  ownerOf,
  regionOf,
} from '../support/fake-engine.ts';

const around = (...hits: [address: bigint, kind: RegionKind][]) => {
  const occurrences = hits.map(([address, kind]) =>
    occurrenceOf({ owners: [ownerOf({ address: virtual(address), region: regionOf(kind) })] }),
  );
  const holdings = holdingsWith({ occurrences: occurrences.map((_, index) => index) });
  return neighbourhoods({ process: 0, holdings }, occurrences).map(({ start, end }) => [
    start,
    end,
  ]);
};

test.each<[string, [bigint, RegionKind][], bigint[][]]>([
  ['its page, where it stands in the middle', [[0x10_5800n, 'heap']], [[0x10_5000n, 0x10_6000n]]],
  [
    'a KiB before it too, near the page’s start',
    [[0x10_5100n, 'heap']],
    [[0x10_4d00n, 0x10_6000n]],
  ],
  ['a KiB behind it too, near the page’s end', [[0x10_5f00n, 'stack']], [[0x10_5000n, 0x10_630en]]],
  ['no further than its region', [[0x10_0010n, 'heap']], [[0x10_0000n, 0x10_1000n]]],
  [
    'one stretch for hits that are near',
    [
      [0x10_5800n, 'heap'],
      [0x10_6800n, 'heap'],
    ],
    [[0x10_5000n, 0x10_7000n]],
  ],
  [
    'two for distant ones',
    [
      [0x10_9800n, 'anonymous'],
      [0x10_5800n, 'heap'],
    ],
    [
      [0x10_5000n, 0x10_6000n],
      [0x10_9000n, 0x10_a000n],
    ],
  ],
  [
    'nothing in memory that it did not write',
    [
      [0x10_5800n, 'file'],
      [0x10_5800n, 'shared-memory'],
    ],
    [],
  ],
])('%s', (_, hits, stretches) => expect(around(...hits)).toEqual(stretches));

test('a page that is not there is left zero, and what follows is read', () => {
  const engine = fakeEngine({}, [
    { at: 0x10_0ffen, bytes: 'ab' },
    { at: 0x10_2000n, bytes: 'cd' },
  ]);
  const bytes = readWhole(engine, {
    space: 0,
    start: virtual(0x10_0ffen),
    end: virtual(0x10_2002n),
  });
  expect(Buffer.from(bytes).toString('latin1')).toBe(`ab${'\0'.repeat(4096)}cd`);
});
