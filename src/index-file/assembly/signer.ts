/**
 * Makes the signatures of pages, in AssemblyScript: TypeScript's grammar, WebAssembly's types. Says the same as
 * test/index-file/naive-signer.ts; ../signature.ts explains what is made. Compiled by compile-signer.ts.
 *
 * Memory: `MOST_BITS` flags, a byte each | then for each class, the widest first: LANES × bits bytes of gathered flags, and
 * bits × ROW_BYTES bytes of rows. The page lies at `pageAt`, with 16 zero bytes behind it.
 */

const PAGE_BYTES: u32 = 4096;
const MOST_BITS: u32 = 8192;
const FEWEST_BITS: u32 = 128;
const CLASSES: u32 = 7;
/** Pages whose flags are gathered before they become rows. */
const LANES: u32 = 16;
const BATCH: u32 = LANES * 8;
/** A row has one bit for each of 8192 pages. */
const ROW_BYTES: u32 = 1024;
const HASH_FACTOR: u32 = 0x9e3779b1;
/** More flags than this in ten are too many to halve them. */
const FULL_TENTHS: u32 = 3;

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

/** Sets a flag for each pair of neighbouring bytes; false where the page is zero. */
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
    const pairs: u32 = chunk == PAGE_BYTES - 16 ? 15 : 16;
    for (let byte: u32 = 0; byte < pairs; byte++) {
      const pair = <u32>load<u16>(at + byte);
      store<u8>(FLAGS + (((pair * HASH_FACTOR) >> 16) & (MOST_BITS - 1)), 1);
    }
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
  return placeOf(CLASSES) + PAGE_BYTES + 16;
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

/** Adds the flags of the signed page as the class' page `number` (0 to 8191). */
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
  for (let bit: u32 = 0; bit < bits; bit++) {
    for (let lane: u32 = 0; lane < LANES; lane++) {
      store<u8>(row + lane, load<u8>(lanes + lane * bits + bit));
    }
    row += ROW_BYTES;
  }
  memory.fill(lanes, 0, LANES * bits);
}
