/** Owners from the index are those that the page tables say. */
import { closeSync, openSync, readSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import type { Engine, FrameOwners } from '../../src/engine/engine.ts';
import { nativeEngine } from '../../src/engine/native.ts';
import { openImage } from '../../src/image/open-image.ts';
import { checksum } from '../../src/index-file/checksum.ts';
import {
  INDEX_FORMAT,
  type IndexContents,
  type OwnerContents,
} from '../../src/index-file/index-contents.ts';
import { indexOf } from '../../src/index-file/index-file.ts';
import {
  BLOCK_ROWS,
  blockOf,
  type OwnerBlock,
  type OwnerLayout,
  ownerLayout,
} from '../../src/index-file/owner-layout.ts';
import { withOwners, writeOwners } from '../../src/index-file/owner-section.ts';
import { frame, physical, virtualPage } from '../../src/memory/address.ts';
import { FrameSet } from '../../src/memory/frame-set.ts';
import { openSystem } from '../../src/os/open-system.ts';
import { SYSTEM_ANCHORS, SYSTEM_PROBES } from '../../src/os/system-marks.ts';
import { scan } from '../../src/scan/scan.ts';
import type { Mapping } from '../../src/translate/mapping.ts';
import { everyCase } from '../support/build-windows/scenarios.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = temporaryFolder('ip2process-owners-');

const path = join(folder, 'memory.raw');
everyCase({}).assemble().ram.toFile(path);
const image = await openImage(path);
const marks = await scan(image, [], [], { anchors: SYSTEM_ANCHORS, probes: SYSTEM_PROBES });
const { system } = openSystem(image.memory, marks.anchors, { vmcoreinfo: null, tables: [] });
if (!system) throw new Error('no system');
const engine = nativeEngine(image.memory, system);
const frames = Math.ceil(statSync(path).size / 4096);

const file = join(folder, 'section');
const fd = openSync(file, 'w+');
afterAll(() => {
  closeSync(fd);
  image.close();
});
const written = writeOwners(fd, 64, engine, image.memory);

/** An index of which nothing but the owners is asked. */
function answering(changes: Partial<OwnerContents> = {}, asked: Engine = engine): Engine {
  if (written === null) throw new Error('nothing was written');
  const { end: _, ...owners } = written;
  const contents = { ...NOTHING_ELSE, owners: { ...owners, ...changes } };
  return withOwners(asked, indexOf(fd, contents));
}

const NOTHING_ELSE = {
  format: INDEX_FORMAT,
  key: { tool: '', bytes: 0, modified: '', inode: '', samples: '', layout: '' },
  sha256: null,
  pages: 0,
  groups: [],
  edges: [],
  odd: [],
  anchors: {},
  fixed: {},
  bytesSearched: 0,
  unreadableBytes: 0,
} satisfies Omit<IndexContents, 'owners'>;

/** Sets that differ for every seed; nearly full ones, so that pages join. */
function question(seed: number) {
  const [interest, tails, heads, larger] = [3, 2, 2, 3].map((step, index) => {
    const set = new FrameSet(frames);
    for (let number = (seed + index) % step; number < frames; number += step)
      set.add(frame(number));
    return set;
  });
  const none = new FrameSet(0);
  return {
    interest: interest ?? none,
    tails: tails ?? none,
    heads: heads ?? none,
    ...(larger && seed % 2 === 0 ? { larger } : {}),
  };
}

function plain(owners: FrameOwners, interest: FrameSet) {
  const { seams, unreadableTables, notInMemory } = owners;
  const mappings = [...interest].flatMap((one) => owners.mappingsOf(one));
  const joints = seams.map(({ space, address, first, second }) => [space, address, first, second]);
  return { mappings, joints, unreadableTables, notInMemory };
}

test.each([0, 1, 2, 3])('who maps what, and which pages join: question %d', (seed) => {
  const asked = question(seed);
  const fromTables = plain(engine.owners(asked), asked.interest);
  expect(plain(answering().owners(asked), asked.interest)).toEqual(fromTables);
  expect(fromTables.mappings.length).toBeGreaterThan(100);
  expect(fromTables.joints.length).toBeGreaterThan(3);
});

test('a table of several blocks, with joints from one to the next', () => {
  const count = 2 * BLOCK_ROWS + 1000;
  const first = count - 500;
  /** Page n of the first space, or of the second one, has the frame of the same number in a shuffled order. */
  const frameAt = (row: number): number => (row * 7919) % count;
  const rowOf = new Map(Array.from({ length: count }, (_, row) => [frameAt(row), row]));
  const mappingAt = (row: number): Mapping => ({
    space: row < first ? 0 : 1,
    page: virtualPage(100 + row),
    frame: frame(frameAt(row)),
    pageBytes: 4096,
    isWritable: row % 2 === 0,
    isUser: true,
    isExecutable: false,
    state: 'valid',
  });
  const large: Engine = {
    ...engine,
    owners: () => ({
      unreadableTables: [0, 0],
      seams: [],
      dropped: 0,
      mappingsOf: (one) => [mappingAt(rowOf.get(one) ?? 0)],
    }),
  };
  const runs = [{ start: physical(0), length: count * 4096, fileOffset: 0 }];
  const held = writeOwners(fd, 2 ** 20, large, { runs, read: () => 0 });
  const set = (rows: Iterable<number>): FrameSet => {
    const members = new FrameSet(count);
    for (const row of rows) members.add(frame(frameAt(row)));
    return members;
  };
  const ends = [BLOCK_ROWS - 1, 2 * BLOCK_ROWS - 1, 5, first - 1, count - 1];
  const some = [0, BLOCK_ROWS, BLOCK_ROWS + 3, 2 * BLOCK_ROWS, count - 1];
  const asked = { interest: set(some), tails: set(ends), heads: set(ends.map((row) => row + 1)) };
  const answer = answering({ ...held }, large).owners(asked);
  expect(some.flatMap((row) => answer.mappingsOf(frame(frameAt(row))))).toEqual(
    some.map(mappingAt),
  );
  // Row first - 1 is the last of its space, and row count - 1 of all.
  expect(
    answer.seams.map(({ address, first: one }) => [Number(address >> 12n), Number(one)]),
  ).toEqual([5, BLOCK_ROWS - 1, 2 * BLOCK_ROWS - 1].map((row) => [100 + row, frameAt(row)]));
});

test('another engine answers for itself', () => {
  const other = { ...engine, name: 'volatility3' };
  expect(answering({}, other)).toBe(other);
  expect(writeOwners(fd, 64, other, image.memory)).toBeNull();
});

test('another number of processes is another system', () => {
  expect(answering({ processes: 3 })).toBe(engine);
});

test('a damaged block is refused', () => {
  const block = Buffer.alloc(8);
  const place = 64 + ownerLayout(written?.unreadableTables.length ?? 0, written?.uses ?? 0).blocks;
  answering().owners(question(1));
  readSync(fd, block, 0, 8, place);
  writeSync(fd, Uint8Array.of(1, 2, 3), 0, 3, place);
  expect(() => answering().owners(question(1))).toThrow(/damaged/);
  writeSync(fd, block, 0, 8, place);
  answering().owners(question(1));
});

test('a damaged section is refused', () => {
  expect(() => answering({ sum: 1 })).toThrow(/damaged/);
});

test.each<[string, (section: DataView, layout: OwnerLayout, first: OwnerBlock) => void]>([
  ['a page without end', (all, _, { at }) => all.setFloat64(at, Infinity, true)],
  ['half a page', (all, _, { at }) => all.setFloat64(at, 0.5, true)],
  ['a page below zero', (all, _, { at }) => all.setFloat64(at, -1, true)],
  ['a page beyond 64 bits', (all, _, { at }) => all.setFloat64(at, 2 ** 52, true)],
  ['pages of no size', (all, _, { at, kinds }) => all.setUint8(at + kinds, 0xff)],
  ['rows of no space before the first', (all) => all.setUint32(0, 1, true)],
  [
    'rows of no space behind the last',
    (all, { sums }) => {
      const uses = all.getUint32(sums - 4, true);
      for (let at = sums - 4; all.getUint32(at, true) === uses; at -= 4)
        all.setUint32(at, uses - 1, true);
    },
  ],
])('a hostile section with right checksums is refused: %s', (_, change) => {
  const { uses = 0, unreadableTables = [] } = written ?? {};
  const layout = ownerLayout(unreadableTables.length, uses);
  const section = new DataView(new ArrayBuffer(layout.bytes));
  readSync(fd, section, 0, layout.bytes, 64);
  change(section, layout, blockOf(0, uses, layout.blocks));
  for (let number = 0; number < layout.blockCount; number += 1) {
    const { at, bytes } = blockOf(number, uses, layout.blocks);
    const sum = checksum(new Uint32Array(section.buffer, at, bytes / 4));
    section.setUint32(layout.sums + number * 4, sum, true);
  }
  const offset = 2 ** 22;
  writeSync(fd, section, 0, layout.bytes, offset);
  const sum = checksum(new Uint32Array(section.buffer, 0, layout.blocks / 4));
  const all = new FrameSet(frames);
  for (let number = 0; number < frames; number += 1) all.add(frame(number));
  expect(() =>
    answering({ offset, sum }).owners({ interest: all, tails: all, heads: all }),
  ).toThrow(/damaged/);
});
