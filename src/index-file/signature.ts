/**
 * The signature of a page: a set of bits, one for each pair of neighbouring bytes in it, by a hash, and one for each pair with a
 * zero between them: in UTF-16 neighbours alone say which letters there are, not which follow each other. A text can stand in a
 * page only if the bits of all its pairs are set: a filter that is never wrong about an absence. Sparse signatures are folded to
 * half their bits as long as at most two in ten are set, so that a page of text takes some hundred bytes, one of noise 1 KiB.
 *
 * Signatures of equal length are kept as rows: for each bit of the signature the bits of all pages of a group. A question
 * then reads a few rows instead of all signatures. (Zobel, Moffat, Ramamohanarao: "Inverted files versus signature files for
 * text indexing", TODS 1998, calls this a bit-sliced signature file.)
 */

/** Bits of the signatures of a class; a page's class is its index here. */
export const CLASS_BITS = [8192, 4096, 2048, 1024, 512, 256, 128] as const;

/** Pages of a group: what one thread gathers of one class before it is written. */
export const GROUP_PAGES = 16_384;

/** Pages come into rows in batches of so many, 16 bytes each. */
export const BATCH_PAGES = 128;

/** Bytes of a row with this many pages. */
export const rowBytes = (pages: number): number => Math.ceil(pages / BATCH_PAGES) * 16;

/** Added to a pair that has a zero between its bytes. */
export const LETTERS = 0x10000;

/**
 * Which bit of a signature stands for two bytes, given as one little-endian number: multiplication by 2^32 /
 * golden ratio (Knuth, TAOCP 6.4).
 */
export const slotOf = (pair: number, bits: number): number =>
  (Math.imul(pair, 0x9e3779b1) >>> 19) & (bits - 1);
