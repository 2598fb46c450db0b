import { expect, test } from '@jest/globals';
import { frame } from '../../../src/memory/address.ts';
import { poolTagAt } from '../../../src/os/windows/pool-blocks.ts';
import { PageCache } from '../../../src/translate/page-cache.ts';
import { rawMemory } from './open-built.ts';

type Block = readonly [tag: string, units: number, type?: number];

/** A page of pool: blocks in a row, each of so many units of 16 bytes, header included. */
function page(...blocks: readonly Block[]): PageCache {
  const bytes = Buffer.alloc(4096);
  let at = 0;
  let previous = 0;
  for (const [tag, units, type = 2] of blocks) {
    bytes.set([previous, 0, units, type], at);
    bytes.write(tag, at + 4, 'latin1');
    at += units * 16;
    previous = units;
  }
  return new PageCache(rawMemory(bytes), 4);
}

test('the block that a place lies in', () => {
  const memory = page(['Abcd', 4], ['Xyz ', 8], ['Pro\xe3', 4]);
  expect(poolTagAt(memory, frame(0), 0x20)).toBe('Abcd');
  expect(poolTagAt(memory, frame(0), 0x60)).toBe('Xyz ');
  // Up to Windows 7 a bit marks the tags of objects.
  expect(poolTagAt(memory, frame(0), 0xd8)).toBe('Proc');
});

test.each<[string, { readonly block: Block }]>([
  ['a free block', { block: ['Abcd', 4, 0] }],
  ['a block that ends before the place', { block: ['Abcd', 1] }],
  ['a tag that is none', { block: ['\x01\x02\x03\x04', 4] }],
])('%s tells nothing', (_name, { block }) => {
  expect(poolTagAt(page(block), frame(0), 0x28)).toBeNull();
});

test('a page that the image lacks tells nothing', () => {
  expect(poolTagAt(page(['Abcd', 4]), frame(7), 0x28)).toBeNull();
});
