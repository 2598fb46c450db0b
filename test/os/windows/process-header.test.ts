import { expect, test } from '@jest/globals';
import { physical } from '../../../src/memory/address.ts';
import { headerAt } from '../../../src/os/windows/process-header.ts';
import { rawMemory } from './open-built.ts';

const AT = 0x2540;
const VA = 0xffff_e38f_3ed1_a540n;

/** The header of a real svchost.exe: Windows 10 1809. */
function image(fields: Readonly<Record<number, bigint>> = {}): Uint8Array {
  const bytes = Buffer.alloc(0x4000);
  const real = {
    0x00: 0x0000_0000_00b6_0003n,
    0x18: VA + 0x18n,
    0x20: VA + 0x18n,
    0x28: 0x1_2590_0002n,
    0x30: 0xffff_e38f_3ed6_d378n,
  };
  for (const [offset, value] of Object.entries({ ...real, ...fields })) {
    bytes.writeBigUInt64LE(value, AT + Number(offset));
  }
  return bytes;
}

const read = (fields?: Readonly<Record<number, bigint>>) =>
  headerAt(rawMemory(image(fields)), physical(AT));

test('a living process, its table without the PCID', () => {
  expect(read()).toEqual({
    address: VA,
    physical: AT,
    table: 0x1_2590_0000,
    hasEnded: false,
    hasThreads: true,
  });
});

test('an ended process: signalled, and without threads', () => {
  const header = read({ 0x00: 0x0000_0001_00b6_0003n, 0x30: VA + 0x30n });
  expect(header).toMatchObject({ hasEnded: true, hasThreads: false });
});

test.each<[string, Readonly<Record<number, bigint>>]>([
  ['another type', { 0x00: 0x0000_0000_00b6_0006n }],
  ['a list that holds something', { 0x20: VA + 0x118n }],
  ['a list in user memory', { 0x18: 0x7fff_3ed1_a558n, 0x20: 0x7fff_3ed1_a558n }],
  ['an address that is not its own', { 0x18: VA + 0x28n, 0x20: VA + 0x28n }],
  ['no table', { 0x28: 2n }],
  ['a table above all RAM', { 0x28: 0x000f_0000_0000_0000n }],
  ['no list of threads', { 0x30: 0n }],
])('%s makes it no process', (_name, fields) => expect(read(fields)).toBeNull());
