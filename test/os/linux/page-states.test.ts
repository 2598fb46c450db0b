import { describe, expect, test } from '@jest/globals';
import { virtual } from '../../../src/memory/address.ts';
import { pageStates } from '../../../src/os/linux/page-states.ts';
import { pathsOf } from '../../../src/os/linux/paths.ts';
import { buildLinux } from '../../support/build-image.ts';
import { frameAt, kernelOf, patched, word } from './built-machine.ts';

const image = buildLinux()
  .process('p', { pid: 9 })
  .maps(0x7f00_0000_0000n, 'x')
  .region(0x7f10_0000_0000n, 512, { kind: 'anon' })
  .huge(0x7f10_0000_0000n)
  .build();
const map = image.symbols['vmemmap_base'] ?? 0n;
const { truth } = image;
const one = truth.pages.find(({ va }) => va === 0x7f00_0000_0000n)?.frame ?? 0;
const huge = truth.pages.filter(({ pageBytes }) => pageBytes > 4096);
const base = (() => {
  const kernel = kernelOf(image);
  return kernel.structures.pointer(map);
})();
/** Physical address of a member of a frame's description. */
const bookOf = (frame: number, member: string): number => {
  const page = base + BigInt(frame * 64) + BigInt(image.offsetOf('page', member));
  return kernelOf(image).space.translate(virtual(page))?.physical ?? 0;
};

function stateWith(frame: number, patches: readonly (readonly [number, Uint8Array])[] = []) {
  const kernel = kernelOf({ ...image, memory: patched(image.memory, patches) });
  return pageStates(kernel, pathsOf(kernel), base)(frameAt(frame * 4096));
}

test('a large page is one: its first frame speaks for all', () => {
  expect(huge).toHaveLength(512);
  for (const { frame } of [huge[0], huge[1], huge[511]].filter((page) => page !== undefined)) {
    expect(stateWith(frame)).toEqual({ kind: 'anonymous', detail: null });
  }
});

describe('books that make no sense', () => {
  test.each<[string, string, bigint, string]>([
    ['lead to a first frame between two', 'compound_head', 0xffff_ea00_0000_0009n, 'unknown'],
    ['lead to a first frame below all', 'compound_head', 1n, 'unknown'],
    ['were never written', 'flags', 2n ** 64n - 1n, 'unknown'],
    ['name a file in user memory', 'mapping', 0x7fff_0000_0000n, 'kernel'],
    ['name a file that is not there', 'mapping', 0xffff_ffff_ffff_f000n, 'page-cache'],
    ['belong to a driver', 'mapping', 0xffff_8880_0000_0002n, 'kernel'],
    ['have no mapping', 'mapping', 0n, 'kernel'],
  ])('and %s', (_, member, value, kind) => {
    expect(stateWith(one, [[bookOf(one, member), word(value)]])).toEqual({ kind, detail: null });
  });
});
