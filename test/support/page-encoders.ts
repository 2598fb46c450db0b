/**
 * A valid LZO1X block, hardly compressed: literals, and runs of one byte as matches at distance 1. Real blocks come from lzop and
 * makedumpfile.
 */
export function lzoBlock(page: Uint8Array): Uint8Array {
  const out: number[] = [];
  let literals: number[] = [];
  const flush = (): void => {
    if (literals.length === 0) return;
    if (out.length === 0 && literals.length <= 238) out.push(17 + literals.length);
    else if (literals.length <= 18) out.push(literals.length - 3);
    else out.push(0, ...lengthBytes(literals.length - 18));
    out.push(...literals);
    literals = [];
  };

  for (let at = 0; at < page.length;) {
    let run = 0;
    while (at + run < page.length && page[at + run] === page[at - 1]) run += 1;
    // At least 4 literals come before a match here, so that the run of literals has a form of its own.
    if (run >= 40 && literals.length >= 4) {
      flush();
      out.push(32, ...lengthBytes(run - 2 - 31), 0, 0);
      at += run;
    } else {
      literals.push(page[at] ?? 0);
      at += 1;
    }
  }
  // A tail too short for its own form: three literals go with the match before it.
  if (literals.length > 0 && literals.length < 4 && out.length > 0) {
    out[out.length - 2] = (out.at(-2) ?? 0) | literals.length;
    out.push(...literals);
  } else flush();
  return Uint8Array.from([...out, 17, 0, 0]);
}

/** How LZO writes the part of a length that did not fit: 255 per zero byte, then 1 to 255. */
function lengthBytes(length: number): number[] {
  const zeros = Math.ceil(length / 255) - 1;
  return [...Array.from({ length: zeros }, () => 0), length - zeros * 255];
}

/** A valid zstd frame of one segment: one RLE block if all bytes are equal, else one stored block (RFC 8878, 3.1.1). */
export function zstdFrame(page: Uint8Array): Uint8Array {
  const isEqual = page.every((byte) => byte === page[0]);
  const block = (page.length << 3) | (isEqual ? 2 : 0) | 1;
  const size = page.length - 256;
  const head = [0x28, 0xb5, 0x2f, 0xfd, 0x60, size & 0xff, size >>> 8];
  const body = isEqual ? page.subarray(0, 1) : page;
  return Uint8Array.from([...head, block & 0xff, (block >>> 8) & 0xff, block >>> 16, ...body]);
}
