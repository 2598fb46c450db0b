import { setImmediate } from 'node:timers/promises';
import { Ip2ProcessError } from '../../errors.ts';
import type { ByteSource } from '../../memory/byte-source.ts';
import { headOf, isPlausibleImage } from '../memory-of.ts';
import { RAW_MIN_BYTES } from '../raw.ts';
import type { Container, PackedImage } from './container.ts';
import { gzip, zlib } from './gzip.ts';
import { scratchFile, type ScratchFile } from './scratch-file.ts';
import { xz } from './xz.ts';
import { zip } from './zip.ts';
import { zstd } from './zstd.ts';

const STREAMS: readonly Container[] = [gzip, zstd, xz, zlib];

const CONTAINERS: readonly Container[] = [
  ...STREAMS,
  zip(
    (head, size) =>
      STREAMS.some((stream) => stream.recognise(head)) || isPlausibleImage(head, size),
  ),
];

/** What a file is packed in, by its content; null where it is not. */
export function containerOf(source: ByteSource): Container | null {
  const head = headOf(source);
  return CONTAINERS.find((container) => container.recognise(head)) ?? null;
}

export interface UnpackOptions {
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
  /** Folder for the unpacked image. */
  readonly scratch: string;
}

/** Between these the event loop gets its turn: signals arrive, progress is shown. */
const TURN_BYTES = 8 * 2 ** 20;

/**
 * Unpacks the image inside a container into a scratch file that goes away with its source. A container that is damaged
 * or truncated on the way gives what came before, with a warning: half an image can still answer.
 */
export async function unpack(
  source: ByteSource,
  container: Container,
  options: UnpackOptions,
): Promise<{ source: ByteSource; warnings: string[] }> {
  const packed = await container.open(source);
  const scratch = scratchFile(options.scratch, packed.statedBytes);
  try {
    const fault = await pour(packed, scratch, source.size, options);
    const image = scratch.toSource();
    if (fault === null) return { source: image, warnings: [...packed.warnings] };
    if (image.size < RAW_MIN_BYTES) {
      throw new Ip2ProcessError('image', `Cannot unpack the ${container.name} file: ${fault}`);
    }
    return {
      source: image,
      warnings: [
        ...packed.warnings,
        `The ${container.name} file could be unpacked only in part (${fault}): its first ${image.size} bytes were used, what comes after is unknown`,
      ],
    };
  } catch (error) {
    scratch.discard();
    throw error;
  }
}

/** Returns what stopped the decoder before the end; null where nothing did. Throws what is not about the container. */
async function pour(
  packed: PackedImage,
  scratch: ScratchFile,
  total: number,
  { onProgress, signal }: UnpackOptions,
): Promise<string | null> {
  let done = 0;
  let fault: string | null = null;
  let sinceTurn = 0;
  for await (const piece of untilFault()) {
    scratch.write(piece);
    sinceTurn += piece.length;
    if (sinceTurn < TURN_BYTES) continue;
    sinceTurn = 0;
    onProgress?.(done, total);
    await setImmediate();
    if (signal?.aborted === true) {
      throw new Ip2ProcessError('cancelled', 'Cannot unpack the image: the caller asked to stop');
    }
  }
  onProgress?.(total, total);
  return fault;

  /** Only what the decoder throws is about the container: not what happens to its pieces. */
  async function* untilFault(): AsyncGenerator<Uint8Array> {
    try {
      yield* packed.unpack((at) => (done = at));
    } catch (error) {
      if (error instanceof Ip2ProcessError) throw error;
      fault = error instanceof Error ? error.message : String(error);
    }
  }
}
