/**
 * Makes the signatures of pages, in AssemblyScript: TypeScript's grammar, WebAssembly's types. Says the same as
 * test/index-file/naive-signer.ts; ../signature.ts explains what is made. Compiled by compile.ts.
 *
 * Memory: `MOST_BITS` flags, a byte each | then for each class, the widest first: LANES × bits bytes of gathered flags, and
 * bits × ROW_BYTES bytes of rows. The page lies at `pageAt`, with 16 zero bytes behind it, and room for `turn`.
 */

const PAGE_BYTES: u32 = 4096;
const MOST_BITS: u32 = 8192;
const FEWEST_BITS: u32 = 128;
const CLASSES: u32 = 7;
/** Pages whose flags are gathered before they become rows. */
const LANES: u32 = 16;
const BATCH: u32 = LANES * 8;
/** A row has one bit for each of 16384 pages. */
const ROW_BYTES: u32 = 2048;
const HASH_FACTOR: u32 = 0x9e3779b1;
/** Leaves the 13 bits of an index into the flags. */
const HASH_SHIFT: u32 = 19;
/** Tells two letters of UTF-16 from two neighbours. */
const LETTERS: u32 = 0x10000;
/** More flags than this in ten are too many to halve them. */
const FULL_TENTHS: u32 = 2;

const FLAGS: u32 = 0;

/** Flags that would be set if the upper half of `bits` fell on the lower. */
function countHalved(bits: u32): u32 {
  const half = bits >> 1;
  let count: u32 = 0;
  for (let at: u32 = 0; at < half; at += 16) {
    const both = v128.or(v128.load(FLAGS + at), v128.load(FLAGS + half + at));
    count += popcnt<u32>(i8x16.bitmask(i8x16.ne(both, i8x16.splat(0))));
  }
  return count;
}

function halve(bits: u32): void {
  const half = bits >> 1;
  for (let at: u32 = 0; at < half; at += 16) {
    v128.store(FLAGS + at, v128.or(v128.load(FLAGS + at), v128.load(FLAGS + half + at)));
  }
}

function flag(pair: u32): void {
  store<u8>(FLAGS + ((pair * HASH_FACTOR) >> HASH_SHIFT), 1);
}

/** Sets a flag for each pair of bytes with one zero between them: the letters of UTF-16, whose neighbours are all zeros. */
function flagLetters(at: u32): void {
  const zero = i8x16.splat(0);
  const isLetter = v128.and(i8x16.ne(v128.load(at), zero), i8x16.ne(v128.load(at + 2), zero));
  let places = i8x16.bitmask(v128.and(isLetter, i8x16.eq(v128.load(at + 1), zero)));
  for (; places != 0; places &= places - 1) {
    const place = at + ctz<u32>(places);
    flag(LETTERS | (<u32>load<u8>(place)) | ((<u32>load<u8>(place, 2)) << 8));
  }
}

/** Sets the flags of a page's pairs; false where the page is zero. */
function flagPairs(page: u32): bool {
  memory.fill(FLAGS, 0, MOST_BITS);
  let isZero = true;
  for (let chunk: u32 = 0; chunk < PAGE_BYTES; chunk += 16) {
    const at = page + chunk;
    // The seventeenth byte belongs to the sixteenth's pair.
    if (!v128.any_true(v128.or(v128.load(at), v128.load(at + 1)))) {
      store<u8>(FLAGS, 1);
      continue;
    }
    isZero = false;
    flagLetters(at);
    flag(<u32>load<u16>(at, 0));
    flag(<u32>load<u16>(at, 1));
    flag(<u32>load<u16>(at, 2));
    flag(<u32>load<u16>(at, 3));
    flag(<u32>load<u16>(at, 4));
    flag(<u32>load<u16>(at, 5));
    flag(<u32>load<u16>(at, 6));
    flag(<u32>load<u16>(at, 7));
    flag(<u32>load<u16>(at, 8));
    flag(<u32>load<u16>(at, 9));
    flag(<u32>load<u16>(at, 10));
    flag(<u32>load<u16>(at, 11));
    flag(<u32>load<u16>(at, 12));
    flag(<u32>load<u16>(at, 13));
    flag(<u32>load<u16>(at, 14));
    // The page's last byte has no pair.
    if (chunk != PAGE_BYTES - 16) flag(<u32>load<u16>(at, 15));
  }
  return !isZero;
}

/** Where the gathered flags of a class lie; its rows follow. */
export function placeOf(kind: u32): u32 {
  let at = FLAGS + MOST_BITS;
  for (let wider: u32 = 0; wider < kind; wider++) {
    at += (MOST_BITS >> wider) * (LANES + ROW_BYTES);
  }
  return at;
}

/** Bytes of memory that all this takes. */
export function memoryBytes(): u32 {
  return placeOf(CLASSES) + PAGE_BYTES + 16 + 2 * 256;
}

/** Flags of the page, halved as often as they stay sparse; its class, or -1 where it is zero. */
export function sign(pageAt: u32): i32 {
  if (!flagPairs(pageAt)) return -1;
  let bits = MOST_BITS;
  let kind: i32 = 0;
  while (bits > FEWEST_BITS && countHalved(bits) * 10 <= (bits >> 1) * FULL_TENTHS) {
    halve(bits);
    bits >>= 1;
    kind++;
  }
  return kind;
}

/** Adds the flags of the signed page as the class' page `number` (0 to 16383). */
export function add(kind: u32, number: u32): void {
  const bits = MOST_BITS >> kind;
  const lane = placeOf(kind) + ((number >> 3) & (LANES - 1)) * bits;
  const shift = <i32>(number & 7);
  for (let at: u32 = 0; at < bits; at += 16) {
    const flags = i8x16.shl(v128.load(FLAGS + at), shift);
    v128.store(lane + at, v128.or(v128.load(lane + at), flags));
  }
  if (number % BATCH == BATCH - 1) settle(kind, number);
}

/** Writes what is gathered up to page `number` of the class into its rows. */
export function settle(kind: u32, number: u32): void {
  const bits = MOST_BITS >> kind;
  const lanes = placeOf(kind);
  let row = lanes + LANES * bits + (number / BATCH) * LANES;
  for (let bit: u32 = 0; bit < bits; bit += 16) {
    const turned = turn(lanes + bit, bits);
    for (let n: u32 = 0; n < 16; n++) {
      v128.store(row, v128.load(turned + 16 * n));
      row += ROW_BYTES;
    }
  }
  memory.fill(lanes, 0, LANES * bits);
}

/** Sixteen times sixteen bytes, rows `stride` apart, with rows and columns exchanged; returns where. */
function turn(from: u32, stride: u32): u32 {
  const one = placeOf(CLASSES) + PAGE_BYTES + 16;
  const other = one + 256;
  for (let n: u32 = 0; n < 16; n++) v128.store(one + 16 * n, v128.load(from + n * stride));
  weave(one, other);
  weave(other, one);
  weave(one, other);
  weave(other, one);
  return one;
}

/** Of sixteen vectors the first eight with the last eight, byte by byte in turn. */
function weave(from: u32, into: u32): void {
  for (let n: u32 = 0; n < 8; n++) {
    const a = v128.load(from + 16 * n);
    const b = v128.load(from + 16 * n + 128);
    const at = into + 32 * n;
    v128.store(at, v128.shuffle<u8>(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23));
    v128.store(
      at,
      v128.shuffle<u8>(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31),
      16,
    );
  }
}
