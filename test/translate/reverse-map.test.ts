import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  frame,
  frameOf,
  PAGE_BYTES,
  physical,
  virtualPageStart,
} from '../../src/memory/address.ts';
import { AddressSpace } from '../../src/translate/address-space.ts';
import { LOG_LIMITS } from '../../src/translate/leaf-log.ts';
import { FIVE_LEVEL, FOUR_LEVEL } from '../../src/translate/levels.ts';
import { linuxRules } from '../../src/translate/linux-rules.ts';
import {
  reverseMap,
  type ReverseMapOptions,
  type WalkRoot,
} from '../../src/translate/reverse-map.ts';
import { framesOf, noFrames } from '../support/frames.ts';
import { LARGE, PageTables, PROT_NONE, TABLE_BITS } from '../support/page-tables.ts';

const rules = linuxRules({ encryptionMask: 0n });
const FRAMES = 64;
const allFrames = framesOf(Array.from({ length: 2048 }, (_, n) => n));
const interestOnly = { interest: allFrames, tails: noFrames, heads: noFrames };

describe.each([FOUR_LEVEL, FIVE_LEVEL])('$name', (mode) => {
  test('translating forward what was reversed leads back, and nothing is missing', () => {
    const page = fc
      .tuple(fc.constantFrom(0n, 1n << 30n, 0xffff_8000_0000_0000n), fc.nat({ max: 1023 }))
      .map(([base, n]) => base + BigInt(n) * 4096n);
    const bits = fc.constantFrom(TABLE_BITS, PROT_NONE);
    const pages = fc.uniqueArray(fc.tuple(page, fc.nat({ max: 2047 }), bits), {
      selector: ([address]) => address,
      maxLength: 60,
    });
    fc.assert(
      fc.property(pages, (mapped) => {
        const tables = new PageTables(mode, FRAMES);
        const root = tables.root();
        for (const use of mapped) tables.map(root, ...use);
        const memory = tables.memory();
        const roots: WalkRoot[] = [
          { root, half: 'user' },
          { root, half: 'kernel' },
        ];
        const map = reverseMap(memory, roots, mode, rules, interestOnly);

        const space = new AddressSpace(memory, root, mode, rules);
        for (const use of map.mappings) {
          const forward = space.translate(virtualPageStart(use.page));
          expect(forward).not.toBeNull();
          if (forward === null) continue;
          const { physical: at, ...facts } = forward;
          expect(use).toMatchObject({ ...facts, frame: frameOf(at) });
        }
        const half = mode.addressBits === 48 ? 1n << 47n : 1n << 56n;
        // With five levels 0xffff8000… is in the kernel's half too, at another root entry.
        const expected = mapped.map(([address, at]) => [
          address < half ? 0 : 1,
          Number(address >> 12n),
          at,
        ]);
        const found = map.mappings.map(({ space: n, page: at, frame: to }) => [n, at, to]);
        expect(found).toEqual(expected.toSorted(byNumbers));
      }),
    );
  });
});

test('mappings of a frame are those of every space that maps it', () => {
  const tables = new PageTables(FOUR_LEVEL, FRAMES);
  const [one, other] = [tables.root(), tables.root()];
  tables.map(one, 0x1000n, 40, TABLE_BITS);
  tables.map(one, 0x9000n, 40, PROT_NONE);
  tables.map(other, 0x7000n, 40, TABLE_BITS);
  tables.map(other, 0x8000n, 41, TABLE_BITS);
  const map = reverse(tables, [one, other], {
    interest: framesOf([40]),
    tails: noFrames,
    heads: noFrames,
  });
  expect(map.mappingsOf(frame(40)).map(({ space, page, state }) => [space, page, state])).toEqual([
    [0, 1, 'valid'],
    [0, 9, 'protected'],
    [1, 7, 'valid'],
  ]);
  expect(map.mappingsOf(frame(41))).toEqual([]);
  expect(map.leaves).toBe(4);
});

describe('a seam is where a space joins two frames that are no neighbours', () => {
  test.each<[string, [bigint, number, bigint, string?][], [number, number, number][]]>([
    [
      'within a table',
      [
        [0x1000n, 40, TABLE_BITS],
        [0x2000n, 30, TABLE_BITS],
      ],
      [[1, 40, 30]],
    ],
    [
      'from the last page of a table to the first of the next',
      [
        [0x1f_f000n, 40, TABLE_BITS],
        [0x20_0000n, 30, TABLE_BITS],
      ],
      [[0x1ff, 40, 30]],
    ],
    [
      'from one 512 GiB to the next',
      [
        [0x7f_ffff_f000n, 40, TABLE_BITS],
        [0x80_0000_0000n, 30, PROT_NONE],
      ],
      [[0x7ff_ffff, 40, 30]],
    ],
    [
      'from a small page to a large one and on to a small one',
      [
        [0x1f_f000n, 40, TABLE_BITS],
        [0x20_0000n, 512, TABLE_BITS | LARGE, 'PD'],
        [0x40_0000n, 30, TABLE_BITS],
      ],
      [
        [0x1ff, 40, 512],
        [0x3ff, 1023, 30],
      ],
    ],
    [
      'not between neighbours',
      [
        [0x1000n, 40, TABLE_BITS],
        [0x2000n, 41, TABLE_BITS],
      ],
      [],
    ],
    [
      'not over a page that is not mapped',
      [
        [0x1000n, 40, TABLE_BITS],
        [0x3000n, 30, TABLE_BITS],
      ],
      [],
    ],
    [
      'not over the end of user memory and the start of nothing',
      [[0x7fff_ffff_f000n, 40, TABLE_BITS]],
      [],
    ],
  ])('%s', (_where, pages, expected) => {
    const tables = new PageTables(FOUR_LEVEL, FRAMES);
    const root = tables.root();
    for (const page of pages) tables.map(root, ...page);
    const map = reverse(tables, [root], { interest: noFrames, tails: allFrames, heads: allFrames });
    expect(map.seams.map(({ page, first, second }) => [page, first, second])).toEqual(expected);
    expect(map.mappings).toEqual([]);
  });

  test('only a tail before a head counts, and only within one space', () => {
    const tables = new PageTables(FOUR_LEVEL, FRAMES);
    const [one, other] = [tables.root(), tables.root()];
    tables.map(one, 0x1000n, 40, TABLE_BITS);
    tables.map(one, 0x2000n, 30, TABLE_BITS);
    tables.map(other, 0x2000n, 30, TABLE_BITS);
    tables.map(other, 0x3000n, 40, TABLE_BITS);
    const seams = (tails: number[], heads: number[]): readonly number[] =>
      reverse(tables, [one, other], {
        interest: noFrames,
        tails: framesOf(tails),
        heads: framesOf(heads),
      }).seams.map(({ space }) => space);
    expect(seams([40], [30])).toEqual([0]);
    expect(seams([30], [40])).toEqual([1]);
    expect(seams([40], [40])).toEqual([]);
  });
});

test('two neighbouring frames are in order only where a space maps them so', () => {
  const tables = new PageTables(FOUR_LEVEL, FRAMES);
  const roots = [tables.root(), tables.root(), tables.root()] as const;
  const pages = [
    [0x1000n, 0x2000n],
    [0x2000n, 0x1000n],
    [0x5000n, 0x9000n],
  ] as const;
  for (const [n, [first, second]] of pages.entries()) {
    const root = roots[n] ?? roots[0];
    tables.map(root, first, 40, TABLE_BITS);
    tables.map(root, second, 41, TABLE_BITS);
  }
  // The third maps the first frame a second time, in order this time.
  tables.map(roots[2], 0x8000n, 40, TABLE_BITS);
  const map = reverse(tables, roots, interestOnly);
  expect([0, 1, 2].map((space) => map.isMappedInOrder(space, frame(40)))).toEqual([
    true,
    false,
    true,
  ]);
});

test('a page mapped thousands of times is kept for every space, and the rest is counted', () => {
  const tables = new PageTables(FOUR_LEVEL, FRAMES);
  const roots = [tables.root(), tables.root()];
  for (const root of roots) {
    for (let n = 0n; n < 1000n; n += 1n) tables.map(root, n << 12n, 40, TABLE_BITS);
  }
  const { perFrame } = LOG_LIMITS;
  const map = reverse(tables, roots, interestOnly);
  const kept = map.mappingsOf(frame(40)).map(({ space }) => space);
  expect(kept.filter((space) => space === 1)).toHaveLength(perFrame);
  expect(map.mappings).toHaveLength(2 * perFrame);
  expect(map.dropped).toBe(2 * (1000 - perFrame));
});

test('tables that the image lacks are counted by root, the others are still answered', () => {
  const tables = new PageTables(FOUR_LEVEL, FRAMES);
  const [one, other] = [tables.root(), tables.root()];
  tables.map(one, 0x1000n, 40, TABLE_BITS);
  tables.map(other, 0x1000n, 41, TABLE_BITS);
  const map = reverseMap(
    tables.memory([one / PAGE_BYTES]),
    [one, other, physical(2 ** 45)].map((root) => ({ root, half: 'user' as const })),
    FOUR_LEVEL,
    rules,
    interestOnly,
  );
  expect(map.unreadableTables).toEqual([1, 0, 1]);
  expect(map.mappings.map(({ space }) => space)).toEqual([1]);
});

test('tells how far it is, and stops when asked to', () => {
  const tables = new PageTables(FOUR_LEVEL, FRAMES);
  const roots = [tables.root(), tables.root(), tables.root()];
  const done: number[] = [];
  reverse(tables, roots, { ...interestOnly, onProgress: (rootsDone) => done.push(rootsDone) });
  expect(done).toEqual([1, 2, 3]);

  const stop = new AbortController();
  const onProgress = (): void => stop.abort();
  expect(() =>
    reverse(tables, roots, { ...interestOnly, onProgress, signal: stop.signal }),
  ).toThrow(expect.objectContaining({ kind: 'cancelled', place: { rootsDone: 1 } }));
});

test('the seams are those that a look at every pair of pages finds, in tables or beside them', () => {
  const frames = fc.uniqueArray(fc.nat({ max: 63 }), { maxLength: 40, size: 'max' });
  const use = fc.record({
    // About the edges of tables, where neighbours are told apart.
    page: fc.constantFrom(0, 500).chain((from) => fc.nat({ max: 24 }).map((n) => from + n)),
    frame: fc.nat({ max: 63 }),
    isBeyond: fc.boolean(),
  });
  const uses = fc.uniqueArray(use, { selector: ({ page }) => page, maxLength: 50, size: 'max' });
  let seams = 0;
  fc.assert(
    fc.property(uses, frames, frames, frames, (mapped, asked, begins, ends) => {
      const tables = new PageTables(FOUR_LEVEL, FRAMES);
      const root = tables.root();
      for (const { page, frame: to, isBeyond } of mapped) {
        if (!isBeyond) tables.map(root, BigInt(page) * 4096n, to, TABLE_BITS);
      }
      const [interest, tails, heads] = [asked, begins, ends].map((list) => framesOf(list, 64));
      if (!interest || !tails || !heads) return;
      const pagesBeyond = (isWanted: (candidate: number) => boolean) =>
        mapped
          .filter(({ frame: to, isBeyond }) => isBeyond && isWanted(to))
          .map(({ page, frame: to }) => ({ page, frame: to, permissions: 0 }));
      const map = reverseMap(
        tables.memory(),
        [{ root, half: 'user', pagesBeyond }],
        FOUR_LEVEL,
        rules,
        { interest, tails, heads },
      );
      const frameAt = new Map(mapped.map(({ page, frame: to }) => [page, to]));
      const expected = [...frameAt].flatMap(([page, first]) => {
        const second = frameAt.get(page + 1);
        const isSeam =
          second !== undefined && second !== first + 1 && tails.has(first) && heads.has(second);
        return isSeam ? [[page, first, second]] : [];
      });
      const found = map.seams.map(({ page, first, second }) => [page, first, second]);
      seams += found.length;
      expect(found).toEqual(expected.toSorted(byNumbers));
      expect(map.mappings.map(({ page, frame: to }) => [page, to])).toEqual(
        [...frameAt].filter(([, to]) => interest.has(to)).toSorted(byNumbers),
      );
    }),
    { numRuns: 300 },
  );
  expect(seams).toBeGreaterThan(100);
});

function reverse(
  tables: PageTables,
  roots: readonly WalkRoot['root'][],
  options: ReverseMapOptions,
): ReturnType<typeof reverseMap> {
  const walkRoots = roots.map((root) => ({ root, half: 'user' as const }));
  return reverseMap(tables.memory(), walkRoots, FOUR_LEVEL, rules, options);
}

function byNumbers(one: readonly number[], other: readonly number[]): number {
  const differing = one.findIndex((value, n) => value !== other[n]);
  return (one[differing] ?? 0) - (other[differing] ?? 0);
}
