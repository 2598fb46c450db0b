import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** Writes until nothing more fits: what another program does to a disk. The runner takes the file away in the end. */
export function fillDisk(folder: string): void {
  const file = openSync(join(folder, 'full'), 'w');
  try {
    // The last bytes too: a report is short.
    for (const piece of [2 ** 20, 4096, 1]) writeUntilFull(file, Buffer.alloc(piece, 1));
  } finally {
    closeSync(file);
  }
}

function writeUntilFull(file: number, piece: Uint8Array): void {
  try {
    while (writeSync(file, piece) === piece.length);
  } catch {
    // Full.
  }
}
