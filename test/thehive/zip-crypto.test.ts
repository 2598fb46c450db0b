import { execFileSync } from 'node:child_process';
import { createReadStream, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { unlockZip } from '../../src/thehive/zip-crypto.ts';
import { requires } from '../support/requires.ts';
import { failureOf, someBytes } from '../support/thehive/hive.ts';
import { zipWithPassword } from '../support/thehive/zip-writer.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = temporaryFolder('ip2process-zip-');

async function unlocked(zip: AsyncIterable<Uint8Array>, password: string, size: number) {
  const parts: Uint8Array[] = [];
  for await (const part of unlockZip(zip, password, size)) parts.push(part);
  return Buffer.concat(parts);
}

async function* inPieces(bytes: Uint8Array, length: number) {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
}

describe('unlockZip()', () => {
  test('any content, in pieces of any length, comes back', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 500 }),
        fc.string({ minLength: 1, maxLength: 20 }),
        fc.integer({ min: 1, max: 64 }),
        async (content, password, length) => {
          const zip = zipWithPassword('näme', content, password);
          expect(await unlocked(inPieces(zip, length), password, content.length)).toEqual(
            Buffer.from(content),
          );
        },
      ),
    );
  });

  const withZip = requires('zip', 'apt-get install zip');
  const content = Buffer.concat([...someBytes(200_000), Buffer.alloc(300_000)]);

  for (const [name, options] of [
    ['deflated', ['-6']],
    ['stored', ['-0']],
  ] as const) {
    withZip(`what Info-ZIP ${name} with a password comes back`, async () => {
      writeFileSync(join(folder, 'memory.raw'), content);
      const path = join(folder, `${name}.zip`);
      execFileSync('zip', [
        '-q',
        '-j',
        ...options,
        '-P',
        'malware',
        path,
        join(folder, 'memory.raw'),
      ]);
      expect(
        (await unlocked(createReadStream(path), 'malware', content.length)).equals(content),
      ).toBe(true);
      // One password in 256 passes the check, and fails by what comes out.
      const wrong = await failureOf(
        unlocked(createReadStream(path), 'infected', content.length).then((got) => {
          if (!got.equals(content)) throw new Error('other bytes');
        }),
      );
      expect(wrong).toBeInstanceOf(Error);
    });
  }

  test('an unlocked zip comes as it is', async () => {
    const zip = zipWithPassword('x', Buffer.from('hello'), 'malware');
    const stored = Buffer.concat([zip.subarray(0, 31), Buffer.from('hello')]);
    stored.writeUInt16LE(0, 6);
    stored.writeUInt16LE(0, 8);
    stored.writeUInt32LE(5, 18);
    stored.writeUInt32LE(5, 22);
    expect(String(await unlocked(inPieces(stored, 7), '', 5))).toBe('hello');
  });

  test.each<[string, (zip: Buffer) => void, RegExp]>([
    ['another file', (zip) => zip.fill(0, 0, 4), /does not begin as one$/],
    [
      'another method',
      (zip) => void zip.writeUInt16LE(99, 8),
      /packed by method 99, expected stored or deflated$/,
    ],
  ])('%s is refused', async (_name, change, message) => {
    const zip = zipWithPassword('x', Buffer.from('hello'), 'malware');
    change(zip);
    expect((await failureOf(unlocked(inPieces(zip, 9), 'malware', 5))).message).toMatch(message);
  });

  test.each([0, 5, 29, 35, 42])('a zip of %d bytes ends too early', async (length) => {
    const zip = zipWithPassword('x', Buffer.from('hello'), 'malware').subarray(0, length);
    expect(await failureOf(unlocked(inPieces(zip, 8), 'malware', 5))).toBeInstanceOf(Error);
  });
});
