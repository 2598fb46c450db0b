import * as z from 'zod';
import { SECTION_PAGES } from './edge-section.ts';
import { CLASS_BITS, GROUP_PAGES } from './signature.ts';

/** Version of the file's layout and of what is signed how: another one is another index. */
export const INDEX_FORMAT = 4;

const count = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER);
const sum = z.number().int().min(0).max(0xffff_ffff);
const hexDigest = z.string().regex(/^[0-9a-f]{64}$/);

/** What the file says of itself and of the image, apart from the groups: JSON at its end. */
export const contentsSchema = z.strictObject({
  format: z.literal(INDEX_FORMAT),
  /** Whose index it is: see `keyOf`. */
  key: z.strictObject({
    tool: z.string().max(200),
    bytes: count,
    modified: z.string().max(40),
    inode: z.string().max(40),
    samples: hexDigest,
    layout: hexDigest,
  }),
  /** Of the whole image file; null where nobody asked for it. */
  sha256: hexDigest.nullable(),
  /** Frames of the image. */
  pages: count,
  groups: z.array(
    z.tuple([
      z
        .number()
        .int()
        .min(0)
        .max(CLASS_BITS.length - 1),
      z.number().int().min(1).max(GROUP_PAGES),
      count,
      sum,
    ]),
  ),
  edges: z.array(
    z.tuple([z.enum(['head', 'tail']), z.number().int().min(1).max(SECTION_PAGES), count, sum]),
  ),
  odd: z.array(z.tuple([count, count])),
  /** Marks of an operating system, by name: ascending addresses. */
  anchors: z.record(z.string().max(64), z.array(count)),
  /** Pages with literals that are the same for every question, by the literal in hexadecimal: numbers ascending. */
  fixed: z.record(z.string().max(64), z.array(count)),
  /** Who maps which frame; null where it is not kept. */
  owners: z
    .strictObject({
      offset: count,
      uses: count.max(2 ** 21),
      /** Of the system that was read. */
      processes: count,
      sum,
      /** Of each space. */
      unreadableTables: z.array(count).max(2 ** 20),
      /** Index of a process, its compressed pages, those paged out; null where they are not counted. */
      notInMemory: z.array(z.tuple([count, count, count])).nullable(),
    })
    .nullable(),
  bytesSearched: count,
  unreadableBytes: count,
});

export type IndexContents = z.infer<typeof contentsSchema>;
export type OwnerContents = NonNullable<IndexContents['owners']>;
export type IndexKey = IndexContents['key'];
