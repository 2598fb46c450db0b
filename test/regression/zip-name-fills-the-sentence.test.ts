import { expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openImage } from '../../src/image/open-image.ts';
import { zipArchive } from '../support/image-writers.ts';

const UTF8_NAME = 0x800;

/** Found by the fuzzer: a damaged length made the whole file the name of an entry, and the refusal told it all. */
test('a refusal tells no more of a name in a zip archive than fits a sentence, and no control characters', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ip2process-zip-'));
  const file = join(folder, 'case.zip');
  const name = `\u0000\u001b[31m\u202ememory.raw${'\u2592'.repeat(20_000)}`;
  writeFileSync(file, zipArchive([{ name, bytes: new Uint8Array(100).fill(7), flags: UTF8_NAME }]));
  try {
    await openImage(file);
    throw new Error('It was opened');
  } catch (error) {
    const message = error instanceof Error ? error.message : '';
    expect(message).toMatch(/^Cannot use the zip archive as a memory image: none of the files/);
    expect(message).toContain('"??[31m?memory.raw▒');
    expect(message).not.toMatch(/\p{C}/u);
    expect(message.length).toBeLessThan(300);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
