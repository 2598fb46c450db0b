import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import type { ByteSource } from '../memory/byte-source.ts';
import type { PhysicalMemory } from '../memory/physical-memory.ts';
import { INDEX_FORMAT, type IndexKey } from './index-contents.ts';

const SAMPLES = 64;
const SAMPLE_BYTES = 4096;

/**
 * What an index is valid for: one state of one image file, one version of the program. Of the content 64 blocks are looked
 * at, spread by the file's size, its first and last among them: whoever changes an image and sets its time back can pass
 * by them, and is found only by its hash.
 *
 * @param marks what the scan was told to collect for the operating systems
 */
export function keyOf(
  path: string,
  source: ByteSource,
  memory: PhysicalMemory,
  tool: { readonly version: string; readonly marks: string },
): IndexKey {
  const { mtimeNs, ino } = statSync(path, { bigint: true });
  return {
    tool: `${tool.version} ${INDEX_FORMAT} ${digest(tool.marks).slice(0, 16)}`,
    bytes: source.size,
    modified: String(mtimeNs),
    inode: String(ino),
    samples: samplesOf(source),
    layout: digest(JSON.stringify(memory.runs)),
  };
}

/** Which part of a key differs, for people; null where none does. */
export function differenceOf(one: IndexKey, other: IndexKey): string | null {
  if (one.tool !== other.tool) return 'it is of another version of ip2process';
  if (one.bytes !== other.bytes) return 'the image has another size';
  if (one.modified !== other.modified) return 'the image was written since';
  if (one.inode !== other.inode) return 'it is of another file';
  if (one.samples !== other.samples) return 'the image has other bytes';
  return one.layout === other.layout ? null : 'the image’s memory lies elsewhere in it';
}

function samplesOf(source: ByteSource): string {
  const hash = createHash('sha256');
  const block = new Uint8Array(SAMPLE_BYTES);
  const last = Math.max(0, source.size - SAMPLE_BYTES);
  let seed = source.size % 2 ** 32;
  for (let sample = 0; sample < SAMPLES; sample += 1) {
    // Numerical Recipes' generator: any will do that is always the same.
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    const offset =
      sample === 0 ? 0 : sample === 1 ? last : Math.floor((seed / 2 ** 32) * (last + 1));
    hash.update(block.subarray(0, source.read(offset, block)));
  }
  return hash.digest('hex');
}

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');
