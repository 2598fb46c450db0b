import { describe, expect, test } from '@jest/globals';
import { PAGE_BYTES, virtual } from '../../src/memory/address.ts';
import { AddressSpace } from '../../src/translate/address-space.ts';
import type { BeyondTables, PageBeyond } from '../../src/translate/beyond-tables.ts';
import { MAY_EXECUTE, MAY_USER } from '../../src/translate/entry-rules.ts';
import { FOUR_LEVEL } from '../../src/translate/levels.ts';
import { reverseMap } from '../../src/translate/reverse-map.ts';
import { windowsRules } from '../../src/translate/windows-rules.ts';
import { framesOf, noFrames } from '../support/frames.ts';
import { PageTables, TABLE_BITS } from '../support/page-tables.ts';

const rules = windowsRules({ invalidMaskHigh: 1 << 13 });
const PAGE = 0x1_0000;
const address = (page: number): bigint => BigInt(page) << 12n;

/** Pages 1 and 3 of three are in the tables; what lies beyond them is the test's. */
function build(): { readonly tables: PageTables; readonly root: ReturnType<PageTables['root']> } {
  const tables = new PageTables(FOUR_LEVEL, 64);
  const root = tables.root();
  tables.map(root, address(PAGE), 20, TABLE_BITS);
  tables.map(root, address(PAGE + 2), 22, TABLE_BITS);
  return { tables, root };
}

describe('an address space', () => {
  const asked: (readonly number[])[] = [];
  const beyond: BeyondTables = {
    frameOf(page, low, high) {
      asked.push([page, low, high]);
      return page === PAGE + 1 || page === 0x4000_0000 ? 30 : -1;
    },
    permissionsOf: () => MAY_USER | MAY_EXECUTE,
  };

  test('asks beyond its tables where an entry holds nothing, and reads on there', () => {
    const { tables, root } = build();
    tables.bytes.fill(7, 30 * PAGE_BYTES, 31 * PAGE_BYTES);
    const space = new AddressSpace(tables.memory(), root, FOUR_LEVEL, rules, beyond);
    expect(space.translate(virtual(address(PAGE + 1) + 5n))).toEqual({
      physical: 30 * PAGE_BYTES + 5,
      pageBytes: PAGE_BYTES,
      isWritable: false,
      isUser: true,
      isExecutable: true,
      state: 'prototype',
    });
    expect(space.translate(virtual(address(PAGE)))?.state).toBe('valid');
    expect(space.translate(virtual(address(0x4000_0000)))?.physical).toBe(30 * PAGE_BYTES);
    expect(space.translate(virtual(address(PAGE + 5)))).toBeNull();
    expect(space.read(virtual(address(PAGE)), new Uint8Array(4 * PAGE_BYTES))).toBe(3 * PAGE_BYTES);
    expect(asked).toContainEqual([PAGE + 1, 0, 0]);
  });

  test('asks nothing where a table is missing in the image or paged out', () => {
    const { tables, root } = build();
    // A table beyond the image, and one that a paging file has.
    tables.setEntry(root, 8n << 39n, 0x1000_0000n | TABLE_BITS, 'PML4');
    tables.setEntry(root, 9n << 39n, 0x1234_0000_0080n, 'PML4');
    asked.length = 0;
    const space = new AddressSpace(tables.memory(), root, FOUR_LEVEL, rules, beyond);
    expect(space.translate(virtual(8n << 39n))).toBeNull();
    expect(space.translate(virtual(9n << 39n))).toBeNull();
    expect(asked).toEqual([]);
  });
});

describe('a reverse map', () => {
  const shared: PageBeyond = { page: PAGE + 1, frame: 30, permissions: MAY_USER };
  const all = framesOf(Array.from({ length: 64 }, (_, n) => n));

  test('has the pages beyond the tables in their place', () => {
    const { tables, root } = build();
    const roots = [{ root, half: 'user', pagesBeyond: () => [shared] }] as const;
    const map = reverseMap(tables.memory(), roots, FOUR_LEVEL, rules, {
      interest: all,
      tails: noFrames,
      heads: noFrames,
    });
    expect(map.mappings.map(({ page, frame, state }) => [page, frame, state])).toEqual([
      [PAGE, 20, 'valid'],
      [PAGE + 1, 30, 'prototype'],
      [PAGE + 2, 22, 'valid'],
    ]);
    expect(map.isMappedInOrder(0, map.mappings[0]?.frame ?? never())).toBe(false);
  });

  test('joins them with the pages of the tables at seams', () => {
    const { tables, root } = build();
    const roots = [{ root, half: 'user', pagesBeyond: () => [shared] }] as const;
    const map = reverseMap(tables.memory(), roots, FOUR_LEVEL, rules, {
      interest: noFrames,
      tails: framesOf([20, 30]),
      heads: framesOf([22, 30]),
    });
    expect(map.seams.map(({ page, first, second }) => [page, first, second])).toEqual([
      [PAGE, 20, 30],
      [PAGE + 1, 30, 22],
    ]);
  });

  test('asks only for frames that are wanted, and keeps spaces apart', () => {
    const { tables, root } = build();
    const wanted: boolean[] = [];
    const roots = [
      {
        root,
        half: 'user' as const,
        pagesBeyond(isWanted: (frame: number) => boolean) {
          wanted.push(isWanted(30), isWanted(31));
          return [shared];
        },
      },
      { root, half: 'user' as const },
    ];
    const map = reverseMap(tables.memory(), roots, FOUR_LEVEL, rules, {
      interest: framesOf([20, 30]),
      tails: noFrames,
      heads: noFrames,
    });
    expect(wanted).toEqual([true, false]);
    expect(map.mappings.map(({ space, page }) => [space, page])).toEqual([
      [0, PAGE],
      [0, PAGE + 1],
      [1, PAGE],
    ]);
  });
});

function never(): never {
  throw new Error('a mapping is missing');
}
