import { PAGE_BYTES } from '../../../src/memory/address.ts';
import type { Random } from './random.ts';
import type { Ram } from './ram.ts';

/** Documentation/arch/x86/x86_64/mm.rst: first addresses without randomisation. */
const BASES = {
  4: {
    direct: 0xffff_8880_0000_0000n,
    vmalloc: 0xffff_c900_0000_0000n,
    pages: 0xffff_ea00_0000_0000n,
  },
  5: {
    direct: 0xff11_0000_0000_0000n,
    vmalloc: 0xffa0_0000_0000_0000n,
    pages: 0xffd4_0000_0000_0000n,
  },
} as const;

const TEXT_MAP = 0xffff_ffff_8000_0000n;
/** Where the linker puts _text: 16 MiB into the text mapping. */
const TEXT_LINK = 0xffff_ffff_8100_0000n;
const LARGE = 0x20_0000;
const GIB = 0x4000_0000n;

/** The kernel image: one large page, rodata in front, data from here. */
export const DATA_OFFSET = 0x18_0000;

/** Where this boot put the kernel, virtually and physically, and objects in its heap. */
export class KernelSpace {
  readonly levels: 4 | 5;
  /** page_offset_base, vmalloc_base, vmemmap_base. */
  readonly direct: bigint;
  readonly vmalloc: bigint;
  readonly pages: bigint;
  /** _text, as it runs. */
  readonly text: bigint;
  /** Physical address of _text. */
  readonly image: number;
  /** KERNELOFFSET: how far the text mapping was moved. */
  readonly slide: bigint;
  /** Signed: physical = virtual - 0xffffffff80000000 + physBase. */
  readonly physBase: bigint;
  readonly #ram: Ram;
  #rodata = 0x1_0000;
  #data = DATA_OFFSET;
  #slab = { at: 0, end: 0 };
  #vmalloced = 0n;

  constructor(ram: Ram, random: Random, levels: 4 | 5, kaslr: boolean, image: number) {
    this.#ram = ram;
    this.levels = levels;
    const steps = (): bigint => (kaslr ? BigInt(1 + random.below(0x300)) * GIB : 0n);
    this.direct = BASES[levels].direct + steps();
    this.vmalloc = BASES[levels].vmalloc + steps();
    this.pages = BASES[levels].pages + steps();
    this.slide = kaslr ? BigInt(LARGE) * BigInt(1 + random.below(200)) : 0n;
    this.text = TEXT_LINK + this.slide;
    this.image = image;
    this.physBase = BigInt(image) - (this.text - TEXT_MAP);
  }

  directAddress(physicalAddress: number): bigint {
    return this.direct + BigInt(physicalAddress);
  }

  textAddress(physicalAddress: number): bigint {
    return this.text + BigInt(physicalAddress - this.image);
  }

  /** Of struct page. */
  pageAddress(frame: number): bigint {
    return this.pages + BigInt(frame) * 64n;
  }

  /** Of an address in the direct map or the kernel image. */
  toPhysical(address: bigint): number {
    return Number(address >= TEXT_MAP ? address - TEXT_MAP + this.physBase : address - this.direct);
  }

  /** Room for constant bytes in the kernel image; gives their address. */
  rodata(size: number, align = 8): bigint {
    this.#rodata = roundUp(this.#rodata, align);
    const at = this.#rodata;
    this.#rodata += size;
    if (this.#rodata > DATA_OFFSET) throw new Error('Cannot fit the constants: 1.4 MiB are full');
    return this.text + BigInt(at);
  }

  /** Room for a variable in the kernel image; gives its address. */
  data(size: number, align = 64): bigint {
    this.#data = roundUp(this.#data, align);
    const at = this.#data;
    this.#data += size;
    if (this.#data > LARGE) throw new Error('Cannot fit the variables: 512 KiB are full');
    return this.text + BigInt(at);
  }

  /** Room for an object in the kernel's heap: slabs of eight neighbouring frames, so objects may cross frames. */
  allocate(size: number): bigint {
    if (size > 8 * PAGE_BYTES) throw new Error(`Cannot allocate an object of ${size} bytes`);
    let at = roundUp(this.#slab.at, 64);
    if (this.#slab.end === 0 || at + size > this.#slab.end) {
      const head = this.#ram.takeRun(8, 8);
      for (let frame = head; frame < head + 8; frame += 1) {
        this.#ram.books.set(frame, { kind: 'slab', head });
      }
      at = head * PAGE_BYTES;
      this.#slab = { at, end: at + 8 * PAGE_BYTES };
    }
    this.#slab.at = at + size;
    return this.directAddress(at);
  }

  /** Virtual room in the vmalloc area, a guard page behind it. The caller maps it. */
  reserveVmalloc(pages: number): bigint {
    const at = this.vmalloc + this.#vmalloced;
    this.#vmalloced += BigInt((pages + 1) * PAGE_BYTES);
    return at;
  }
}

const roundUp = (value: number, unit: number): number => Math.ceil(value / unit) * unit;
