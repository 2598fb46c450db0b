import type { Engine, FrameOwners, FrameQuestion } from '../engine/engine.ts';
import type { PhysicalMemory } from '../memory/physical-memory.ts';
import { Asker } from './asker.ts';
import { checksum } from './checksum.ts';
import { writeAll } from './group-writer.ts';
import type { OwnerContents } from './index-contents.ts';
import { damaged, type IndexFile } from './index-file.ts';
import { BLOCK_ROWS, blockOf, type OwnerBlock, ownerLayout } from './owner-layout.ts';
import {
  type AskedRows,
  type Joint,
  MOST_KINDS,
  ownersFrom,
  type OwnerTable,
  ownerTable,
  type Use,
} from './owner-table.ts';
import { FrameSet } from '../memory/frame-set.ts';

/** Only our own reading of the page tables is kept: it says the same each time. */
const isOurs = (engine: Engine): boolean => engine.name === 'native';

/**
 * Writes who maps which frame at `offset` of the file.
 *
 * @returns what the file's contents say of it; null where it is not kept
 */
export function writeOwners(
  fd: number,
  offset: number,
  engine: Engine,
  memory: PhysicalMemory,
): (OwnerContents & { readonly end: number }) | null {
  if (!isOurs(engine)) return null;
  const none = new FrameSet(0);
  const { unreadableTables, notInMemory } = engine.owners({
    interest: none,
    tails: none,
    heads: none,
  });
  const table = ownerTable(engine, memory, unreadableTables.length);
  if (table === null) return null;
  const uses = table.frames.length;
  const layout = ownerLayout(unreadableTables.length, uses);
  const bytes = new Uint8Array(layout.bytes);
  const sums = Array.from({ length: layout.blockCount }, (_, number) => {
    const block = blockOf(number, uses, layout.blocks);
    putBlock(table, number * BLOCK_ROWS, block, bytes);
    return checksum(new Uint32Array(bytes.buffer, block.at, block.bytes / 4));
  });
  bytes.set(new Uint8Array(table.starts.buffer));
  bytes.set(new Uint8Array(Uint32Array.from(sums).buffer), layout.sums);
  writeAll(fd, bytes, offset);
  const { processes } = engine;
  return {
    offset,
    uses,
    processes: processes.length,
    sum: checksum(new Uint32Array(bytes.buffer, 0, layout.blocks / 4)),
    unreadableTables: [...unreadableTables],
    notInMemory: notInMemory
      ? notInMemory.map(({ process, compressedPages, pagedOutPages }) => [
          processes.indexOf(process),
          compressedPages,
          pagedOutPages,
        ])
      : null,
    end: offset + layout.bytes,
  };
}

/** Puts rows of the table from `first` on into their block of the section. Behind the table's last row is one of no frame. */
function putBlock(table: OwnerTable, first: number, block: OwnerBlock, section: Uint8Array): void {
  const { pages, frames, kinds } = table;
  const end = first + block.rows + 1;
  const places = [
    new Float64Array(section.buffer, block.at, block.rows + 1),
    new Uint32Array(section.buffer, block.at + block.frames, block.rows + 1).fill(NO_FRAME),
    new Uint8Array(section.buffer, block.at + block.kinds, block.rows + 1),
  ] as const;
  places[0].set(pages.subarray(first, end));
  places[1].set(frames.subarray(first, end));
  places[2].set(kinds.subarray(first, end));
}

/** Beyond all that an index is made of. */
const NO_FRAME = 0xffff_ffff;

/** The engine, answering from the index who maps a frame; as it is, where the index does not hold that. */
export function withOwners(engine: Engine, index: IndexFile): Engine {
  const { owners: told } = index.contents;
  if (!told || !isOurs(engine) || engine.processes.length !== told.processes) return engine;
  const rowsFor = tableOf(index, told);
  const { unreadableTables } = told;
  const notInMemory = told.notInMemory?.flatMap(([number, compressedPages, pagedOutPages]) => {
    const process = engine.processes[number];
    return process ? [{ process, compressedPages, pagedOutPages }] : [];
  });
  const rest: Pick<FrameOwners, 'unreadableTables' | 'notInMemory'> = notInMemory
    ? { unreadableTables, notInMemory }
    : { unreadableTables };
  return { ...engine, owners: (question) => ownersFrom(rowsFor(question), question, rest) };
}

/**
 * Reads what of the table a question asks for.
 *
 * @throws IndexFault now and later
 */
function tableOf(
  index: IndexFile,
  { offset, uses, sum, unreadableTables }: OwnerContents,
): (question: FrameQuestion) => AskedRows {
  const spaces = unreadableTables.length;
  const layout = ownerLayout(spaces, uses);
  const asker = new Asker(0);
  const { room } = asker.places;
  asker.haveRoom(layout.blocks);
  asker.read(index, offset, room, layout.blocks);
  asker.check(room, layout.blocks / 4, sum);
  const starts = asker.words.slice(room / 4, room / 4 + spaces + 1);
  const isAscending = starts.every((start, space) => start >= (starts[space - 1] ?? 0));
  if (!isAscending || starts[0] !== 0 || starts[spaces] !== uses) throw damaged();
  const sums = asker.words.slice((room + layout.sums) / 4, (room + layout.blocks) / 4);
  return (question) => {
    const found: Use[] = [];
    const joints: Joint[] = [];
    const sets = asker.putQuestion(question, room);
    for (let number = 0; number < layout.blockCount; number += 1) {
      const block = blockOf(number, uses, layout.blocks);
      const at = asker.roomFor(block.bytes, sets);
      asker.read(index, offset + block.at, at, block.bytes);
      asker.check(at, block.bytes / 4, sums[number]);
      const rows = asker.rows({ pages: at, frames: at + block.frames, count: block.rows }, sets);
      const column = new DataView(asker.bytes.buffer, at, block.bytes);
      const pageOf = (row: number): number => checkedPage(column.getFloat64(row * 8, true));
      const frameOf = (row: number): number => column.getUint32(block.frames + row * 4, true);
      const first = number * BLOCK_ROWS;
      for (const row of rows.asked) {
        const kind = column.getUint8(block.kinds + row);
        if (kind >= MOST_KINDS) throw damaged();
        found.push({ row: first + row, page: pageOf(row), frame: frameOf(row), kind });
      }
      for (const row of rows.joints) {
        const [one, two] = [frameOf(row), frameOf(row + 1)];
        joints.push({ row: first + row, page: pageOf(row), first: one, second: two });
      }
    }
    return { starts, uses: found, joints };
  };
}

/** @throws IndexFault where it is no page of a 64-bit space */
function checkedPage(page: number): number {
  if (!Number.isInteger(page) || page < 0 || page >= 2 ** 52) throw damaged();
  return page;
}
