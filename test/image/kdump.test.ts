import { describe, expect, test } from '@jest/globals';
import { memoryOf } from '../../src/image/memory-of.ts';
import { physical } from '../../src/memory/address.ts';
import { bytesSource } from '../../src/memory/byte-source.ts';
import { kdumpImage, type KdumpFields, type Stretch } from '../support/image-writers.ts';

const pages = Uint8Array.from({ length: 4 * 4096 }, (_, index) => 1 + ((index >> 8) & 15));
const memory: Stretch[] = [{ start: 0x3000, bytes: pages }];
const open = (fields: KdumpFields = {}) => memoryOf(bytesSource(kdumpImage(memory, fields)));
/** One header block, two of sub header, two of bitmaps. */
const DESCRIPTORS = 5 * 4096;

test('the sub header gives the VMCOREINFO text, from version 3 on', () => {
  const vmcoreinfo = 'OSRELEASE=6.1.0\nPAGESIZE=4096\n';
  expect(open({ vmcoreinfo }).hints).toEqual({ vmcoreinfo, cr3: [] });
  expect(open({ vmcoreinfo, version: 2 }).hints.vmcoreinfo).toBeNull();
});

describe('refused by name:', () => {
  test.each<[string, KdumpFields, string]>([
    [
      'a part of a split dump',
      { split: 1 },
      'it is one part of a split dump; join the parts with "makedumpfile --reassemble" first',
    ],
    [
      'another machine',
      { machine: 'aarch64' },
      'its machine is "aarch64"; only x86_64 dumps are supported',
    ],
    ['blocks of another size', { blockBytes: 65536 }, 'its blocks have 65536 bytes, expected 4096'],
    ['a negative block size', { blockBytes: -1 }, 'its blocks have -1 bytes, expected 4096'],
    ['an impossible version', { version: -5 }, 'its header version is -5, expected 1 or more'],
  ])('%s', (_, fields, reason) => {
    expect(() => open(fields)).toThrow(`Cannot use this kdump file: ${reason}`);
  });

  test.each([
    [
      'more frames than the bitmap has bits',
      440,
      0x7fffffff,
      3,
      'its bitmap of 2 blocks cannot be that of 2147483647 frames',
    ],
    ['no frames', 440, 0, 3, 'cannot be that of 0 frames'],
    ['a bitmap that is not in the file', 436, 0xffffffff, 6, 'its bitmaps end at file offset'],
    ['a sub header that is not in the file', 432, 0xffffffff, 6, 'its bitmaps end at file offset'],
  ])('%s', (_, offset, value, version, reason) => {
    const image = kdumpImage(memory, { version });
    new DataView(image.buffer).setUint32(offset, value, true);
    expect(() => memoryOf(bytesSource(image))).toThrow(reason);
  });

  test('a file that ends in its headers', () => {
    expect(() => memoryOf(bytesSource(kdumpImage(memory).subarray(0, 5000)))).toThrow(
      'the file ends after 5000 bytes, inside its headers',
    );
  });
});

describe('a page whose descriptor', () => {
  test.each([
    ['points past the end of the file', 0, 0xffffff],
    ['points to 0: it could not be written', 0, 0],
    ['claims no bytes', 8, 0],
    ['claims gigabytes', 8, 0xffffffff],
    ['claims fewer bytes than it has', 8, 10],
    ['names a compression that does not exist', 12, 0x40],
    ['names another compression', 12, 2],
    ['says that it was not written', 12, 8],
  ])('%s is a hole; its neighbours are held', (_, field, value) => {
    const image = kdumpImage(memory);
    new DataView(image.buffer).setUint32(DESCRIPTORS + 24 + field, value, true);
    const { memory: held } = memoryOf(bytesSource(image));
    const into = new Uint8Array(4 * 4096);
    expect(held.read(physical(0x3000), into)).toBe(4096);
    expect(held.read(physical(0x4000), into)).toBe(0);
    expect(held.read(physical(0x5010), into)).toBe(8192 - 0x10);
    expect(Buffer.compare(into.subarray(0, 8192 - 0x10), pages.subarray(0x2010))).toBe(0);
  });
});

test('a dump without all its descriptors holds the pages that have one', () => {
  const image = kdumpImage(memory);
  const { memory: held, warnings } = memoryOf(bytesSource(image.subarray(0, DESCRIPTORS + 50)));
  expect(warnings).toEqual([
    expect.stringContaining('its 4 page descriptors end at file offset 20576'),
  ]);
  expect(held.read(physical(0x3000), new Uint8Array(4096))).toBe(0);
});

test('a dump that says it is incomplete is told so', () => {
  expect(open({ status: 8 }).warnings).toEqual([expect.stringContaining('incomplete')]);
});
