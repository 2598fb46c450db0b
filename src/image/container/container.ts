import type { ByteSource } from '../../memory/byte-source.ts';
import { readRoom } from '../../memory/read-room.ts';

/** A file that holds a memory image in a compressed form. */
export interface Container {
  readonly name: 'gzip' | 'zlib' | 'zstd' | 'xz' | 'zip';
  /** Whether a file with these first bytes is one. */
  recognise(head: Uint8Array): boolean;
  /** Finds the image inside. Throws `Ip2ProcessError` of kind 'image' where there is none. */
  open(source: ByteSource): Promise<PackedImage>;
}

/** The image inside a container, still packed. */
export interface PackedImage {
  /** Bytes that it will have, where the container tells; a claim, not a fact. */
  readonly statedBytes: number | null;
  /** What was chosen, where there was a choice. */
  readonly warnings: readonly string[];
  /**
   * Its bytes in order. What was given out before an error is good.
   *
   * @param onProgress how far into the container's file the reading is, in bytes
   */
  unpack(onProgress: (done: number) => void): AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

const PIECE_BYTES = 2 ** 20;

/** A file from start to end, in new pieces of 1 MiB. */
export function* pieces(
  source: ByteSource,
  onProgress: (done: number) => void,
): Generator<Uint8Array<ArrayBuffer>> {
  for (let offset = 0; offset < source.size; offset += PIECE_BYTES) {
    const piece = readRoom(Math.min(PIECE_BYTES, source.size - offset));
    const count = source.read(offset, piece);
    if (count === 0) return;
    onProgress(offset + count);
    yield piece.subarray(0, count);
  }
}
