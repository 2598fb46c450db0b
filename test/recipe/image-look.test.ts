import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { type ImageLook, lookAtImage } from '../../src/recipe/image-look.ts';
import { buildImage } from '../support/build-image.ts';
import { crashDump } from '../support/build-windows/crash-dump-writer.ts';
import { everyCase } from '../support/build-windows/scenarios.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = temporaryFolder('ip2process-look-');

const windows = everyCase({}).assemble();
const linux = buildImage().process('a', { pid: 1 });
const elf = Buffer.concat([Buffer.from('\x7fELF\x02\x01\x01'), Buffer.alloc(2 ** 20)]);

test.each<[string, Uint8Array, Partial<ImageLook>]>([
  [
    'Windows, raw',
    windows.ram.toBytes(),
    { format: 'raw', isPhysical: true, isPlain: true, system: 'windows' },
  ],
  [
    'Windows, crash dump',
    crashDump(windows, { type: 'full' }),
    { format: 'Windows crash dump', isPhysical: false, system: 'windows' },
  ],
  ['Linux, raw', linux.toBytes(), { format: 'raw', isPhysical: true, system: null }],
  [
    'packed',
    gzipSync(linux.toBytes()),
    { container: 'gzip', format: null, isPhysical: false, system: null },
  ],
])('%s', async (name, bytes, expected) => {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  expect(await lookAtImage(path)).toMatchObject({ path, ...expected });
});

test.each([
  ['a folder', () => folder, /it is a directory/],
  ['a file that is not there', () => join(folder, 'none'), /ENOENT/],
  [
    'a damaged ELF core',
    () => {
      writeFileSync(join(folder, 'elf'), elf);
      return join(folder, 'elf');
    },
    /ELF/,
  ],
])('%s is refused in a sentence', async (_, path, message) => {
  await expect(lookAtImage(path())).rejects.toThrow(message);
});
