import { virtual } from '../../memory/address.ts';
import type { AddressSpace } from '../../translate/address-space.ts';
import type { BeyondTables, PageBeyond } from '../../translate/beyond-tables.ts';
import { permissionsOfProtection } from '../../translate/windows-rules.ts';
import type { WindowsKernel } from './kernel.ts';
import { isKernelAddress } from './process-header.ts';
import { entryAt, indexOf, Prototypes } from './prototypes.ts';
import { viewParts, type ViewPart } from './section-views.ts';
import { readVads, vadAt, type Vad, type VadTree } from './vads.ts';

/** MMPTE_PROTOTYPE: bit 10; address in bits 16–63, all ones where the area tells it. Bit 4: stored as it is. */
const PROTOTYPE = 1 << 10;
const SWIZZLE = 1 << 4;
const ASK_AREA = 0xffff_ffff_0000n;
/** MMPTE_SOFTWARE: this offset in the paging file means the same. */
const ASK_AREA_SOFTWARE = 0xffff_ffff;

/** Areas of a process, and its pages that sections hold for it. */
export interface ProcessAreas extends BeyondTables {
  readonly tree: VadTree;
  /** Kernel address of the prototype entry that a page's area has for it; 0: none, or it cannot be told. */
  prototypeOf(page: number): bigint;
  /** Pages that are the process' through a section alone, as far as their frames are wanted. */
  pagesBeyond(space: AddressSpace, isWanted: (frame: number) => boolean): Iterable<PageBeyond>;
}

/** Reads the areas of processes when first asked: most are never. */
export function areasReader(kernel: WindowsKernel): (process: bigint) => ProcessAreas {
  const prototypes = new Prototypes(kernel.space);
  return (process) => new Areas(kernel, prototypes, process);
}

class Areas implements ProcessAreas {
  readonly #kernel: WindowsKernel;
  readonly #prototypes: Prototypes;
  readonly #process: bigint;
  readonly #invalidMask: bigint;
  #tree: VadTree | null = null;
  readonly #parts = new Map<Vad, readonly ViewPart[]>();

  constructor(kernel: WindowsKernel, prototypes: Prototypes, process: bigint) {
    this.#kernel = kernel;
    this.#prototypes = prototypes;
    this.#process = process;
    this.#invalidMask = BigInt(kernel.invalidMaskHigh) << 32n;
  }

  get tree(): VadTree {
    const { structures, layout } = this.#kernel;
    const root = this.#process + BigInt(layout.process.vadRoot);
    return (this.#tree ??= readVads(structures, layout.vad, root));
  }

  frameOf(page: number, low: number, high: number): number {
    const told = (low | high) === 0 ? null : this.#entryOf(low, high);
    if (told === 'none') return -1;
    const expected = this.prototypeOf(page);
    if (told === null) return expected === 0n ? -1 : this.#prototypes.frameOf(expected);
    // Whether the address was swizzled shows where it leads: to the area's own array, mostly.
    const entry = told.find((one) => one === expected) ?? told[0] ?? 0n;
    return isKernelAddress(entry) ? this.#prototypes.frameOf(entry) : -1;
  }

  permissionsOf(page: number): number {
    return permissionsOfProtection(this.#area(page)?.protection ?? 0);
  }

  *pagesBeyond(space: AddressSpace, isWanted: (frame: number) => boolean): Generator<PageBeyond> {
    for (const vad of this.tree.vads) {
      const permissions = permissionsOfProtection(vad.protection);
      for (const { page: first, pages, firstEntry } of this.#partsOf(vad)) {
        const last = entryAt(firstEntry, pages - 1);
        for (const { entry, frame } of this.#prototypes.wantedIn(firstEntry, last, isWanted)) {
          const page = first + indexOf(firstEntry, entry);
          // Its own entry decides: a page of its own, a private copy, may stand there, or be paged out.
          const found = space.translate(virtual(BigInt(page) << 12n));
          if (found?.state === 'prototype' && found.physical === frame * 4096) {
            yield { page, frame, permissions };
          }
        }
      }
    }
  }

  /** Where an entry says that its prototype is; null: where the area says; 'none': it has none. */
  #entryOf(low: number, high: number): readonly bigint[] | null | 'none' {
    if ((low & PROTOTYPE) === 0) return high === ASK_AREA_SOFTWARE ? null : 'none';
    const value = (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
    const plain = (low & SWIZZLE) === 0 ? value & ~this.#invalidMask : value;
    if (plain >> 16n === ASK_AREA || value >> 16n === ASK_AREA) return null;
    return [plain, value].map((one) => BigInt.asUintN(64, BigInt.asIntN(48, one >> 16n)));
  }

  prototypeOf(page: number): bigint {
    const vad = this.#area(page);
    const part = (vad === null ? [] : this.#partsOf(vad)).find(
      (one) => page >= one.page && page < one.page + one.pages,
    );
    return part === undefined ? 0n : entryAt(part.firstEntry, page - part.page);
  }

  #partsOf(vad: Vad): readonly ViewPart[] {
    const known = this.#parts.get(vad);
    if (known !== undefined) return known;
    const parts = viewParts(this.#kernel.structures, this.#kernel.layout.section, vad);
    this.#parts.set(vad, parts);
    return parts;
  }

  #area(page: number): Vad | null {
    return vadAt(this.tree.vads, page);
  }
}
