import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  ABSENT,
  LEAF,
  MAY_ALL,
  MAY_EXECUTE,
  MAY_USER,
  MAY_WRITE,
  TABLE,
} from '../../src/translate/entry-rules.ts';
import { FOUR_LEVEL } from '../../src/translate/levels.ts';
import { permissionsOfProtection, windowsRules } from '../../src/translate/windows-rules.ts';

const [PML4, PDPT, PD, PT] = FOUR_LEVEL.levels;
if (!PML4 || !PDPT || !PD || !PT) throw new Error('four levels');
const rules = windowsRules({ invalidMaskHigh: 1 << 13 });
const halves = (entry: bigint): [number, number] => [
  Number(entry & 0xffff_ffffn),
  Number((entry >> 32n) & 0xffff_ffffn),
];
const kind = (entry: bigint, level = PT): number => rules.kind(...halves(entry), level);
const frame = (entry: bigint, level = PT): number => rules.frame(...halves(entry), level);

// Values of a real Windows 10 1809 are marked as such.
test.each<[string, bigint, number]>([
  ['a valid page', 0x8a00_0001_1ad1_d867n, LEAF],
  ['a page in transition, real', 0x2001_1ad1_d820n, LEAF],
  ['a prototype, real', 0x800f_e080_2050_0400n, ABSENT],
  ['a prototype with bit 11, real', 0xe58f_b11f_39b0_0c10n, ABSENT],
  ['demand zero with an inverted bit, real', 0x2000_0000_0080n, ABSENT],
  ['a page in the paging file', 0x0001_2345_0000_2080n, ABSENT],
  ['a pointer in the place of an entry', 0xffff_e38f_392f_5820n, ABSENT],
  ['nothing', 0n, ABSENT],
])('%s is %#', (_name, entry, expected) => expect(kind(entry)).toBe(expected));

test('a table can be in transition itself', () => {
  expect(kind(0x2000_0123_4820n, PD)).toBe(TABLE);
  expect(frame(0x2000_0123_4820n, PD)).toBe(0x1234);
});

test('bit 7 makes a large page where there is one, and nothing where there is none', () => {
  expect(kind(0x8e3n, PD)).toBe(LEAF);
  expect(kind(0x8e3n, PDPT)).toBe(LEAF);
  expect(kind(0x8e3n, PML4)).toBe(ABSENT);
  expect(kind(0x863n, PML4)).toBe(TABLE);
  // Bit 12 of a large page is no address bit.
  expect(frame(0x1234_1000n | 0x8e3n, PD)).toBe(0x12200);
});

describe('the frame of an entry in transition', () => {
  test('loses the inverted bit, as the database of a real machine confirms', () => {
    expect(frame(0x2001_1ad1_d820n)).toBe(0x11_ad1d);
  });

  test('is taken as it is where bit 4 says so', () => {
    expect(frame(0x2001_1ad1_d830n)).toBe(0x2_0011_ad1d);
  });

  test('is what was put in, with or without the inverted bit', () => {
    fc.assert(
      fc.property(fc.nat(2 ** 28), fc.boolean(), (number, isInverted) => {
        const entry = (BigInt(number) << 12n) | 0x880n | (isInverted ? 1n << 45n : 0n);
        expect(frame(entry)).toBe(number);
      }),
    );
  });
});

test.each<[string, bigint, number]>([
  ['read-only, no execution', 0x8000_0000_0000_0025n, MAY_USER],
  ['writable, not yet written', 0x8000_0000_0000_0825n, MAY_USER | MAY_WRITE],
  ['executable', 0x25n, MAY_USER | MAY_EXECUTE],
  ["the kernel's", 0x8000_0000_0000_0863n, MAY_WRITE],
  ['in transition, RX', 0x0860n, MAY_USER | MAY_EXECUTE],
  ['in transition, RWX', 0x08c0n, MAY_ALL],
])('a page that is %s grants just that', (_name, entry, expected) => {
  expect(rules.permissions(...halves(entry), PT)).toBe(expected);
});

test("NX in a top entry is the kernel's guard, no property of the pages below", () => {
  const entry = 0x8a00_0001_1ad1_d867n;
  expect(rules.permissions(...halves(entry), PML4)).toBe(MAY_ALL);
  expect(rules.permissions(...halves(entry), PDPT)).toBe(MAY_USER | MAY_WRITE);
});

test('protections of five bits grant what their lowest three say', () => {
  const granted = Array.from({ length: 8 }, (_, code) => permissionsOfProtection(code + 0x18));
  expect(granted).toEqual([
    MAY_USER,
    MAY_USER,
    MAY_USER | MAY_EXECUTE,
    MAY_USER | MAY_EXECUTE,
    MAY_USER | MAY_WRITE,
    MAY_USER,
    MAY_ALL,
    MAY_USER | MAY_EXECUTE,
  ]);
});
