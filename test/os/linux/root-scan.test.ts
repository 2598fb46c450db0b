import { expect, test } from '@jest/globals';
import { physical } from '../../../src/memory/address.ts';
import { rootCandidates } from '../../../src/os/linux/root-scan.ts';

const MIB = 2 ** 20;

/** Memory of zeros with these entries: [physical address, low byte]. */
function memoryOf(length: number, entries: readonly (readonly [number, number])[]) {
  return {
    runs: [{ start: physical(0), length, fileOffset: 0 }],
    read(at: number, into: Uint8Array): number {
      const held = Math.max(0, Math.min(into.length, length - at));
      into.fill(0, 0, held);
      for (const [place, value] of entries) {
        if (place >= at && place < at + held) into[place - at] = value;
      }
      return held;
    },
  };
}
const root = (page: number, value = 0x63): readonly [number, number] => [page + 4088, value];

test('tables near the task come first, each once', () => {
  const places = [0x3000, 70 * MIB, 99 * MIB, 100 * MIB, 101 * MIB + 0x5000, 300 * MIB];
  const memory = memoryOf(400 * MIB, places.map((place) => root(place))); // prettier-ignore
  const found = [...rootCandidates(memory, physical(100 * MIB + 0x40))];
  expect(found.toSorted((one, other) => one - other)).toEqual(places);
  expect(found.slice(0, 3).toSorted((one, other) => one - other)).toEqual(places.slice(2, 5));
  expect(found[3]).toBe(70 * MIB);
});

test.each<[string, readonly (readonly [number, number])[]]>([
  ['without an entry for the kernel', [root(0x1000, 0)]],
  ['whose entry is a large page', [root(0x1000, 0xe3)]],
  ['that cannot be written through', [root(0x1000, 0x61)]],
  ['with user memory', [root(0x1000), [0x1000 + 2047, 1]]],
])('a page %s is no candidate', (_, entries) => {
  expect([...rootCandidates(memoryOf(MIB, entries), physical(0))]).toEqual([]);
});
