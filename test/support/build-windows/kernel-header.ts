import type { Layout } from './layout.ts';

/**
 * The first pages of ntoskrnl.exe as the loader mapped them: PE headers, exports, and the debug record that names its PDB.
 * Source: Microsoft PE/COFF specification; CodeView record RSDS.
 */
export function kernelHeader(layout: Layout, symbol: (name: string) => number | null): Uint8Array {
  const image = Buffer.alloc(0x1800);
  image.write('MZ');
  image.writeUInt32LE(PE_AT, 0x3c);
  image.write('PE\0\0', PE_AT);
  image.writeUInt16LE(0x8664, PE_AT + 4);
  image.writeUInt16LE(SECTIONS.length, PE_AT + 6);
  image.writeUInt32LE(0x5f00_0000 + layout.build, PE_AT + 8);
  image.writeUInt16LE(OPTIONAL_BYTES, PE_AT + 0x14);
  image.writeUInt16LE(0x22, PE_AT + 0x16);
  writeOptional(image, PE_AT + 0x18, layout);
  for (const [index, name] of SECTIONS.entries()) {
    const at = PE_AT + 0x18 + OPTIONAL_BYTES + index * 40;
    image.write(name, at, 'latin1');
    image.writeUInt32LE(0x1000, at + 8);
    image.writeUInt32LE(0x1000 * (index + 1), at + 12);
    image.writeUInt32LE(0x6000_0020, at + 36);
  }
  writeExports(image, symbol);
  writeDebug(image, layout.guid);
  return image;
}

function writeOptional(image: Buffer, at: number, layout: Layout): void {
  const [major = 10, minor = 0] = layout.version.split('.').map(Number);
  image.writeUInt16LE(0x20b, at);
  image.writeUInt32LE(0x1000, at + 0x10);
  image.writeBigUInt64LE(0x1_4000_0000n, at + 0x18);
  image.writeUInt32LE(0x1000, at + 0x20);
  image.writeUInt32LE(0x200, at + 0x24);
  for (const field of [0x28, 0x2c, 0x30]) {
    image.writeUInt16LE(major, at + field);
    image.writeUInt16LE(minor, at + field + 2);
  }
  // Past the last symbol known.
  image.writeUInt32LE(((layout.symbol('KiInitialProcess') ?? 0) + 0x20_0000) & ~0xfff, at + 0x38);
  image.writeUInt32LE(0x600, at + 0x3c);
  image.writeUInt16LE(1, at + 0x44);
  image.writeUInt32LE(16, at + 0x6c);
  const directory = (index: number, address: number, bytes: number): void => {
    image.writeUInt32LE(address, at + 0x70 + index * 8);
    image.writeUInt32LE(bytes, at + 0x74 + index * 8);
  };
  directory(0, EXPORTS_AT, 0x300);
  directory(6, DEBUG_AT, 28);
}

/** Names in order, as the loader's binary search wants them. */
function writeExports(image: Buffer, symbol: (name: string) => number | null): void {
  const exports = EXPORTED.flatMap((name) => {
    const address = symbol(name);
    return address === null ? [] : [{ name, address }];
  });
  const functions = EXPORTS_AT + 40;
  const names = functions + exports.length * 4;
  const ordinals = names + exports.length * 4;
  let text = ordinals + exports.length * 2;
  const put = (value: string): number => {
    const at = text;
    text += image.write(`${value}\0`, at, 'latin1');
    return at;
  };
  image.writeUInt32LE(put('ntoskrnl.exe'), EXPORTS_AT + 12);
  for (const [offset, value] of [
    [16, 1],
    [20, exports.length],
    [24, exports.length],
    [28, functions],
    [32, names],
    [36, ordinals],
  ] as const) {
    image.writeUInt32LE(value, EXPORTS_AT + offset);
  }
  for (const [index, { name, address }] of exports.entries()) {
    image.writeUInt32LE(address, functions + index * 4);
    image.writeUInt32LE(put(name), names + index * 4);
    image.writeUInt16LE(index, ordinals + index * 2);
  }
}

function writeDebug(image: Buffer, guid: string): void {
  const record = Buffer.concat([Buffer.from('RSDS'), guidBytes(guid), Buffer.from([1, 0, 0, 0])]);
  const name = Buffer.from('ntkrnlmp.pdb\0');
  image.writeUInt32LE(2, DEBUG_AT + 12);
  image.writeUInt32LE(record.length + name.length, DEBUG_AT + 16);
  image.writeUInt32LE(RECORD_AT, DEBUG_AT + 20);
  image.writeUInt32LE(RECORD_AT, DEBUG_AT + 24);
  image.set(record, RECORD_AT);
  image.set(name, RECORD_AT + record.length);
}

/** A GUID's first three parts are stored as little-endian numbers. */
function guidBytes(text: string): Buffer {
  const bytes = Buffer.from(text, 'hex');
  return Buffer.concat([
    bytes.subarray(0, 4).toReversed(),
    bytes.subarray(4, 6).toReversed(),
    bytes.subarray(6, 8).toReversed(),
    bytes.subarray(8),
  ]);
}

const PE_AT = 0xf8;
const OPTIONAL_BYTES = 0xf0;
const EXPORTS_AT = 0x1000;
const DEBUG_AT = 0x1400;
const RECORD_AT = 0x1440;
const SECTIONS = ['.text\0\0\0', 'POOLCODE', '.data\0\0\0', 'ALMOSTRO', 'CACHEALI', '.rsrc\0\0\0'];
const EXPORTED = [
  'KeNumberProcessors',
  'NtBuildLab',
  'NtBuildNumber',
  'PsInitialSystemProcess',
  'PsLoadedModuleList',
];
