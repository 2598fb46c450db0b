import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { memoryOf } from '../../src/image/memory-of.ts';
import { parseIndicator } from '../../src/indicator/parse-indicator.ts';
import { patternsOf } from '../../src/indicator/patterns.ts';
import { fileSource, openFile } from '../../src/memory/byte-source.ts';
import { scan } from '../../src/scan/scan.ts';
import { filled } from './ram.ts';

const IP = '35.178.122.152';
const indicators = [parseIndicator(IP)];
const patterns = patternsOf(indicators);
const anchors = [{ name: 'kernel', bytes: Buffer.from('Linux version ') }];
const NEVER_OPEN = 2 ** 30;
const folder = mkdtempSync(join(tmpdir(), 'ip2process-scan-'));
const path = join(folder, 'image.raw');

beforeAll(() => {
  const places = Array.from({ length: 500 }, (_, index) => [index * 8191, ` ${IP} `]);
  const texts = { ...Object.fromEntries(places), 262_140: IP, 4000: 'Linux version 6.1' };
  writeFileSync(path, filled(4 * 2 ** 20, texts));
});
afterAll(() => rmSync(folder, { recursive: true }));

test('two threads find what one finds', async () => {
  const source = openFile(path);
  const { memory } = memoryOf(source);
  const one = await scan({ source, memory }, patterns, indicators, { anchors, threads: 1 });
  const two = await scan({ source, memory }, patterns, indicators, { anchors, threads: 2 });
  source.close();
  expect(one.hits.length).toBeGreaterThan(499);
  expect(one.anchors).toEqual([{ name: 'kernel', address: 4000 }]);
  const plain = (result: typeof one) => ({
    ...result,
    tails: [...result.tails],
    heads: [...result.heads],
    larger: [...result.larger],
    spent: null,
  });
  expect(plain(two)).toEqual(plain(one));
  expect(Object.values(two.spent ?? {}).every((ms) => ms > 0)).toBe(true);
});

test('a thread that dies ends the scan with an error that says so', async () => {
  const { memory } = memoryOf(openFile(path));
  const source = fileSource(NEVER_OPEN, 4 * 2 ** 20);
  const scanning = scan({ source, memory }, patterns, indicators, { threads: 2 });
  await expect(scanning).rejects.toThrow('Cannot scan the image: a scan thread stopped: EBADF');
});
