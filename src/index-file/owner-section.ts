import type { Engine, FrameOwners, FrameQuestion } from '../engine/engine.ts';
import type { PhysicalMemory } from '../memory/physical-memory.ts';
import { Asker } from './asker.ts';
import { checksum } from './checksum.ts';
import { writeAll } from './group-writer.ts';
import type { OwnerContents } from './index-contents.ts';
import { damaged, type IndexFile } from './index-file.ts';
import { ownerLayout as layoutOf } from './owner-layout.ts';
import { type AskedRows, ownersFrom, ownerTable } from './owner-table.ts';
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
  const layout = layoutOf(unreadableTables.length, uses);
  const bytes = new Uint8Array(layout.bytes);
  for (const [column, at] of [
    [table.starts, 0],
    [table.frames, layout.frames],
    [table.pages, layout.pages],
    [table.kinds, layout.kinds],
  ] as const) {
    bytes.set(new Uint8Array(column.buffer), at);
  }
  writeAll(fd, bytes, offset);
  const { processes } = engine;
  return {
    offset,
    uses,
    processes: processes.length,
    sum: checksum(new Uint32Array(bytes.buffer)),
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

/** @throws IndexFault */
function tableOf(
  index: IndexFile,
  { offset, uses, sum, unreadableTables }: OwnerContents,
): (question: FrameQuestion) => AskedRows {
  const spaces = unreadableTables.length;
  const layout = layoutOf(spaces, uses);
  const asker = new Asker(0);
  asker.haveRoom(layout.bytes);
  const { room } = asker.places;
  asker.read(index, offset, room, layout.bytes);
  asker.check(room, layout.bytes / 4, sum);
  const starts = asker.words.slice(room / 4, room / 4 + spaces + 1);
  if (starts.some((start, space) => start > uses || start < (starts[space - 1] ?? 0)))
    throw damaged();
  const columns = { frames: room + layout.frames, pages: room + layout.pages, count: uses };
  return (question) => {
    const rows = asker.rows(columns, question, room + layout.bytes);
    const { buffer } = asker.bytes;
    const table = {
      starts,
      frames: new Uint32Array(buffer, columns.frames, uses),
      pages: new Float64Array(buffer, columns.pages, uses),
      kinds: new Uint8Array(buffer, room + layout.kinds, uses),
    };
    return { table, ...rows };
  };
}
