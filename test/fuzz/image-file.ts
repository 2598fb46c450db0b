import { ftruncateSync, openSync, writeSync } from 'node:fs';

const BLOCK = 65_536;

/** A file that is written again and again, alike but for a few bytes: only blocks that differ are written. */
export function imageFile(path: string): {
  readonly path: string;
  write(bytes: Uint8Array): void;
} {
  const file = openSync(path, 'w');
  let last = new Uint8Array();
  return {
    path,
    write(bytes) {
      if (bytes.length !== last.length) {
        ftruncateSync(file, bytes.length);
        const kept = last.subarray(0, bytes.length);
        last = new Uint8Array(bytes.length);
        last.set(kept);
      }
      for (let at = 0; at < bytes.length; at += BLOCK) {
        const block = bytes.subarray(at, at + BLOCK);
        if (Buffer.compare(block, last.subarray(at, at + BLOCK)) === 0) continue;
        last.set(block, at);
        for (let done = 0; done < block.length;) {
          done += writeSync(file, block, done, block.length - done, at + done);
        }
      }
    },
  };
}
