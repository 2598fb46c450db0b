import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { PAGE_BYTES, physical, virtual } from '../../src/memory/address.ts';
import { AddressSpace } from '../../src/translate/address-space.ts';
import { FIVE_LEVEL, FOUR_LEVEL } from '../../src/translate/levels.ts';
import { linuxRules } from '../../src/translate/linux-rules.ts';
import { PageCache } from '../../src/translate/page-cache.ts';
import {
  LARGE,
  NO_EXECUTE,
  PageTables,
  PRESENT,
  PROT_NONE,
  TABLE_BITS,
  USER,
  WRITE,
} from '../support/page-tables.ts';

const rules = linuxRules({ encryptionMask: 0n });
const FRAMES = 64;

describe.each([FOUR_LEVEL, FIVE_LEVEL])('$name', (mode) => {
  test('translates each page as it was mapped, and no other', () => {
    // Spread over few tables of each level, so that 64 frames hold them.
    const page = fc
      .tuple(fc.constantFrom(0n, 1n << 39n, 0xffff_8000_0000_0000n), fc.nat({ max: 1023 }))
      .map(([base, n]) => base + BigInt(n) * 4096n);
    const pages = fc.uniqueArray(fc.tuple(page, fc.nat({ max: 2 ** 40 - 1 })), {
      selector: ([address]) => address,
      maxLength: 30,
    });
    fc.assert(
      fc.property(pages, page, (mapped, other) => {
        const tables = new PageTables(mode, FRAMES);
        const root = tables.root();
        for (const [address, frame] of mapped) tables.map(root, address, frame, TABLE_BITS);
        const space = new AddressSpace(tables.memory(), root, mode, rules);
        const translate = (address: bigint): number | undefined =>
          space.translate(virtual(address))?.physical;

        for (const [address, frame] of mapped) {
          expect(translate(address + 5n)).toBe(frame * PAGE_BYTES + 5);
        }
        const expected = mapped.find(([address]) => address === other)?.[1];
        expect(translate(other)).toBe(expected === undefined ? undefined : expected * PAGE_BYTES);
      }),
    );
  });
});

test.each<[string, bigint, string, object]>([
  [
    'a 4 KiB page of data',
    TABLE_BITS | NO_EXECUTE,
    'PT',
    { pageBytes: 4096, isWritable: true, isUser: true, isExecutable: false, state: 'valid' },
  ],
  [
    'a 2 MiB page of code',
    PRESENT | USER | LARGE,
    'PD',
    { pageBytes: 2 ** 21, isWritable: false, isUser: true, isExecutable: true, state: 'valid' },
  ],
  [
    "a 1 GiB page of the kernel's",
    PRESENT | WRITE | LARGE,
    'PDPT',
    { pageBytes: 2 ** 30, isWritable: true, isUser: false, isExecutable: true, state: 'valid' },
  ],
  [
    'a PROT_NONE page',
    PROT_NONE,
    'PT',
    { pageBytes: 4096, isWritable: false, isUser: true, isExecutable: false, state: 'protected' },
  ],
])('tells what %s is', (_what, bits, level, expected) => {
  const tables = new PageTables(FOUR_LEVEL, FRAMES);
  const root = tables.root();
  tables.map(root, 0x40_0000_0000n, 0x4_0000, bits, level);
  const space = new AddressSpace(tables.memory(), root, FOUR_LEVEL, rules);
  expect(space.translate(virtual(0x40_0000_0123n))).toEqual({
    physical: 0x4000_0123,
    ...expected,
  });
});

test('an address deep in a large page is that deep in its frames', () => {
  const tables = new PageTables(FOUR_LEVEL, FRAMES);
  const root = tables.root();
  tables.map(root, 0n, 0x4_0000, TABLE_BITS | LARGE, 'PDPT');
  const space = new AddressSpace(tables.memory(), root, FOUR_LEVEL, rules);
  expect(space.translate(virtual(0x3fff_f123n))?.physical).toBe(0x4000_0000 + 0x3fff_f123);
});

test('a table that forbids writing forbids it for all pages below', () => {
  const tables = new PageTables(FOUR_LEVEL, FRAMES);
  const root = tables.root();
  tables.map(root, 0n, tables.table(), PRESENT | USER, 'PD');
  tables.map(root, 0n, 9, TABLE_BITS);
  const space = new AddressSpace(tables.memory(), root, FOUR_LEVEL, rules);
  expect(space.translate(virtual(0n))?.isWritable).toBe(false);
});

test('no translation: not canonical, not mapped, table outside the image', () => {
  const tables = new PageTables(FOUR_LEVEL, FRAMES);
  const root = tables.root();
  tables.map(root, 0n, 9, TABLE_BITS);
  tables.map(root, 0x40_0000_0000n, 1_000_000, TABLE_BITS, 'PD');
  const space = new AddressSpace(tables.memory(), root, FOUR_LEVEL, rules);
  const addresses = [0x1_0000_0000_0000n, 0x1000n, 0x40_0000_0000n, (1n << 64n) - 1n];
  expect(addresses.map((address) => space.translate(virtual(address)))).toEqual([
    null,
    null,
    null,
    null,
  ]);
});

test('a root outside the image translates nothing, and the PCID bits of a CR3 do not matter', () => {
  const tables = new PageTables(FOUR_LEVEL, FRAMES);
  const root = tables.root();
  tables.map(root, 0n, 9, TABLE_BITS);
  const from = (at: number): AddressSpace =>
    new AddressSpace(tables.memory(), physical(at), FOUR_LEVEL, rules);
  expect(from(2 ** 40).translate(virtual(0n))).toBeNull();
  expect(from(root + 2).translate(virtual(0n))?.physical).toBe(9 * PAGE_BYTES);
});

describe('reading', () => {
  const tables = new PageTables(FOUR_LEVEL, FRAMES);
  const root = tables.root();
  // Pages 0, 1 and 2 lie in frames 30, 20 and 40; page 3 is mapped to frame 50, which the image lacks.
  for (const [n, frame] of [30, 20, 40, 50].entries()) {
    tables.map(root, BigInt(n * PAGE_BYTES), frame, TABLE_BITS);
    tables.bytes.fill(frame, frame * PAGE_BYTES, (frame + 1) * PAGE_BYTES);
  }
  const cache = new PageCache(tables.memory([50]), 16);
  const space = new AddressSpace(cache, root, FOUR_LEVEL, rules);

  test('crosses pages whose frames are no neighbours', () => {
    const into = new Uint8Array(PAGE_BYTES + 4);
    expect(space.read(virtual(0xffen), into)).toBe(into.length);
    expect([into[0], into[1], into[2], into[4097], into[4098], into[4099]]).toEqual([
      30, 30, 20, 20, 40, 40,
    ]);
  });

  test.each([
    ['a frame that the image lacks', 0x2ff0n, 16],
    ['a page that is not mapped', 0x4000n, 0],
    ['the end of the address space', 0xffff_ffff_ffff_fff0n, 0],
  ])('stops at %s', (_what, address, expected) => {
    expect(space.read(virtual(address), new Uint8Array(100))).toBe(expected);
  });

  test('walks the tables once for many reads of a page', () => {
    const before = cache.misses;
    for (let n = 0; n < 1000; n += 1) space.read(virtual(BigInt(n)), new Uint8Array(8));
    expect(cache.misses - before).toBeLessThanOrEqual(6);
  });
});
