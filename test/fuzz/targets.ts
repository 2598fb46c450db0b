import { spawnSync } from 'node:child_process';
import { gzipSync } from 'node:zlib';
import { zipArchive } from '../support/image-writers.ts';
import {
  avml,
  elf,
  type Encoding,
  flattened,
  kdump,
  lime,
  own,
  packed,
  raw,
  vmwareState,
} from './encoding.ts';
import { linuxMachines } from './linux-machine.ts';
import type { Machine } from './machine.ts';
import { windowsMachines } from './windows-machine.ts';

/** What is fuzzed: machines in a file format. */
export interface Target {
  readonly name: string;
  /** Each a few hundred mutants' start, in turn. */
  readonly machines: readonly ((indicator: string) => Machine)[];
  readonly encode: Encoding;
  /** How much of the program runs: all of it, or the image formats only, which is some ten times as fast. */
  readonly depth: 'whole' | 'image';
  /** Mutants of 100 whose RAM is changed; the others' file is, and one in ten of them both. */
  readonly memoryShare: number;
  /** A program that it needs, and how to get it. */
  readonly needs?: readonly [program: string, install: string];
}

const linux = (name: string, encode: Encoding, memoryShare: number): Target => ({
  name,
  machines: linuxMachines,
  encode,
  depth: 'whole',
  memoryShare,
});

const windows = (name: string, encode: Encoding, memoryShare: number): Target => ({
  ...linux(`windows-${name}`, encode, memoryShare),
  machines: windowsMachines,
});

/** A new format or system is one more line. */
const WHOLE: readonly Target[] = [
  linux('raw', raw, 90),
  linux('lime', lime, 50),
  linux('avml', avml, 50),
  linux('elf', elf, 50),
  linux('kdump-stored', kdump('none'), 50),
  linux('kdump-zlib', kdump('zlib'), 40),
  linux('kdump-lzo', kdump('lzo'), 30),
  linux('kdump-snappy', kdump('snappy'), 30),
  linux('kdump-zstd', kdump('zstd'), 30),
  linux('kdump-flattened', flattened(kdump('zlib')), 30),
  linux(
    'gzip',
    packed(lime, (file) => gzipSync(file, { level: 1 })),
    0,
  ),
  linux(
    'zip',
    packed(raw, (file) => zipArchive([{ name: 'memory.raw', bytes: file }])),
    0,
  ),
  {
    ...linux('xz', packed(lime, program('xz', '-0', '-c')), 0),
    needs: ['xz', 'apt-get install xz-utils'],
  },
  {
    ...linux('zstd', packed(lime, program('zstd', '-1', '-c')), 0),
    needs: ['zstd', 'apt-get install zstd'],
  },
  windows('raw', raw, 95),
  windows(
    'crash-full',
    own((files) => files.crashDump('full')),
    30,
  ),
  windows(
    'crash-bitmap',
    own((files) => files.crashDump('bitmapFull')),
    30,
  ),
  windows(
    'vmware-snapshot',
    own((files) => files.vmwareSnapshot()),
    30,
  ),
  windows('vmware-state', vmwareState, 0),
];

/** Every format a second time: only the file is changed, only its layout and every byte that it gives are looked at. */
export const TARGETS: readonly Target[] = [
  ...WHOLE,
  ...WHOLE.map((target) => ({
    ...target,
    name: `image-${target.name}`,
    depth: 'image' as const,
    memoryShare: 0,
  })),
];

function program(name: string, ...options: readonly string[]) {
  return (file: Uint8Array): Uint8Array => {
    const { stdout, error } = spawnSync(name, options, { input: file, maxBuffer: 2 ** 26 });
    if (error) throw new Error(`Cannot run ${name}: ${error.message}`);
    return Uint8Array.from(stdout);
  };
}
