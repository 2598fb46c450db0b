import { expect, test } from '@jest/globals';
import { Ip2ProcessError } from '../../../src/errors.ts';
import { openKernel } from '../../../src/os/linux/kernel.ts';
import { PageCache } from '../../../src/translate/page-cache.ts';
import { buildLinux } from '../../support/build-image.ts';
import { kernelOf, patched } from './built-machine.ts';
import { encodeBtf } from './encode-btf.ts';
import { findAnchors } from './find-anchors.ts';

const image = buildLinux({ hostName: 'db-1' }).build();
const anchors = findAnchors(image.memory);

test('a kernel tells its names, and the addresses of its symbols', () => {
  const kernel = kernelOf(image);
  expect(kernel.hostName).toBe('db-1');
  expect(kernel.release).toBe(kernel.vmcoreinfo?.release);
  expect(kernel.symbol('tk_core')).toBe(image.symbols['tk_core']);
  expect(kernel.symbol('never_wanted')).toBeNull();
});

test('the text that an image’s header has is used where memory has none', () => {
  const [place] = anchors.filter(({ name }) => name === 'linux-vmcoreinfo');
  const bytes = Buffer.alloc(4096);
  if (place !== undefined) image.memory.read(place.address, bytes);
  const vmcoreinfo = bytes.toString('latin1');
  const bare = anchors.filter(({ name }) => name !== 'linux-vmcoreinfo');
  expect(openKernel(image.memory, bare, {})?.vmcoreinfo).toBeNull();
  const told = openKernel(image.memory, bare, { vmcoreinfo })?.vmcoreinfo;
  expect(told?.release).toBe(kernelOf(image).release);
});

test('types of another kernel do not hide this one’s', () => {
  const other = encodeBtf([
    { name: 'task_struct', kind: 4, size: 64 },
    { name: 'mm_struct', kind: 4, size: 64 },
  ]);
  const at = Buffer.from(image.bytes).indexOf(Buffer.alloc(256));
  const memory = patched(image.memory, [[at, other]]);
  const found = openKernel(memory, findAnchors(memory), {});
  expect(found?.btf.has('list_head')).toBe(true);

  const alone = findAnchors(memory).filter(
    ({ name, address }) => name !== 'linux-btf' || address === at,
  );
  expect(() => openKernel(memory, alone, {})).toThrow(Ip2ProcessError);
  expect(() => openKernel(memory, alone, {})).toThrow(/no member comm in task_struct/);
});

test('warnings are told once, and not without end', () => {
  const kernel = kernelOf(image);
  for (let count = 0; count < 1000; count += 1) kernel.warn(`Page ${count % 300} is missing`);
  expect(kernel.warnings).toHaveLength(100);
  expect(new Set(kernel.warnings).size).toBe(100);
});

test('memory that is cached already is not cached again', () => {
  const memory = new PageCache(image.memory);
  expect(openKernel(memory, anchors, {})?.memory).toBe(memory);
});
