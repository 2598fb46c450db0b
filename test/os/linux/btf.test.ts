import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Btf } from '../../../src/os/linux/btf.ts';
import { encodeBtf, type BtfRecord } from './encode-btf.ts';

const INT = 1;
const POINTER = 2;
const ARRAY = 3;
const STRUCT = 4;
const UNION = 5;
const ENUM = 6;
const TYPEDEF = 8;
const CONST = 10;

/**
 * typedef const int alias;
 * struct inner { int first; void *second; };
 * struct outer { int a; union { alias b; struct { int c; struct inner *p; }; }; struct inner in; int list[5]; int x:3, y:13; };
 */
const RECORDS: readonly BtfRecord[] = [
  { name: 'int', kind: INT, size: 4, words: [0x0100_0020] },
  { kind: CONST, size: 1 },
  { name: 'alias', kind: TYPEDEF, size: 2 },
  { kind: POINTER, size: 5 },
  { name: 'inner', kind: STRUCT, size: 16, members: [['first', 1, 0], ['second', 4, 64]] }, // prettier-ignore
  { kind: STRUCT, size: 16, members: [['c', 1, 0], ['p', 4, 64]] }, // prettier-ignore
  { kind: UNION, size: 16, members: [['b', 3, 0], ['', 6, 0]] }, // prettier-ignore
  { kind: ARRAY, words: [1, 1, 5] },
  {
    name: 'outer',
    kind: STRUCT,
    size: 72,
    hasBitFields: true,
    members: [
      ['a', 1, 0],
      ['', 7, 64],
      ['in', 5, 192],
      ['list', 8, 320],
      ['x', 1, (3 << 24) | 512],
      ['y', 1, (13 << 24) | 515],
    ],
  },
  { name: 'colour', kind: ENUM, size: 4, members: [['red', 3], ['green', 0xffff_ffff]] }, // prettier-ignore
];
const BLOB = encodeBtf(RECORDS);

describe('members of a structure', () => {
  const btf = Btf.parse(BLOB);

  test.each([
    ['a', 0, 0, 32, 1],
    ['b', 8, 0, 32, 1],
    ['c', 8, 0, 32, 1],
    ['p', 16, 0, 64, 1],
    ['in', 24, 0, 128, 1],
    ['in.second', 32, 0, 64, 1],
    ['list', 40, 0, 160, 5],
    ['x', 64, 0, 3, 1],
    ['y', 64, 3, 13, 1],
  ])('%s is at byte %i, bit %i', (path, offset, shift, bits, count) => {
    expect(btf?.field('outer', path)).toEqual({ offset, shift, bits, count });
  });

  test.each(['z', 'a.b', 'in.third', 'in.', '', 'p.first'])('there is no member "%s"', (path) => {
    expect(btf?.field('outer', path)).toBeNull();
    expect(() => btf?.offset('outer', path)).toThrow(/no member/);
  });

  test('sizes and names of enumerations are known, and what is not there is said', () => {
    expect(btf?.size('outer')).toBe(72);
    expect(btf?.enumValue('colour', 'red')).toBe(3);
    expect(btf?.enumValue('colour', 'blue')).toBeNull();
    expect(btf?.enumValue('outer', 'a')).toBeNull();
    expect(btf?.has('alias')).toBe(false);
    expect(() => btf?.size('nothing')).toThrow(/no structure nothing/);
  });
});

describe('damage', () => {
  test('types that are not whole are refused, wherever they are cut', () => {
    for (let length = 0; length < BLOB.length; length += 1) {
      expect(Btf.parse(BLOB.slice(0, length))).toBeNull();
    }
  });

  test('a type that leads to itself ends the search', () => {
    const loops = encodeBtf([
      { kind: TYPEDEF, name: 'round', size: 1 },
      { kind: STRUCT, name: 'ouroboros', size: 8, members: [['', 2, 0]] },
      { kind: ARRAY, words: [3, 1, 4] },
      { kind: STRUCT, name: 'holder', size: 8, members: [['self', 1, 0], ['many', 3, 0]] }, // prettier-ignore
    ]);
    const btf = Btf.parse(loops);
    expect(btf?.field('ouroboros', 'x')).toBeNull();
    expect(btf?.field('holder', 'self')?.offset).toBe(0);
    expect(btf?.field('holder', 'many')?.count).toBe(4);
  });

  test('any bytes changed: parsed or refused, but never another failure', () => {
    const change = fc.tuple(fc.nat(BLOB.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 8 }), (changes) => {
        const damaged = BLOB.slice();
        for (const [at, value] of changes) damaged[at] = value;
        const btf = Btf.parse(damaged);
        for (const path of ['a', 'c', 'in.second', 'list', 'y']) {
          const field = btf?.field('outer', path) ?? null;
          expect(field === null || Number.isSafeInteger(field.offset)).toBe(true);
        }
        btf?.enumValue('colour', 'green');
      }),
      { numRuns: 2000 },
    );
  });
});
