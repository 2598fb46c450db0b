import { Ip2ProcessError } from '../errors.ts';
import type { ByteSource } from '../memory/byte-source.ts';
import { claimedRuns, type Claim } from './claimed-runs.ts';
import { u64, viewOf } from './fields.ts';
import { NO_HINTS, type ImageFormat } from './image-format.ts';
import { storedMemory } from './stored-memory.ts';

/**
 * LiME memory image: a chain of {32-byte header, bytes of one run}, little-endian. AVML writes the same when it does not
 * compress.
 *
 * header: magic u32 | version u32 | first address u64 | last address u64 (inclusive) | reserved u64
 *
 * Source: LiME, docs/README.md, "LiME Memory Range Header Version 1 Specification".
 */
const MAGIC = 0x4c694d45; // "EMiL" on disk
export const LIME_HEADER_BYTES = 32;

/** Real machines have tens of ranges; a file of headers only must not keep us busy. */
const MAX_RANGES = 65_536;

export const lime: ImageFormat = {
  name: 'LiME',
  recognise: (head) => head.length >= 4 && viewOf(head).getUint32(0, true) === MAGIC,

  open(source) {
    const { claims, warnings } = readHeaders(source);
    const { runs, warnings: dropped } = claimedRuns(claims, source.size);
    return {
      format: lime.name,
      memory: storedMemory(runs, source),
      hints: NO_HINTS,
      warnings: [...warnings, ...dropped],
    };
  },
};

/** Walks the chain to its end, or to where it stops making sense: what stands before is still good. */
function readHeaders(source: ByteSource): { claims: Claim[]; warnings: string[] } {
  const claims: Claim[] = [];
  const header = new Uint8Array(LIME_HEADER_BYTES);
  let offset = 0;

  while (offset < source.size) {
    const fault = claims.length >= MAX_RANGES ? `more than ${MAX_RANGES} ranges` : headerFault();
    if (fault !== null) {
      if (claims.length === 0) {
        throw new Ip2ProcessError(
          'image',
          `Cannot read a LiME header: ${fault} at file offset ${offset}`,
          { offset },
        );
      }
      return {
        claims,
        warnings: [
          `The LiME image ends in something else: ${fault} at file offset ${offset}; ${source.size - offset} bytes from there on were left out`,
        ],
      };
    }
    const { start, last } = rangeOf(header);
    const fileOffset = offset + LIME_HEADER_BYTES;
    claims.push({ start, length: last - start + 1, fileOffset });
    offset = fileOffset + (last - start + 1);
  }
  return { claims, warnings: [] };

  function headerFault(): string | null {
    if (source.read(offset, header) < LIME_HEADER_BYTES) return 'fewer than 32 bytes are left';
    const view = viewOf(header);
    const magic = view.getUint32(0, true);
    if (magic !== MAGIC) return `magic is 0x${magic.toString(16)}, expected 0x4c694d45`;
    const version = view.getUint32(4, true);
    if (version !== 1) return `version is ${version}, expected 1`;
    const { start, last } = rangeOf(header);
    return last < start ? `the range ends before it starts` : null;
  }
}

function rangeOf(header: Uint8Array): { start: number; last: number } {
  const view = viewOf(header);
  return { start: u64(view, 8), last: u64(view, 16) };
}
