import { mkdtempSync, readdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { openCache } from '../../src/evidence/cache.ts';

const A = 'a'.repeat(64);
const B = 'b'.repeat(64);
const C = 'c'.repeat(64);
const never = new AbortController().signal;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ip2process-cache-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const put = (name: string, bytes: number, ageSeconds: number): void => {
  const time = Date.now() / 1000 - ageSeconds;
  writeFileSync(join(folder, name), Buffer.alloc(bytes));
  utimesSync(join(folder, name), time, time);
};

test('the longest unused goes first, and only as many as must', async () => {
  put(`${A}.image`, 40, 300);
  put(`${B}.image`, 40, 200);
  put(`${C}.image`, 10, 100);
  const cache = await openCache(folder, { largestBytes: 100 });
  await (await cache.find(A))?.close();
  await cache.makeRoom(45);
  expect(readdirSync(folder).toSorted()).toEqual([`${A}.image`, `${C}.image`]);
});

test('files of killed programs go, those of running ones and of others stay', async () => {
  put('ip2process-old.part', 10, 7200);
  put('ip2process-new.part', 10, 5);
  put('notes.txt', 1000, 9999);
  await (await openCache(folder, { largestBytes: 100 })).makeRoom(0);
  expect(readdirSync(folder).toSorted()).toEqual(['ip2process-new.part', 'notes.txt']);
});

test('a link, or a folder, is no image', async () => {
  writeFileSync(join(folder, 'secret'), 'x');
  symlinkSync('secret', join(folder, `${A}.image`));
  symlinkSync('/dev/zero', join(folder, `${B}.image`));
  const cache = await openCache(folder, { largestBytes: 100 });
  expect([await cache.find(A), await cache.find(B), await cache.find(C)]).toEqual([
    null,
    null,
    null,
  ]);
});

test('a name that is no hash goes nowhere', async () => {
  const cache = await openCache(folder, { largestBytes: 100 });
  await expect(cache.find('../../etc/passwd')).rejects.toThrow(RangeError);
});

test('a claim is waited for until its owner ends it', async () => {
  const cache = await openCache(folder, { largestBytes: 100 });
  const end = await cache.claim(A, never);
  let isMine = false;
  const second = cache.claim(A, never).then((endSecond) => {
    isMine = true;
    return endSecond;
  });
  await (
    await cache.claim(B, never)
  )();
  expect(isMine).toBe(false);
  await end();
  const endSecond = await second;
  // Ended already: it is not the second one's.
  await end();
  expect(readdirSync(folder)).toEqual([`${A}.claim`]);
  await endSecond();
  expect(readdirSync(folder)).toEqual([]);
});

test('the claim of a killed program is taken over', async () => {
  put(`${A}.claim`, 5, 120);
  const cache = await openCache(folder, { largestBytes: 100 });
  await (
    await cache.claim(A, never)
  )();
  expect(readdirSync(folder)).toEqual([]);
});

test('waiting can be stopped', async () => {
  const cache = await openCache(folder, { largestBytes: 100 });
  const end = await cache.claim(A, never);
  await expect(cache.claim(A, AbortSignal.timeout(20))).rejects.toThrow('the run was stopped');
  await end();
});

test('a folder that cannot be used is named', async () => {
  writeFileSync(join(folder, 'file'), '');
  await expect(openCache(join(folder, 'file', 'x'), { largestBytes: 1 })).rejects.toThrow(
    /^Cannot keep images in ".*": ENOTDIR/,
  );
});
