import { describe, expect, test } from '@jest/globals';
import { Btf } from '../../../src/os/linux/btf.ts';
import { pageLayout, typeOfPage } from '../../../src/os/linux/page-layout.ts';
import { encodeBtf } from './encode-btf.ts';

type Values = readonly (readonly [string, number])[];

/** A kernel whose struct page has what is needed, with these enumerations. */
function layoutOf(pageflags: Values, pagetype: Values, release: string) {
  const members = ['flags', 'lru', 'compound_head', 'mapping', 'private', 'page_type', '_refcount'];
  const btf = Btf.parse(
    encodeBtf([
      { name: 'long', kind: 1, size: 8, words: [64] },
      { name: 'page', kind: 4, size: 64, members: members.map((name, at) => [name, 1, at * 64]) },
      { name: 'pageflags', kind: 6, size: 4, members: pageflags },
      { name: 'pagetype', kind: 6, size: 4, members: pagetype },
    ]),
  );
  if (btf === null) throw new Error('the types of the test are broken');
  return pageLayout(btf, release);
}

const OLD = [['PG_reserved', 12], ['PG_slab', 9]] as const; // prettier-ignore

describe.each<[string, Values, Values, Record<string, readonly [number, number]>]>([
  ['4.18', OLD, [], { buddy: [0, 0xffff_ff7f], table: [0, 0xffff_fbff], slab: [512, 0xffff_ffff] }],
  ['5.10.0', OLD, [], { buddy: [0, 0xffff_ff7f], table: [0, 0xffff_fbff], slab: [512, 7] }],
  ['6.1.0-50', OLD, [], { buddy: [0, 0xffff_ff7f], table: [0, 0xffff_fdff], slab: [512, 7] }],
  [
    '6.10.3',
    [['PG_reserved', 12]],
    [],
    { buddy: [0, 0xffff_ff7f], table: [0, 0xffff_fdff], slab: [0, 0xffff_efff] },
  ],
  [
    '6.11.2',
    [['PG_reserved', 12]],
    [
      ['PG_buddy', 0x4000_0000],
      ['PG_table', 0x1000_0000],
      ['PG_slab', 0x0200_0000],
    ],
    { buddy: [0, 0xbfff_ffff], table: [0, 0xefff_ffff], slab: [0, 0xfdff_0000] },
  ],
  [
    '6.12.1',
    [['PG_reserved', 12]],
    [['PGTY_buddy', 0xf0], ['PGTY_table', 0xf2], ['PGTY_slab', 0xf5]], // prettier-ignore
    { buddy: [0, 0xf000_0000], table: [0, 0xf200_0001], slab: [0, 0xf500_0000] },
  ],
])('page types of %s', (release, pageflags, pagetype, examples) => {
  const layout = layoutOf(pageflags, pagetype, release);

  test.each(Object.entries(examples))('%s is recognised', (name, [flags, type]) => {
    expect(typeOfPage(layout, flags, type)).toBe(name);
  });

  test.each([0xffff_ffff, 0, 1, 100])('a count of mappings such as %i is no type', (count) => {
    expect(typeOfPage(layout, 0, count)).toBeNull();
  });

  test('reserved frames are told by their flag', () => {
    expect(layout.isReserved(1 << 12)).toBe(true);
    expect(layout.isReserved(~(1 << 12))).toBe(false);
  });
});

test('a struct page without what is needed is refused', () => {
  const btf = Btf.parse(encodeBtf([{ name: 'page', kind: 4, size: 64, members: [['flags', 1, 0]] }])); // prettier-ignore
  expect(() => btf && pageLayout(btf, '6.1')).toThrow(/struct page has no member/);
});
