import { describe, expect, test } from '@jest/globals';
import { memoryOf } from '../../src/image/memory-of.ts';
import { physical } from '../../src/memory/address.ts';
import { bytesSource } from '../../src/memory/byte-source.ts';

const MIB = 2 ** 20;
const noise = (bytes: number): Uint8Array =>
  Uint8Array.from({ length: bytes }, (_, index) => Math.imul(index, 2654435761) >>> 24);

test('what has no signature is raw: the offset is the address', () => {
  const bytes = noise(MIB);
  const { format, memory, warnings } = memoryOf(bytesSource(bytes));
  const into = new Uint8Array(100);
  expect({ format, warnings }).toEqual({ format: 'raw', warnings: [] });
  expect(memory.runs).toEqual([{ start: 0, length: MIB, fileOffset: 0 }]);
  expect(memory.read(physical(MIB - 40), into)).toBe(40);
  expect([...into.subarray(0, 40)]).toEqual([...bytes.subarray(MIB - 40)]);
  expect(memory.read(physical(MIB), into)).toBe(0);
});

test('the last partial page is held, with a warning', () => {
  const { memory, warnings } = memoryOf(bytesSource(noise(MIB + 100)));
  expect(memory.runs[0]?.length).toBe(MIB + 100);
  expect(warnings).toEqual([expect.stringContaining('100 bytes are left over')]);
});

describe('refused:', () => {
  const file = (text: string, at = 0, size = MIB): Uint8Array => {
    const bytes = new Uint8Array(size);
    bytes.set(Buffer.from(text, 'latin1'), at);
    return bytes;
  };
  const text = new Uint8Array(MIB).fill(0x41);

  test.each([
    ['an empty file', new Uint8Array(0), 'it is empty'],
    [
      'a small file',
      noise(70_000),
      'it has 70000 bytes and no signature of an image format; a raw image has at least 1048576',
    ],
    ['a text file', text, 'it is a text file; it holds no memory'],
    [
      'a 32-bit crash dump',
      file('PAGEDUMP'),
      'it is a Windows crash dump (32-bit); it is not supported; acquire memory',
    ],
    ['a hibernation file', file('HIBR'), 'it is a Windows hibernation file; '],
    ['a resumed hibernation file', file('wake'), 'it is a Windows hibernation file; '],
    [
      'a migration stream',
      file('QEVM'),
      'it is a QEMU migration stream (savevm); it is not supported; use the monitor command dump-guest-memory',
    ],
    ['a libvirt save', file('LibvirtQemudSave'), 'use "virsh dump --memory-only" instead'],
    ['a VirtualBox state', file('\x7fVirtualBox SavedState'), 'dumpvmcore'],
    ['a 7-Zip archive', file("7z\xbc\xaf'\x1c"), 'it is a 7-Zip archive; unpack it'],
    ['a tar archive', file('ustar', 257), 'it is a tar archive; unpack it'],
    [
      'an E01 image',
      file('EVF\x09\x0d\x0a\xff\0'),
      'it is an EnCase image (E01); it is not supported; export it as raw',
    ],
    ['a virtual disk', file('QFI\xfb'), "it is a virtual machine's disk"],
    ['a disk', file('EFI PART', 512), 'it is a disk image; it holds no memory'],
    ['a capture', file('\xd4\xc3\xb2\xa1'), 'it is a network capture; it holds no memory'],
    ['a Windows program', file('MZ\x90\0'), 'it is a Windows program; it holds no memory'],
  ])('%s', (_, bytes, reason) => {
    expect(() => memoryOf(bytesSource(bytes))).toThrow(
      expect.objectContaining({
        kind: 'image',
        message: expect.stringMatching(/^Cannot use the file as a memory image: it /),
        place: { size: bytes.length },
      }),
    );
    expect(() => memoryOf(bytesSource(bytes))).toThrow(reason);
  });
});
