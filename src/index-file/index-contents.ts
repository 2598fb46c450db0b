import { SECTION_PAGES } from './edge-section.ts';
import {
  byName,
  type Guarded,
  integer,
  list,
  matching,
  nullOr,
  object,
  oneOf,
  text,
  tuple,
} from './guards.ts';
import { CLASS_BITS, GROUP_PAGES } from './signature.ts';

/** Version of the file's layout and of what is signed how: another one is another index. */
export const INDEX_FORMAT = 6;

const count = integer(0, Number.MAX_SAFE_INTEGER);
const sum = integer(0, 0xffff_ffff);
const hexDigest = matching(/^[0-9a-f]{64}$/);

const isKey = object({
  tool: text(200),
  bytes: count,
  modified: text(40),
  inode: text(40),
  samples: hexDigest,
  layout: hexDigest,
});

const isOwners = object({
  offset: count,
  uses: integer(0, 2 ** 21),
  /** Of the system that was read. */
  processes: count,
  sum,
  /** Of each space. */
  unreadableTables: list(count, 2 ** 20),
  /** Index of a process, its compressed pages, those paged out; null where they are not counted. */
  notInMemory: nullOr(list(tuple(count, count, count))),
});

/** What the file says of itself and of the image, apart from the groups: JSON at its end. */
export const isContents = object({
  format: oneOf(INDEX_FORMAT),
  /** Whose index it is: see `keyOf`. */
  key: isKey,
  /** Of the whole image file; null where nobody asked for it. */
  sha256: nullOr(hexDigest),
  /** Frames of the image. */
  pages: count,
  /** Class, pages, offset, checksum. */
  groups: list(tuple(integer(0, CLASS_BITS.length - 1), integer(1, GROUP_PAGES), count, sum)),
  /** Edge, pages, offset, checksum. */
  edges: list(tuple(oneOf('head', 'tail'), integer(1, SECTION_PAGES), count, sum)),
  odd: list(tuple(count, count)),
  /** Marks of an operating system, by name: ascending addresses. */
  anchors: byName(64, list(count)),
  /** Pages with literals that are the same for every question, by the literal in hexadecimal: numbers ascending. */
  fixed: byName(64, list(count)),
  /** Who maps which frame; null where it is not kept. */
  owners: nullOr(isOwners),
  bytesSearched: count,
  unreadableBytes: count,
});

export type IndexContents = Guarded<typeof isContents>;
export type OwnerContents = NonNullable<IndexContents['owners']>;
export type IndexKey = IndexContents['key'];
