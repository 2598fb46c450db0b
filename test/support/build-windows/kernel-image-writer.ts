import type { Random } from '../build-image/random.ts';
import type { KernelSpace } from './kernel-space.ts';
import { kernelHeader } from './kernel-header.ts';
import { LARGE_FRAMES } from './ram.ts';

/** The kernel image in 2 MiB pages, as far as something in it is known; its static objects. */
export class KernelImage {
  readonly base: bigint;
  readonly kernel: KernelSpace;
  /** XORed into TypeIndex since Windows 10; null before. */
  readonly cookie: number | null;

  constructor(kernel: KernelSpace, random: Random, hasHeader: boolean) {
    this.kernel = kernel;
    this.base = kernel.addresses.image;
    this.#mapChunks();
    this.cookie = kernel.layout.symbol('ObHeaderCookie') === null ? null : random.below(256);
    if (this.cookie !== null) kernel.number(this.at('ObHeaderCookie'), this.cookie, 4);
    if (hasHeader) {
      kernel.write(
        this.base,
        kernelHeader(kernel.layout, (name) => kernel.layout.symbol(name)),
      );
    }
    this.#writeVersions(random);
    for (const [index, value] of PROTECT_TO_VALUE.entries()) {
      kernel.number(this.at('MmProtectToValue') + BigInt(index * 4), value, 4);
    }
    kernel.number(this.at('MmPfnDatabase'), kernel.world.frames.base);
    kernel.number(this.at('KeNumberProcessors'), 2, 4);
  }

  /** Address of a symbol. */
  at(symbol: string): bigint {
    const address = this.kernel.layout.symbol(symbol);
    if (address === null) throw new Error(`Cannot find ${symbol} in this kernel`);
    return this.base + BigInt(address);
  }

  /** Text among the kernel's constants, behind its header; its address. */
  constant(index: number): bigint {
    return this.base + 0x1800n + BigInt(index * 0x100);
  }

  /** Neighbouring 2 MiB pages have neighbouring frames, as the loader left them. */
  #mapChunks(): void {
    const { layout } = this.kernel;
    const last = (name: string) =>
      name === 'KiInitialProcess' ? layout.sizeOf('EPROCESS') : 0x340;
    const addresses = SYMBOLS.flatMap((name) => {
      const address = layout.symbol(name);
      return address === null ? [] : [address, address + last(name)];
    });
    const chunkOf = (address: number): number => Number((this.base + BigInt(address)) >> 21n);
    const chunks = [...new Set([0, 0x1fff, ...addresses].map(chunkOf))].toSorted((a, b) => a - b);
    for (let index = 0; index < chunks.length;) {
      const first = chunks[index] ?? 0;
      let count = 1;
      while (chunks[index + count] === first + count) count += 1;
      const frame = this.kernel.takeLarge(count);
      for (let chunk = 0; chunk < count; chunk += 1) {
        this.kernel.mapLarge(BigInt(first + chunk) << 21n, frame + chunk * LARGE_FRAMES);
      }
      index += count;
    }
  }

  #writeVersions(random: Random): void {
    const { kernel } = this;
    const { build } = kernel.layout;
    const revision = kernel.layout.version.split('.')[3] ?? '0';
    const lab = `${build}.${revision}.amd64fre.${LABS[build] ?? 'release'}`;
    kernel.number(this.at('NtBuildNumber'), 0xf000_0000 + build, 4);
    kernel.write(this.at('NtBuildLab'), Buffer.from(`${lab}\0`));
    kernel.number(this.at('CmNtCSDVersion'), build === 7601 ? 0x100 : 0, 4);

    const version = this.at('KdVersionBlock');
    for (const [offset, value, bytes] of [
      [0, 0xf, 2],
      [2, build, 2],
      [4, 6, 1],
      [5, 2, 1],
      [6, 0x47, 2],
      [8, 0x8664, 2],
      [0x10, this.base, 8],
      [0x18, this.at('PsLoadedModuleList'), 8],
    ] as const) {
      kernel.number(version + BigInt(offset), value, bytes);
    }

    // Since Windows 8 the block stands encoded until a debugger asks for it.
    const block = this.at('KdDebuggerDataBlock');
    kernel.write(block, random.bytes(0x340));
    if (build >= 9200) return;
    kernel.write(block, new Uint8Array(0x340));
    kernel.ring([block]);
    kernel.write(block + 0x10n, Buffer.from('KDBG'));
    kernel.number(block + 0x14n, 0x340, 4);
    for (const [offset, value] of [
      [0x18, this.base],
      [0x48, this.at('PsLoadedModuleList')],
      [0x50, this.at('PsActiveProcessHead')],
      [0xc0, this.at('MmPfnDatabase')],
      [0x208, this.at('NtBuildLab')],
      [0x268, this.at('CmNtCSDVersion')],
    ] as const) {
      kernel.number(block + BigInt(offset), value);
    }
  }
}

/** PAGE_* for each of the memory manager's 32 protections: eight plain, uncached, guarded, write-combined. */
const PLAIN = [0x01, 0x02, 0x10, 0x20, 0x04, 0x08, 0x40, 0x80];
const PROTECT_TO_VALUE = [0, 0x200, 0x100, 0x400].flatMap((more) =>
  PLAIN.map((value) => (value === 0x01 ? value : value | more)),
);

const LABS: Readonly<Record<number, string>> = {
  7601: 'win7sp1_ldr_escrow.191230-1647',
  9600: 'winblue_ltsb_escrow.231115-1532',
  14393: 'rs1_release.231004-1818',
  17763: 'rs5_release.240529-1502',
  18362: '19h1_release.190318-1202',
  19041: 'vb_release.191206-1406',
  22000: 'co_release.210604-1628',
  22621: 'ni_release.220506-1250',
  26100: 'ge_release.240331-1435',
};

/** Everything that the builder writes into the image. */
const SYMBOLS = [
  'CmNtCSDVersion',
  'KdDebuggerDataBlock',
  'KdVersionBlock',
  'KeNumberProcessors',
  'KiInitialProcess',
  'MmPfnDatabase',
  'MmProtectToValue',
  'NtBuildLab',
  'NtBuildNumber',
  'ObHeaderCookie',
  'ObTypeIndexTable',
  'PsActiveProcessHead',
  'PsIdleProcess',
  'PsInitialSystemProcess',
  'PsLoadedModuleList',
];
