/**
 * Goes through what a question reads of an index, in AssemblyScript: TypeScript's grammar, WebAssembly's types. A question is
 * over before JavaScript's compiler has got at such loops. Compiled by compile.ts; ../asker.ts says where in memory what lies.
 */

const HASH_FACTOR: u32 = 0x9e3779b1;
const ENTRY_BYTES: u32 = 16;
/** Bytes of a half: what an edge is compared with | bits that do not count | bits that are compared. */
const HALF_BYTES: u32 = 48;
/** What a half's first byte says of it: as ../edge-judge.ts writes it. */
const HALF: u8 = 1;
const LARGER_HALF: u8 = 2;
const LONG_HALF: u8 = 3;
const LONG_LARGER_HALF: u8 = 4;

function mixed(sum: u32, word: u32): u32 {
  const product = (sum ^ word) * HASH_FACTOR;
  return product ^ (product >> 15);
}

/** As ../checksum.ts. */
export function checksum(at: u32, words: u32): u32 {
  const end = at + words * 4;
  const factors = i32x4.splat(HASH_FACTOR);
  let sums = i32x4.splat(words);
  for (const whole = end - (words % 4) * 4; at < whole; at += 16) {
    const products = i32x4.mul(v128.xor(sums, v128.load(at)), factors);
    sums = v128.xor(products, i32x4.shr_u(products, 15));
  }
  let sum = mixed(words, i32x4.extract_lane(sums, 0));
  sum = mixed(sum, i32x4.extract_lane(sums, 1));
  sum = mixed(sum, i32x4.extract_lane(sums, 2));
  sum = mixed(sum, i32x4.extract_lane(sums, 3));
  for (; at < end; at += 4) sum = mixed(sum, load<u32>(at));
  return sum;
}

/** Leaves of the row `left` what one of four rows has too; returns how many that are. Rows have 16 bytes or a multiple. */
export function narrow(left: u32, bytes: u32, one: u32, two: u32, three: u32, four: u32): u32 {
  let counts = i32x4.splat(0);
  for (let at: u32 = 0; at < bytes; at += 16) {
    const either = v128.or(v128.load(one + at), v128.load(two + at));
    const other = v128.or(v128.load(three + at), v128.load(four + at));
    const bits = v128.and(v128.load(left + at), v128.or(either, other));
    v128.store(left + at, bits);
    const pairs = i16x8.extadd_pairwise_i8x16_u(i8x16.popcnt(bits));
    counts = i32x4.add(counts, i32x4.extadd_pairwise_i16x8_u(pairs));
  }
  return (
    i32x4.extract_lane(counts, 0) +
    i32x4.extract_lane(counts, 1) +
    i32x4.extract_lane(counts, 2) +
    i32x4.extract_lane(counts, 3)
  );
}

/** Adds a row to another, or a set of as many bytes. */
export function join(into: u32, bytes: u32, row: u32): void {
  for (let at: u32 = 0; at < bytes; at += 16) {
    v128.store(into + at, v128.or(v128.load(into + at), v128.load(row + at)));
  }
}

function setBit(set: u32, number: u32): void {
  const at = set + (number >> 3);
  store<u8>(at, <u8>((<u32>load<u8>(at)) | ((<u32>1) << (number & 7))));
}

/**
 * Adds the pages of a row to a set, by their numbers.
 *
 * @param count of the numbers; beyond the last page a row has bits that nobody set or unset
 * @param pages the image's
 * @returns whether all numbers are the image's
 */
export function gather(row: u32, numbers: u32, count: u32, pages: u32, set: u32): bool {
  for (let first: u32 = 0; first < count; first += 32) {
    for (let bits = load<u32>(row + first / 8); bits != 0; bits &= bits - 1) {
      const page = first + ctz(bits);
      if (page >= count) break;
      const number = load<u32>(numbers + page * 4);
      if (number >= pages) return false;
      setBit(set, number);
    }
  }
  return true;
}

/**
 * Judges entries of edges whose nearest byte is the same: adds pages to the sets, and those of which only a part of a longer
 * half is kept to the list `open`, by their places in `entries`.
 *
 * @param halves those that begin with this nearest byte
 * @param pages the image's
 * @returns how many are open; -1 where a number is none of the image's
 */
export function judge(
  entries: u32,
  count: u32,
  halves: u32,
  halfCount: u32,
  pages: u32,
  half: u32,
  larger: u32,
  open: u32,
): i32 {
  const end = halves + halfCount * HALF_BYTES;
  let opened: i32 = 0;
  for (let entry: u32 = 0; entry < count; entry++) {
    const at = entries + entry * ENTRY_BYTES;
    const number = load<u32>(at);
    if (number >= pages) return -1;
    const edge = v128.load(at);
    let known: u8 = 0;
    let long: u8 = 0;
    for (let one = halves; one < end; one += HALF_BYTES) {
      const other = v128.xor(v128.or(edge, v128.load(one, 16)), v128.load(one));
      if (v128.any_true(v128.and(other, v128.load(one, 32)))) continue;
      const kind = load<u8>(one);
      if (kind >= LONG_HALF) long = max(long, kind);
      else known = max(known, kind);
    }
    if (known >= HALF) setBit(half, number);
    if (known == LARGER_HALF) setBit(larger, number);
    else if (long == LONG_LARGER_HALF || (long == LONG_HALF && known == 0)) {
      store<u32>(open + opened * 4, entry);
      opened++;
    }
  }
  return opened;
}

/**
 * Adds to `crossing` the pages whose end and the next one's beginning are halves, one of them a larger one.
 * Sets have 4 bytes or a multiple.
 */
export function cross(bytes: u32, head: u32, tail: u32, larger: u32, crossing: u32): void {
  for (let at: u32 = 0; at < bytes; at += 4) {
    const ends = load<u32>(tail + at);
    // Of nearly all pages nothing is to be said.
    if (ends == 0) continue;
    const isLast = at + 4 == bytes;
    const nextHead = isLast ? 0 : load<u32>(head + at, 4) << 31;
    const nextLarger = isLast ? 0 : load<u32>(larger + at, 4) << 31;
    const here = load<u32>(larger + at);
    const cut = ends & ((load<u32>(head + at) >> 1) | nextHead) & (here | (here >> 1) | nextLarger);
    store<u32>(crossing + at, cut);
  }
}

/** Bits that are set. */
export function sizeOf(set: u32, bytes: u32): u32 {
  let count: u32 = 0;
  for (let at: u32 = 0; at < bytes; at += 4) count += popcnt<u32>(load<u32>(set + at));
  return count;
}

function hasBit(set: u32, number: u32): bool {
  return ((load<u32>(set + (number >> 5) * 4) >> (number & 31)) & 1) != 0;
}

/**
 * Of a block of an owner table lists the rows of asked frames, and from `joints` on those of tails that join the next row: it is
 * the next page, and a head. A joint can be of two spaces. Behind the last row is another.
 *
 * @param pages f64 each
 * @param limit frames that the sets have a bit for
 * @param either frames of `asked` or `tails`
 * @param list has room for all rows, as `joints` has
 * @returns how many rows are of asked frames
 */
export function rows(
  frames: u32,
  pages: u32,
  count: u32,
  limit: u32,
  asked: u32,
  tails: u32,
  heads: u32,
  either: u32,
  list: u32,
  joints: u32,
): u32 {
  let listed: u32 = 0;
  jointsListed = 0;
  for (let row: u32 = 0; row < count; row++) {
    const frame = load<u32>(frames + row * 4);
    // Of most rows nothing is to be said.
    if (frame >= limit || !hasBit(either, frame)) continue;
    if (hasBit(asked, frame)) store<u32>(list + listed++ * 4, row);
    if (!hasBit(tails, frame)) continue;
    const next = load<u32>(frames + row * 4, 4);
    if (next >= limit || !hasBit(heads, next)) continue;
    const page = load<f64>(pages + row * 8);
    if (load<f64>(pages + row * 8, 8) == page + 1) store<u32>(joints + jointsListed++ * 4, row);
  }
  return listed;
}

/** By the last `rows`. */
let jointsListed: u32 = 0;

export function jointCount(): u32 {
  return jointsListed;
}
