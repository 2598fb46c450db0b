import { closeSync, fstatSync, openSync } from 'node:fs';
import { fileSource } from '../memory/byte-source.ts';
import { checksumOf } from './checksum.ts';
import { edgeBytes, type EdgeSection } from './edge-section.ts';
import { type Group, groupBytes } from './group-writer.ts';
import { ownerBytes } from './owner-layout.ts';
import { type IndexContents, isContents } from './index-contents.ts';

/**
 * The index of an image, a file:
 *
 * "IP2P-IDX" | checksum of the following 24 bytes u32 | checksum of the contents u32 | where the contents begin u64 | their
 * length u64 | length of the file u64 | padding to 64 bytes | groups and edges | contents (JSON, padded with spaces to 4 bytes)
 *
 * What is read is checked first: lengths against the file's, pieces against their checksums. It is as trustworthy as the
 * folder where it lies; who may write there can hide hits.
 */
export const PRELUDE_BYTES = 64;
const MAGIC = 'IP2P-IDX';
/** 64 MiB: contents grow with groups (of 16384 pages) and damaged places. */
const MOST_CONTENTS = 2 ** 26;

/** An index that is open. */
export interface IndexFile {
  readonly contents: IndexContents;
  readonly groups: readonly Group[];
  readonly edges: readonly EdgeSection[];
  /**
   * Fills `into`, or `length` bytes of it from `at` on.
   *
   * @throws IndexFault where the file ends before, or the system cannot read it
   */
  read(offset: number, into: Uint8Array, at?: number, length?: number): void;
  close(): void;
}

/** An index that cannot be used; the message says why. The caller goes on without it. */
export class IndexFault extends Error {}

export function preludeOf(contents: Uint8Array, at: number): Uint8Array {
  const prelude = Buffer.alloc(PRELUDE_BYTES);
  prelude.write(MAGIC, 'latin1');
  prelude.writeUInt32LE(checksumOf(contents), 12);
  prelude.writeBigUInt64LE(BigInt(at), 16);
  prelude.writeBigUInt64LE(BigInt(contents.length), 24);
  prelude.writeBigUInt64LE(BigInt(at + contents.length), 32);
  prelude.writeUInt32LE(checksumOf(prelude.subarray(12, 40)), 8);
  return prelude;
}

export const contentsBytes = (contents: IndexContents): Uint8Array => {
  const json = JSON.stringify(contents);
  return Buffer.from(json.padEnd(Math.ceil(json.length / 4) * 4));
};

/**
 * Opens an index; null where there is none.
 *
 * @throws IndexFault where it is damaged, truncated or no index
 */
export function openIndexFile(path: string): IndexFile | null {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw new IndexFault(`it cannot be opened (${codeOf(error)})`);
  }
  try {
    return indexOf(fd, parsed(fd));
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/** An index whose contents are known already. */
export const indexOf = (fd: number, contents: IndexContents): IndexFile => ({
  contents,
  groups: contents.groups.map(([kind, pages, offset, sum]) => ({ kind, pages, offset, sum })),
  edges: contents.edges.map(([edge, pages, offset, sum]) => ({ edge, pages, offset, sum })),
  read: reader(fd),
  close: () => closeSync(fd),
});

function parsed(fd: number): IndexContents {
  const stats = unlessRefused(() => fstatSync(fd));
  if (!stats.isFile()) throw new IndexFault('it is no file');
  const read = reader(fd);
  const prelude = Buffer.alloc(PRELUDE_BYTES);
  if (stats.size < PRELUDE_BYTES) throw new IndexFault('it is cut off');
  read(0, prelude);
  if (prelude.toString('latin1', 0, 8) !== MAGIC) throw new IndexFault('it is no index');
  if (prelude.readUInt32LE(8) !== checksumOf(prelude.subarray(12, 40))) throw damaged();

  const at = Number(prelude.readBigUInt64LE(16));
  const length = Number(prelude.readBigUInt64LE(24));
  if (Number(prelude.readBigUInt64LE(32)) !== stats.size || at + length !== stats.size) {
    throw new IndexFault('it is cut off');
  }
  if (length > MOST_CONTENTS || length % 4 !== 0) throw damaged();
  const json = Buffer.alloc(length);
  read(at, json);
  if (prelude.readUInt32LE(12) !== checksumOf(json)) throw damaged();

  const contents = contentsOf(json.toString('utf8'));
  for (const [kind, pages, offset] of contents.groups) {
    if (offset % 4 !== 0 || offset < PRELUDE_BYTES || offset + groupBytes({ kind, pages }) > at) {
      throw damaged();
    }
  }
  for (const [, pages, offset] of contents.edges) {
    if (offset % 4 !== 0 || offset < PRELUDE_BYTES || offset + edgeBytes({ pages }) > at) {
      throw damaged();
    }
  }
  if (!isAboutPages(contents)) throw damaged();
  const { owners } = contents;
  if (owners && (owners.offset % 4 !== 0 || owners.offset + ownerBytes(owners) > at))
    throw damaged();
  return contents;
}

function contentsOf(json: string): IndexContents {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw damaged();
  }
  if (isContents(value)) return value;
  throw new IndexFault('it is of another version');
}

/** Whether nothing is said of more pages than there are: each is looked at once for each time that it is told. */
function isAboutPages({ pages, groups, edges, odd }: IndexContents): boolean {
  const within = (counts: readonly number[]): boolean =>
    counts.reduce((sum, count) => sum + count, 0) <= pages;
  return (
    within(groups.map(([, count]) => count)) &&
    (['head', 'tail'] as const).every((side) =>
      within(edges.map(([edge, count]) => (edge === side ? count : 0))),
    ) &&
    odd.every(
      ([first, last], place) =>
        first > (odd[place - 1]?.[1] ?? -1) && first <= last && last < pages,
    )
  );
}

/** Of a file; throws where it ends before. */
const reader = (fd: number): IndexFile['read'] => {
  const source = unlessRefused(() => fileSource(fd));
  return (offset, into, at = 0, length = into.length - at) => {
    const read = unlessRefused(() => source.read(offset, into.subarray(at, at + length)));
    if (read < length) throw new IndexFault('it is cut off');
  };
};

/** What the system does not give, as of a bad disk or a share that went away, costs the index and not the answer. */
function unlessRefused<Given>(give: () => Given): Given {
  try {
    return give();
  } catch (error) {
    throw new IndexFault(`it cannot be read (${codeOf(error)})`);
  }
}

const codeOf = (error: unknown): string =>
  typeof error === 'object' && error && 'code' in error ? String(error.code) : String(error);

export const damaged = (): IndexFault => new IndexFault('it is damaged');
