import { describe, expect, test } from '@jest/globals';
import { memoryOf } from '../../src/image/memory-of.ts';
import { bytesSource } from '../../src/memory/byte-source.ts';
import {
  elfImage,
  elfNote,
  joined,
  u32s,
  u64s,
  type ElfFields,
  type Stretch,
} from '../support/image-writers.ts';

const memory: Stretch[] = [
  { start: 0x1000, bytes: new Uint8Array(8192).fill(1) },
  { start: 0x10000, bytes: new Uint8Array(4096).fill(2) },
];
const open = (fields: ElfFields = {}, stretches = memory) =>
  memoryOf(bytesSource(elfImage(stretches, fields)));
const prefix = 'Cannot use this ELF file as a memory image: ';

/** QEMUCPUState up to cr4, with a CR3 only. */
const qemuState = (cr3: number): Uint8Array => {
  const state = new Uint8Array(440);
  state.set(joined([u32s(1, 440)]));
  state.set(u64s(cr3), 416);
  return state;
};

test('notes give the VMCOREINFO text and the CR3 of each CPU, each once', () => {
  const notes = joined([
    elfNote('CORE', new Uint8Array(336), 1),
    elfNote('QEMU', qemuState(0x66de001)),
    elfNote('QEMU', qemuState(0x5000)),
    elfNote('QEMU', qemuState(0x5000)),
    elfNote('VMCOREINFO', Buffer.from('OSRELEASE=6.1.0\nPAGESIZE=4096\n\0\0\0')),
  ]);
  expect(open({ notes }).hints).toEqual({
    vmcoreinfo: 'OSRELEASE=6.1.0\nPAGESIZE=4096\n',
    cr3: [0x66de001, 0x5000],
  });
});

test.each([
  ['a name longer than the notes', u32s(0xffffffff, 4, 0)],
  ['a text longer than the notes', joined([u32s(5, 0xfffffff0, 0), Buffer.from('QEMU\0\0\0\0')])],
  ['a QEMU note that is too short', elfNote('QEMU', new Uint8Array(100))],
  ['nothing but zeros', new Uint8Array(500_000)],
])('notes with %s give no hints and no failure', (_, notes) => {
  expect(open({ notes }).hints).toEqual({ vmcoreinfo: null, cr3: [] });
});

describe('refused by name:', () => {
  test.each<[string, ElfFields, string]>([
    [
      'ARM',
      { machine: 183 },
      'its machine is aarch64 (64-bit ARM); only x86-64 images are supported',
    ],
    [
      'an unknown machine',
      { machine: 999 },
      'its machine is number 999; only x86-64 images are supported',
    ],
    [
      '32-bit x86',
      { machine: 3, class: 1 },
      'its machine is x86 (32-bit); only x86-64 images are supported',
    ],
    ['ELF32 of x86-64', { class: 1 }, 'it is a 32-bit ELF file; only ELF64 is supported'],
    ['big-endian', { data: 2 }, 'it is big-endian; only x86-64 images are supported'],
    ['a program', { type: 2 }, 'it is a program, not the memory of a machine'],
    [
      'a shared library',
      { type: 3 },
      'it is a program or shared library, not the memory of a machine',
    ],
    ['a type nobody knows', { type: 77 }, 'it is of type 77, not the memory of a machine'],
  ])('%s', (_, fields, reason) => {
    expect(() => open(fields)).toThrow(prefix + reason);
  });

  test('a core file of one process: it has no physical addresses', () => {
    const core = memory.map(({ bytes }) => ({ start: 0, bytes }));
    expect(() => open({}, core)).toThrow(
      `${prefix}it is the core file of one process, not of a machine`,
    );
  });

  test('a core without memory', () => {
    expect(() => open({}, [])).toThrow(`${prefix}it holds no memory segment`);
  });

  test('program headers that are not in the file', () => {
    const image = elfImage(memory);
    new DataView(image.buffer).setUint16(0x38, 60_000, true);
    expect(() => memoryOf(bytesSource(image))).toThrow(
      'its 60000 program headers at file offset 128',
    );
  });

  test('a count of program headers that is not in the file', () => {
    const image = elfImage(memory, { countInSection: true });
    new DataView(image.buffer).setUint32(0x28, 0x7fffffff, true);
    expect(() => memoryOf(bytesSource(image))).toThrow('the section header that counts');
  });
});

test('memory that a segment claims and does not store is unknown', () => {
  const image = open({ unstored: 4096 });
  expect(image.memory.runs.map(({ length }) => length)).toEqual([8192, 4096]);
  expect(image.warnings).toEqual([
    expect.stringContaining('2 segments of the ELF core are stored in part'),
  ]);
});

test('a truncated core holds what is there', () => {
  const image = elfImage(memory);
  const { memory: held, warnings } = memoryOf(bytesSource(image.subarray(0, image.length - 4196)));
  expect(held.runs.map(({ length }) => length)).toEqual([8192 - 100]);
  expect(warnings).toEqual([expect.stringContaining('truncated: 4196 bytes')]);
});
