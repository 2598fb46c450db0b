import { PAGE_BYTES } from '../../../src/memory/address.ts';
import type { KernelImage } from './kernel-image-writer.ts';
import type { WindowsLooseContent } from './machine.ts';

const field = (member: string): string => `LDR_DATA_TABLE_ENTRY.${member}`;

/** A loaded driver, and how much of it is written. */
export interface Module {
  readonly name: string;
  readonly base: bigint;
  readonly bytes: number;
}

/** Writes the list of loaded modules: the kernel, two drivers, and those that hold content. */
export function writeModules(
  image: KernelImage,
  loose: readonly WindowsLooseContent[],
): Map<string, Module> {
  const { kernel } = image;
  const wanted = loose.filter(({ where }) => where === 'driver').map(({ detail }) => detail ?? '');
  const names = [...new Set(['hal.dll', 'tcpip.sys', 'afd.sys', ...wanted])];
  const modules = names.map((name, index) => {
    const base = kernel.addresses.drivers + BigInt(index * 0x10_0000);
    for (let page = 0; page < PAGES; page += 1) kernel.mapPage(base + BigInt(page * PAGE_BYTES));
    kernel.write(base, Buffer.from('MZ'));
    kernel.write(base + 0x1800n, versionResource(name, kernel.layout.version));
    return { name, base, bytes: PAGES * PAGE_BYTES };
  });
  const all = [{ name: 'ntoskrnl.exe', base: image.base, bytes: 0x80_0000 }, ...modules];
  const entries = all.map(({ name, base, bytes }) => {
    const folder = name.endsWith('.sys') ? 'drivers\\' : '';
    const path = `\\SystemRoot\\system32\\${folder}${name}`;
    const at = kernel.pool('MmLd', 0xa0);
    const text = kernel.pool('MmLd', path.length * 2 + 2);
    kernel.field(at, field('DllBase'), base);
    kernel.field(at, field('SizeOfImage'), bytes, 4);
    kernel.unicode(at + BigInt(kernel.layout.at(field('FullDllName'))), text, path);
    const short = kernel.pool('MmLd', name.length * 2 + 2);
    kernel.unicode(at + BigInt(kernel.layout.at(field('BaseDllName'))), short, name);
    return at;
  });
  kernel.ring([image.at('PsLoadedModuleList'), ...entries]);
  return new Map(modules.map((module) => [module.name, module]));
}

const PAGES = 2;

/** Enough of a VS_VERSIONINFO: the fixed part, and the name that the file was made under. */
function versionResource(name: string, version: string): Uint8Array {
  const [major = 0, minor = 0, build = 0, revision = 0] = version.split('.').map(Number);
  const fixed = Buffer.alloc(0x34);
  fixed.writeUInt32LE(0xfeef_04bd);
  fixed.writeUInt32LE(0x1_0000, 4);
  for (const [index, value] of [minor, major, revision, build].entries()) {
    fixed.writeUInt16LE(value, 8 + index * 2);
    fixed.writeUInt16LE(value, 16 + index * 2);
  }
  return Buffer.concat([fixed, Buffer.from(`\u0001OriginalFilename\0${name}\0`, 'utf16le')]);
}
