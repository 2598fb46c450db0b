import { describe, expect, test } from '@jest/globals';
import {
  ABSENT,
  LEAF,
  MAY_ALL,
  MAY_EXECUTE,
  MAY_USER,
  MAY_WRITE,
  TABLE,
  type EntryKind,
} from '../../src/translate/entry-rules.ts';
import { FOUR_LEVEL, type Level } from '../../src/translate/levels.ts';
import { linuxRules } from '../../src/translate/linux-rules.ts';

const rules = linuxRules({ encryptionMask: 0n });

describe('what an entry is', () => {
  test.each<[string, bigint, string, EntryKind, number]>([
    ['a present page', 0x8000_0000_0f06_a867n, 'PT', LEAF, 0xf06a],
    // Taken from a Debian 12 machine whose own pagemap says frame 0xf06a.
    ['a PROT_NONE page, its frame inverted', 0xf_ffff_f0f9_5960n, 'PT', LEAF, 0xf06a],
    ['a swapped page', 0x0fff_ffff_ffff_f800n, 'PT', ABSENT, 0],
    ['a migration entry', 0xf7ff_ffff_f0f9_5600n, 'PT', ABSENT, 0],
    ['a page whose bit 7 is PAT', 0x0f06_a0e7n, 'PT', LEAF, 0xf06a],
    ['a table', 0x0f06_a067n, 'PD', TABLE, 0xf06a],
    ['a 2 MiB page', 0x8000_0000_0f20_08e7n, 'PD', LEAF, 0xf200],
    ['a 2 MiB page with its PAT bit, 12', 0x8000_0000_0f20_18e7n, 'PD', LEAF, 0xf200],
    ['a 2 MiB page being split: bit 7 only', 0xf_ffff_f0c0_0080n, 'PD', LEAF, 0xf200],
    ['a 2 MiB PROT_NONE page', 0xf_ffff_f0c0_0180n, 'PD', LEAF, 0xf200],
    ['a 2 MiB page being migrated', 0xf7ff_ffff_f0f9_5600n, 'PD', ABSENT, 0],
    ['a 1 GiB page', 0x8000_0001_4000_00e7n, 'PDPT', LEAF, 0x14_0000],
    ['a table above 4 GiB', 0x000f_ffff_ffff_f067n, 'PDPT', TABLE, 2 ** 40 - 1],
    ['a reserved bit 7 at the root', 0x0f06_a0e7n, 'PML4', ABSENT, 0],
    ['an absent table', 0x0f06_a066n, 'PML4', ABSENT, 0],
  ])('%s', (_what, entry, name, kind, frame) => {
    const level = levelOf(name);
    expect(rules.kind(low(entry), high(entry), level)).toBe(kind);
    if (kind !== ABSENT) expect(rules.frame(low(entry), high(entry), level)).toBe(frame);
  });
});

test('the encryption bit is no part of the frame, present or inverted', () => {
  const encrypted = linuxRules({ encryptionMask: 1n << 47n });
  const present = 0x0f06_a067n | (1n << 47n);
  const inverted = 0xf_ffff_f0f9_5960n;
  const pt = levelOf('PT');
  expect(encrypted.frame(low(present), high(present), pt)).toBe(0xf06a);
  expect(encrypted.frame(low(inverted), high(inverted), pt)).toBe(0xf06a);
});

test.each<[string, bigint, string, number]>([
  ['writable, not executable', 0x8000_0000_0f06_a867n, 'PT', MAY_USER | MAY_WRITE],
  ['code', 0x0f06_a025n, 'PT', MAY_USER | MAY_EXECUTE],
  ["the kernel's", 0x0f06_a063n, 'PT', MAY_WRITE | MAY_EXECUTE],
  ['PROT_NONE: nothing but whose it is', 0xf_ffff_f0f9_5960n, 'PT', MAY_USER],
  ['NX at the root, which page-table isolation sets', 0x8000_0000_0f06_a067n, 'PML4', MAY_ALL],
])('permissions of an entry: %s', (_what, entry, name, expected) => {
  expect(rules.permissions(low(entry), high(entry), levelOf(name))).toBe(expected);
});

test('a page that is not present but in RAM is protected', () => {
  const pt = levelOf('PT');
  expect(rules.state(0x0f06_a867, 0, pt)).toBe('valid');
  expect(rules.state(0xf0f9_5960, 0xf_ffff, pt)).toBe('protected');
});

const low = (entry: bigint): number => Number(entry & 0xffff_ffffn);
const high = (entry: bigint): number => Number(entry >> 32n);

function levelOf(name: string): Level {
  const level = FOUR_LEVEL.levels.find((candidate) => candidate.name === name);
  if (level === undefined) throw new RangeError(`No level "${name}"`);
  return level;
}
