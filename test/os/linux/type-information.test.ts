import { expect, test } from '@jest/globals';
import { physical } from '../../../src/memory/address.ts';
import { typeInformation } from '../../../src/os/linux/type-information.ts';
import { buildLinux } from '../../support/build-image.ts';
import { patched } from './built-machine.ts';
import { encodeBtf } from './encode-btf.ts';
import { findAnchors } from './find-anchors.ts';

const { memory, bytes } = buildLinux().build();
const places = findAnchors(memory)
  .filter(({ name }) => name === 'linux-btf')
  .map(({ address }) => address);

test('the kernel’s types are found among broken and foreign ones', () => {
  const module = encodeBtf([{ name: 'int', kind: 1, size: 4, words: [32] }]);
  const at = Buffer.from(bytes).indexOf(Buffer.alloc(64));
  const other = patched(memory, [[at, module]]);
  const found = [...typeInformation(other, [physical(at), physical(at + 4), ...places])];
  // The builder leaves a broken copy, as the loader of a compressed kernel does.
  expect(found).toHaveLength(1);
  expect(found[0]?.has('task_struct')).toBe(true);
});

test.each<[string, number, number[]]>([
  ['too long for the image', 12, [0xff, 0xff, 0xff, 0x02]],
  ['with a record of no kind', 24 + 7, [0x1f]],
  ['longer than any kernel’s', 20, [0xff, 0xff, 0xff, 0x7f]],
])('types %s are passed over', (_, offset, content) => {
  const damage = places.map((place): [number, Uint8Array] => [
    place + offset,
    Uint8Array.from(content),
  ]);
  expect([...typeInformation(patched(memory, damage), places)]).toEqual([]);
});

test('a place in a hole is passed over', () => {
  expect([...typeInformation(memory, [physical(2 ** 40)])]).toEqual([]);
});
