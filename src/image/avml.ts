import { Ip2ProcessError } from '../errors.ts';
import type { ByteSource } from '../memory/byte-source.ts';
import { claimedRuns, type Claim } from './claimed-runs.ts';
import { viewOf, u64 } from './fields.ts';
import { NO_HINTS, type ImageFormat } from './image-format.ts';
import { snappyChunks, walkFrames, type ChunkTable } from './snappy-chunks.ts';
import { readRuns } from './stored-memory.ts';

/**
 * AVML image, version 2: a chain of {32-byte header, Snappy frames of one block of memory, size of those frames u64}.
 *
 * header: magic u32 | version u32 | first address u64 | last address u64 (inclusive) | reserved u64
 *
 * The whole is treated as one long text, all blocks after another, of which the chunks know their places.
 *
 * Source: microsoft/avml, src/image.rs (header as LiME's, version 2).
 */
const MAGIC = 0x4c4d5641; // "AVML" on disk
const HEADER_BYTES = 32;

/** AVML cuts memory into blocks of at most 16 MiB: enough for 16 TiB. */
const MAX_BLOCKS = 2 ** 20;

export const avml: ImageFormat = {
  name: 'AVML',
  recognise: (head) => head.length >= 4 && viewOf(head).getUint32(0, true) === MAGIC,

  open(source) {
    const { claims, chunks, warnings } = readBlocks(source);
    // Positions in the decoded text stand where a plain format has offsets in the file.
    const { runs, warnings: dropped } = claimedRuns(claims, chunks.decodedBytes);
    const read = snappyChunks(source, chunks);
    return {
      format: avml.name,
      memory: {
        runs: runs.map((run) => ({ ...run, fileOffset: null })),
        read: (at, into) => readRuns(runs, at, into, read),
      },
      hints: NO_HINTS,
      warnings: [...warnings, ...dropped],
    };
  },
};

/** Walks the chain to its end, or to where it stops making sense: what stands before is still good. */
function readBlocks(source: ByteSource): {
  claims: Claim[];
  chunks: ChunkTable;
  warnings: string[];
} {
  const chunks: ChunkTable = { offsets: [], starts: [], decodedBytes: 0 };
  const claims: Claim[] = [];
  const warnings: string[] = [];

  let offset = 0;
  while (offset < source.size) {
    const block = readHeader(source, offset);
    const fault =
      claims.length >= MAX_BLOCKS
        ? `more than ${MAX_BLOCKS} blocks`
        : typeof block === 'string'
          ? block
          : null;
    if (fault !== null || typeof block === 'string') {
      if (claims.length === 0) {
        throw new Ip2ProcessError(
          'image',
          `Cannot read an AVML header: ${fault} at file offset ${offset}`,
          { offset },
        );
      }
      warnings.push(
        `The AVML image cannot be read to its end: ${fault} at file offset ${offset}; ${source.size - offset} bytes from there on were left out`,
      );
      break;
    }

    const textStart = chunks.decodedBytes;
    const walk = walkFrames(source, offset + HEADER_BYTES, block.length, chunks);
    claims.push({ ...block, length: chunks.decodedBytes - textStart, fileOffset: textStart });
    if (walk.fault !== null) {
      warnings.push(
        `The AVML image is damaged or truncated: ${walk.fault} at file offset ${walk.end}; memory from there on is unknown`,
      );
      break;
    }
    offset = walk.end + 8;
  }
  return { claims, chunks, warnings };
}

/** One block's place in memory, or what is wrong with its header. */
function readHeader(
  source: ByteSource,
  offset: number,
): { start: number; length: number } | string {
  const header = new Uint8Array(HEADER_BYTES);
  if (source.read(offset, header) < HEADER_BYTES) return 'fewer than 32 bytes are left';
  const view = viewOf(header);
  const magic = view.getUint32(0, true);
  if (magic !== MAGIC) return `magic is 0x${magic.toString(16)}, expected 0x4c4d5641`;
  const version = view.getUint32(4, true);
  if (version !== 2) return `version is ${version}, expected 2`;
  const start = u64(view, 8);
  const last = u64(view, 16);
  return last < start ? 'the block ends before it starts' : { start, length: last - start + 1 };
}
