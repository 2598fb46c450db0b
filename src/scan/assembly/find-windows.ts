// Part of matcher.ts: the first look where few literals are sought. ../window-filter.ts explains the tables.

/** Of what `findWindows` keeps, behind the tables. */
const BEFORE: u32 = 6 * 16;

/** Nothing stands before the next place that is looked at. */
export function forgetBefore(windows: u32): void {
  v128.store(windows, v128.splat<u8>(0), BEFORE);
}

/**
 * Puts the places where the four bytes of some window may stand into the queue, 64 bytes at a time; returns its new end.
 * Bytes at even places and at odd ones are told apart first: one look at a table then serves 16 pairs.
 */
export function findWindows(windows: u32, at: u32, end: u32, queueEnd: u32): u32 {
  const firstLow = v128.load(windows);
  const firstHigh = v128.load(windows, 16);
  const secondLow = v128.load(windows, 32);
  const secondHigh = v128.load(windows, 48);
  const thirdLow = v128.load(windows, 64);
  const fourthLow = v128.load(windows, 80);
  const zero = v128.splat<u8>(0);
  const nibble = v128.splat<u8>(0x0f);
  const evenByte = v128.splat<u16>(0xff);
  // What zeros are as the first two bytes, and as those behind.
  const zeroPair = v128.and(
    v128.and(v128.swizzle(firstLow, zero), v128.swizzle(firstHigh, zero)),
    v128.and(v128.swizzle(secondLow, zero), v128.swizzle(secondHigh, zero)),
  );
  const zerosBehind = u32(load<u8>(windows, 64) & load<u8>(windows, 80));
  let before = v128.load(windows, BEFORE);

  for (; at + 64 <= end; at += 64) {
    if (load<u64>(at) == 0 && isZero(at)) {
      store<u32>(queueEnd, at - 2);
      queueEnd += u32((v128.extract_lane<u8>(before, 15) & zerosBehind) != 0) << 2;
      before = zeroPair;
      while (at + 128 <= end && isZero(at + 64)) at += 64;
      continue;
    }

    const a = v128.load(at);
    const b = v128.load(at, 16);
    const even = v128.narrow<u16>(v128.and(a, evenByte), v128.and(b, evenByte));
    const odd = v128.narrow<u16>(v128.shr<u16>(a, 8), v128.shr<u16>(b, 8));
    const evenLow = v128.and(even, nibble);
    const evenHigh = v128.and(v128.shr<u16>(even, 4), nibble);
    const oddLow = v128.and(odd, nibble);
    const oddHigh = v128.and(v128.shr<u16>(odd, 4), nibble);
    const pair = v128.and(
      v128.and(v128.swizzle(firstLow, evenLow), v128.swizzle(firstHigh, evenHigh)),
      v128.and(v128.swizzle(secondLow, oddLow), v128.swizzle(secondHigh, oddHigh)),
    );
    const rest = v128.and(v128.swizzle(thirdLow, evenLow), v128.swizzle(fourthLow, oddLow));
    const found = v128.and(behind(before, pair), rest);

    const c = v128.load(at, 32);
    const d = v128.load(at, 48);
    const nextEven = v128.narrow<u16>(v128.and(c, evenByte), v128.and(d, evenByte));
    const nextOdd = v128.narrow<u16>(v128.shr<u16>(c, 8), v128.shr<u16>(d, 8));
    const nextEvenLow = v128.and(nextEven, nibble);
    const nextEvenHigh = v128.and(v128.shr<u16>(nextEven, 4), nibble);
    const nextOddLow = v128.and(nextOdd, nibble);
    const nextOddHigh = v128.and(v128.shr<u16>(nextOdd, 4), nibble);
    const nextPair = v128.and(
      v128.and(v128.swizzle(firstLow, nextEvenLow), v128.swizzle(firstHigh, nextEvenHigh)),
      v128.and(v128.swizzle(secondLow, nextOddLow), v128.swizzle(secondHigh, nextOddHigh)),
    );
    const nextRest = v128.and(
      v128.swizzle(thirdLow, nextEvenLow),
      v128.swizzle(fourthLow, nextOddLow),
    );
    const nextFound = v128.and(behind(pair, nextPair), nextRest);

    before = nextPair;
    if (v128.any_true(v128.or(found, nextFound))) {
      let places =
        (~(<u32>v128.bitmask<u8>(v128.eq<u8>(found, zero))) & 0xffff) |
        (~(<u32>v128.bitmask<u8>(v128.eq<u8>(nextFound, zero))) << 16);
      for (; places != 0; places &= places - 1) {
        store<u32>(queueEnd, at - 2 + (ctz(places) << 1));
        queueEnd += 4;
      }
    }
  }
  v128.store(windows, before, BEFORE);
  return queueEnd;
}

/** Each lane's neighbour below; the first one's is the last of the vector before. */
function behind(before: v128, lanes: v128): v128 {
  return v128.shuffle<u8>(
    before,
    lanes,
    15,
    16,
    17,
    18,
    19,
    20,
    21,
    22,
    23,
    24,
    25,
    26,
    27,
    28,
    29,
    30,
  );
}

export function isZero(at: u32): bool {
  const low = v128.or(v128.load(at), v128.load(at, 16));
  const high = v128.or(v128.load(at, 32), v128.load(at, 48));
  return !v128.any_true(v128.or(low, high));
}
