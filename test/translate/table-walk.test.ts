import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { PAGE_BYTES, virtualPage } from '../../src/memory/address.ts';
import type { PhysicalMemory } from '../../src/memory/physical-memory.ts';
import { LeafLog, LOG_LIMITS } from '../../src/translate/leaf-log.ts';
import { FIVE_LEVEL, FOUR_LEVEL } from '../../src/translate/levels.ts';
import { linuxRules } from '../../src/translate/linux-rules.ts';
import { TableWalk, type PageRange } from '../../src/translate/table-walk.ts';
import { WantedFrames } from '../../src/translate/wanted-frames.ts';
import { framesOf } from '../support/frames.ts';
import { LARGE, memoryOf, PageTables, PRESENT, TABLE_BITS, USER } from '../support/page-tables.ts';

const rules = linuxRules({ encryptionMask: 0n });
const noHalves = { tails: framesOf([]), heads: framesOf([]) };
const everyFrame = framesOf(Array.from({ length: 2048 }, (_, n) => n));

function start(memory: PhysicalMemory, mode = FOUR_LEVEL, skip: readonly PageRange[] = []) {
  const log = new LeafLog(LOG_LIMITS);
  const walk = new TableWalk(
    memory,
    mode,
    rules,
    new WantedFrames(everyFrame, noHalves),
    log,
    skip,
  );
  const uses = (): [number, number][] =>
    Array.from({ length: log.length }, (_, entry) => [log.page(entry), log.frame(entry)]);
  return { walk, log, uses };
}

test('each half is walked alone, and kernel pages have their full number', () => {
  const tables = new PageTables(FOUR_LEVEL, 32);
  const root = tables.root();
  tables.map(root, 0x1000n, 20, TABLE_BITS);
  tables.map(root, 0xffff_ffff_ffff_f000n, 21, TABLE_BITS);
  const user = start(tables.memory());
  user.walk.walk(root / PAGE_BYTES, 'user');
  expect(user.uses()).toEqual([[1, 20]]);
  const kernel = start(tables.memory());
  kernel.walk.walk(root / PAGE_BYTES, 'kernel');
  expect(kernel.uses()).toEqual([[2 ** 52 - 1, 21]]);
});

test('a table that two roots share is read once and belongs to both', () => {
  const tables = new PageTables(FOUR_LEVEL, 32);
  const [one, other] = [tables.root(), tables.root()];
  tables.map(one, 0x1000n, 20, TABLE_BITS);
  const shared = tables.table();
  for (const root of [one, other]) {
    tables.map(root, 0x4000_0000n, shared, TABLE_BITS, 'PD');
    tables.map(root, 0x4000_3000n, 21, TABLE_BITS);
  }
  const { walk, uses } = start(tables.memory());
  walk.walk(one / PAGE_BYTES, 'user');
  walk.walk(other / PAGE_BYTES, 'user');
  expect(uses()).toEqual([
    [1, 20],
    [0x40003, 21],
    [0x40003, 21],
  ]);
  expect(walk.leaves).toBe(2);
  // Two roots, two PDPT, a PD and a PT of the first's own, a PD each, the shared one.
  expect(walk.tablesRead).toBe(9);
});

test('a table that stands at two addresses maps its pages at both', () => {
  const tables = new PageTables(FOUR_LEVEL, 32);
  const root = tables.root();
  const shared = tables.table();
  for (const address of [0x20_0000n, 0x60_0000n]) {
    tables.map(root, address, shared, TABLE_BITS, 'PD');
  }
  tables.map(root, 0x20_5000n, 20, TABLE_BITS);
  const { walk, uses } = start(tables.memory());
  walk.walk(root / PAGE_BYTES, 'user');
  expect(uses()).toEqual([
    [0x205, 20],
    [0x605, 20],
  ]);
});

test('the same table below a table that forbids writing maps read-only there', () => {
  const tables = new PageTables(FOUR_LEVEL, 32);
  const root = tables.root();
  const shared = tables.table();
  tables.map(root, 0x20_0000n, shared, TABLE_BITS, 'PD');
  tables.map(root, 0x60_0000n, shared, PRESENT | USER, 'PD');
  tables.map(root, 0x20_0000n, 20, TABLE_BITS);
  const { walk, log } = start(tables.memory());
  walk.walk(root / PAGE_BYTES, 'user');
  expect([0, 1].map((entry) => log.mapping(entry, 0).isWritable)).toEqual([true, false]);
});

test('of a large page only the wanted frames are logged, each with its own page', () => {
  const tables = new PageTables(FOUR_LEVEL, 32);
  const root = tables.root();
  tables.map(root, 0x4000_0000n, 0, TABLE_BITS | LARGE, 'PDPT');
  tables.map(root, 0x20_0000n, 512, TABLE_BITS | LARGE, 'PD');
  const log = new LeafLog(LOG_LIMITS);
  const wanted = new WantedFrames(framesOf([3, 511, 512, 1023, 1024, 200_000]), noHalves);
  const walk = new TableWalk(tables.memory(), FOUR_LEVEL, rules, wanted, log, []);
  walk.walk(root / PAGE_BYTES, 'user');
  const uses = Array.from({ length: log.length }, (_, n) => [log.page(n), log.frame(n)]);
  expect(uses).toEqual([
    [0x200, 512],
    [0x3ff, 1023],
    ...[3, 511, 512, 1023, 1024, 200_000].map((frame) => [0x40000 + frame, frame]),
  ]);
  expect(log.mapping(0, 0).pageBytes).toBe(2 ** 21);
});

describe('tables that lead nowhere good', () => {
  test('entries that lead back to a table on the way are left out', () => {
    const tables = new PageTables(FOUR_LEVEL, 32);
    const root = tables.root();
    tables.map(root, 0x1000n, 20, TABLE_BITS);
    tables.map(root, 0x80_0000_0000n, root / PAGE_BYTES, TABLE_BITS, 'PML4');
    tables.map(root, 0x4000_0000n, root / PAGE_BYTES, TABLE_BITS, 'PDPT');
    const { walk, uses } = start(tables.memory());
    expect(walk.walk(root / PAGE_BYTES, 'user')).toBe(0);
    expect(uses()).toEqual([[1, 20]]);
  });

  test('a table that the image lacks is counted for every root that needs it', () => {
    const tables = new PageTables(FOUR_LEVEL, 32);
    const [one, other] = [tables.root(), tables.root()];
    const lost = tables.table();
    for (const root of [one, other]) tables.map(root, 0x4000_0000n, lost, TABLE_BITS, 'PDPT');
    tables.map(one, 0x1000n, 20, TABLE_BITS);
    const { walk, uses } = start(tables.memory([lost]));
    expect([one, other].map((root) => walk.walk(root / PAGE_BYTES, 'user'))).toEqual([1, 1]);
    expect(uses()).toEqual([[1, 20]]);
  });

  test('a root outside the image is one unreadable table', () => {
    const { walk } = start(new PageTables(FOUR_LEVEL, 4).memory());
    expect(walk.walk(2 ** 30, 'user')).toBe(1);
  });

  test('a table whose entries mostly lead out of RAM counts as unreadable', () => {
    const tables = new PageTables(FOUR_LEVEL, 32);
    const root = tables.root();
    for (let n = 0; n < 6; n += 1) {
      const frame = n < 2 ? 20 : 2 ** 36 + n;
      tables.map(root, BigInt(n * PAGE_BYTES), frame, TABLE_BITS);
    }
    const { walk, uses } = start(tables.memory());
    expect(walk.walk(root / PAGE_BYTES, 'user')).toBe(1);
    expect(uses()).toEqual([]);
  });

  test("pages of a device's memory below 4 GiB are no sign of damage", () => {
    const tables = new PageTables(FOUR_LEVEL, 32);
    const root = tables.root();
    for (let n = 0; n < 6; n += 1) tables.map(root, BigInt(n * 4096), 0xf_d000 + n, TABLE_BITS);
    tables.map(root, 0x8000n, 20, TABLE_BITS);
    const { walk, uses } = start(tables.memory());
    expect(walk.walk(root / PAGE_BYTES, 'user')).toBe(0);
    expect(uses()).toEqual([[8, 20]]);
  });

  test('random bytes end after each frame was read at most once for each level and permission', () => {
    const frames = 32;
    const garbage = fc.array(
      fc.record({ at: fc.nat({ max: frames * 512 - 1 }), to: fc.nat({ max: frames }) }),
      { minLength: 200, maxLength: 3000, size: 'max' },
    );
    fc.assert(
      fc.property(
        garbage,
        fc.constantFrom(FOUR_LEVEL, FIVE_LEVEL),
        fc.bigInt(),
        (links, mode, salt) => {
          const bytes = new Uint8Array(frames * PAGE_BYTES);
          const view = new DataView(bytes.buffer);
          for (const { at, to } of links) {
            const bits = (salt >> BigInt(at % 50)) & 0x87n;
            view.setBigUint64(at * 8, (BigInt(to) << 12n) | PRESENT | bits, true);
          }
          const memory = memoryOf(bytes);
          const { walk } = start(memory, mode);
          for (let root = 0; root < 4; root += 1) walk.walk(root, 'user');
          const bound = frames * mode.levels.length * 8;
          expect(memory.asked / PAGE_BYTES).toBeLessThan(bound);
        },
      ),
      { numRuns: 30 },
    );
  });

  test('tables that multiply their pages end soon, and say what was left out', () => {
    // Each entry of each table leads to the one next table: 2^35 pages from four tables.
    const tables = new PageTables(FOUR_LEVEL, 32);
    const root = tables.root();
    const below = FOUR_LEVEL.levels.slice(1).map(() => tables.table());
    for (const [depth, table] of [root / PAGE_BYTES, ...below].entries()) {
      const next = below[depth] ?? 20;
      for (let n = 0; n < 512; n += 1) {
        const view = new DataView(tables.bytes.buffer);
        view.setBigUint64(table * PAGE_BYTES + n * 8, BigInt(next * PAGE_BYTES) | TABLE_BITS, true);
      }
    }
    const { walk, log } = start(tables.memory());
    walk.walk(root / PAGE_BYTES, 'user');
    expect(walk.tablesRead).toBe(4);
    expect(log.length).toBe(LOG_LIMITS.perFrame);
    expect(log.dropped).toBeGreaterThan(0);
  });
});

test('skipped pages are left out, whether they cut tables or large pages, and the rest is kept', () => {
  const tables = new PageTables(FOUR_LEVEL, 32);
  const root = tables.root();
  for (let n = 0n; n < 10n; n += 1n) tables.map(root, n << 12n, 20 + Number(n), TABLE_BITS);
  tables.map(root, 0x20_0000n, 512, TABLE_BITS | LARGE, 'PD');
  tables.map(root, 0x80_0000_0000n, tables.table(), TABLE_BITS, 'PML4');
  tables.map(root, 0x80_0000_0000n, 19, TABLE_BITS);
  const { walk, uses } = start(tables.memory(), FOUR_LEVEL, [
    { start: virtualPage(2), end: virtualPage(9) },
    { start: virtualPage(0x202), end: virtualPage(2 ** 30) },
  ]);
  walk.walk(root / PAGE_BYTES, 'user');
  expect(uses()).toEqual([
    [0, 20],
    [1, 21],
    [9, 29],
    [0x200, 512],
    [0x201, 513],
  ]);
});
