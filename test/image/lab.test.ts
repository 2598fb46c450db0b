import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { openImage } from '../../src/image/open-image.ts';
import { physical } from '../../src/memory/address.ts';
import { requires } from '../support/requires.ts';

const sample = join(process.env['IP2PROCESS_LAB'] ?? 'lab', 'sample');

/** Formats of the lab's machine, and whether memory is left out on purpose. */
const FORMATS = [
  ['elf', 'ELF core', true],
  ['lime', 'LiME', false],
  ['kdump-flat-zlib', 'kdump (flattened)', true],
  ['kdump-zlib', 'kdump', true],
  ['kdump-lzo', 'kdump', true],
  ['kdump-snappy', 'kdump', true],
  ['kdump-zstd', 'kdump', true],
  ['kdump-excluded', 'kdump', true],
  ['elf-excluded', 'ELF core', true],
] as const;

for (const [suffix, format, hasVmcoreinfo] of FORMATS) {
  const path = join(sample, `endpoint.${suffix}`);
  requires(path, 'test/lab/make-sample.sh, then IP2PROCESS_LAB=<its folder>')(
    `the lab's machine as ${suffix} holds what its raw image holds`,
    async () => {
      expect(existsSync(join(sample, 'endpoint.raw'))).toBe(true);
      const raw = await openImage(join(sample, 'endpoint.raw'));
      const image = await openImage(path);
      expect(image.format).toBe(format);
      expect(image.hints.vmcoreinfo?.startsWith('OSRELEASE=') ?? false).toBe(hasVmcoreinfo);

      let compared = 0;
      const a = new Uint8Array(2 ** 20);
      const b = new Uint8Array(2 ** 20);
      for (const { start, length } of image.memory.runs) {
        // What lies above RAM (QEMU's ROM) is not in the raw image.
        // One MiB of four: all of them took 24 seconds and found nothing else.
        for (let at = 0; at < length && start + at < raw.source.size; at += 4 * a.length) {
          const address = physical(start + at);
          const wanted = Math.min(a.length, length - at);
          const count = image.memory.read(address, a.subarray(0, wanted));
          expect(count).toBe(wanted);
          expect(raw.memory.read(address, b.subarray(0, wanted))).toBe(wanted);
          expect(Buffer.compare(a.subarray(0, count), b.subarray(0, count))).toBe(0);
          compared += count;
        }
      }
      expect(compared).toBeGreaterThan(raw.source.size / 16);
      image.close();
      raw.close();
    },
  );
}
