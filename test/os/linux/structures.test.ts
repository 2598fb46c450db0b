import { expect, test } from '@jest/globals';
import { isKernelAddress, Structures } from '../../../src/os/linux/structures.ts';
import { VirtualBytes } from './virtual-bytes.ts';

const AT = 0xffff_8880_0000_1000n;
const memory = new VirtualBytes()
  .word(AT, 0xffff_fffe_8000_0102n)
  .text(AT + 8n, Uint8Array.of(0x61, 0xff, 0x62, 0, 0x63));
const structures = new Structures(memory);

test('fields are little-endian, of the size and sign that is asked', () => {
  expect(structures.pointer(AT)).toBe(0xffff_fffe_8000_0102n);
  expect(structures.i64(AT)).toBe(-0x1_7fff_fefen);
  expect(structures.u32(AT)).toBe(0x8000_0102);
  expect(structures.i32(AT)).toBe(-0x7fff_fefe);
  expect(structures.u16(AT)).toBe(0x0102);
  expect(structures.u8(AT, 1)).toBe(1);
});

test('text ends at its NUL, or where memory ends, and replaces what is no UTF-8', () => {
  expect(structures.text(AT + 8n, 16)).toBe('a\ufffdb');
  expect(structures.text(AT + 12n, 16)).toBe('c');
  expect(structures.text(0n, 16)).toBe('');
});

test('what cannot be read is none', () => {
  for (const at of [0n, AT + 4096n, 0xffff_ffff_ffff_fffdn]) {
    expect(structures.pointer(at)).toBe(0n);
    expect(structures.u32(at)).toBe(0);
  }
  expect(structures.bytes(AT + 8n, 16)).toHaveLength(5);
});

test('a field at the very end of what can be read is read', () => {
  expect(structures.u8(AT, 12)).toBe(0x63);
  expect(structures.u16(AT, 12)).toBe(0);
});

test.each([
  [0n, false],
  [0x7fff_ffff_ffffn, false],
  [0xff11_0000_0000_0000n, true],
  [0xffff_8880_0000_0000n, true],
])('%i: in the kernel is %s', (at, expected) => expect(isKernelAddress(at)).toBe(expected));
