import { PAGE_BYTES } from '../../../src/memory/address.ts';
import { type Protection, PROTECTION, isExecutable, pfn } from './entry-format.ts';
import { NO_TABLE } from './frame-database.ts';
import type { KernelSpace } from './kernel-space.ts';
import type { PageKind } from './machine.ts';
import { PageTables } from './page-table-writer.ts';
import { LARGE_FRAMES } from './ram.ts';
import type { Section } from './sections.ts';
import type { WindowsPageState, WindowsPageTruth } from './truth.ts';
import { VirtualMemory } from './virtual-memory.ts';

/** The pages of one process: its tables, and what the books say. */
export class UserSpace extends VirtualMemory {
  readonly tables: PageTables;
  readonly pages: Omit<WindowsPageTruth, 'pid'>[] = [];
  readonly #kernel: KernelSpace;
  /** Frames that others have too: of sections, and the machine's. */
  readonly #shared = new Set<number>();

  /** @param tables System's own; null makes new ones with the kernel's half in them */
  constructor(kernel: KernelSpace, tables: PageTables | null) {
    super(kernel.world.ram, kernel.layout);
    this.#kernel = kernel;
    if (tables) {
      this.tables = tables;
      return;
    }
    this.tables = new PageTables(kernel.world, kernel.world.ram.take());
    const { hyperspaceIndex, sessionSpace } = kernel.addresses;
    const sessionIndex = Number((sessionSpace >> 39n) & 511n);
    this.tables.copyKernelHalf(kernel.tables, [hyperspaceIndex, sessionIndex]);
    this.tables.prepare((0xffffn << 48n) | (BigInt(hyperspaceIndex) << 39n));
  }

  /** Private memory: its frame, or null where the page is not in RAM. */
  privatePage(
    page: number,
    protection: Protection,
    kind: PageKind,
    placed?: number,
  ): number | null {
    const { format } = this.#kernel;
    const offset = page & 0xffff;
    const elsewhere = {
      'demand-zero': format.demandZero(protection),
      'paged-out': format.paged(0, offset, protection),
      compressed: format.paged(STORE_FILE, offset, protection),
    };
    if (kind === 'demand-zero' || kind === 'paged-out' || kind === 'compressed') {
      this.tables.set(addressOf(page), elsewhere[kind]);
      return null;
    }
    const frame = placed ?? this.#kernel.takeData();
    const isValid = kind === 'valid';
    const slot = this.#set(
      page,
      isValid ? format.user(frame, protection) : format.transition(frame, protection),
    );
    this.#kernel.world.frames.write(frame, {
      location: isValid ? 'active' : kind === 'modified' ? 'modified' : 'standby',
      pteAddress: this.tables.entryAddress(addressOf(page)),
      pteFrame: Math.floor(slot / PAGE_BYTES),
      originalPte: kind === 'transition' ? elsewhere['paged-out'] : elsewhere['demand-zero'],
    });
    this.#know(page, frame, isValid ? 'valid' : 'transition', protection);
    return frame;
  }

  /** Private pages, all in RAM, with content that is made up later; those that are mapped already stay. */
  densePages(first: number, count: number, protection: Protection): void {
    let table = 0;
    for (let page = first; page < first + count; page += 1) {
      // Entries of 512 pages stand in one table.
      if (page === first || page % 512 === 0) table = this.tables.slotOf(addressOf(page));
      const slot = table;
      table += 8;
      if (this.frames.has(page)) continue;
      const frame = this.ram.take();
      this.ram.setU64(slot, this.#kernel.format.user(frame, protection));
      this.#kernel.world.frames.write(frame, {
        location: 'active',
        pteAddress: this.tables.entryAddress(addressOf(page)),
        pteFrame: Math.floor(slot / PAGE_BYTES),
      });
    }
  }

  /** A page of a section, as this process' entry holds it. */
  sectionPage(page: number, section: Section, index: number, view: SectionView): number {
    const { format } = this.#kernel;
    const { kind, protection, placed } = view;
    const frame = section.resident(index, kind !== 'prototype-transition', placed);
    this.#shared.add(frame);
    if (kind === 'valid') {
      this.#set(page, format.user(frame, protection, true));
      this.#know(page, frame, 'valid', protection);
      return frame;
    }
    if (kind === 'vad-prototype') this.#set(page, format.vadPrototype(protection));
    else if (kind !== 'untouched') this.#set(page, format.prototype(section.entryAddress(index)));
    this.#know(page, frame, 'prototype', protection);
    return frame;
  }

  /** What the section has in RAM and this process never touched: it would get it without reading the disk. */
  knowUntouched(page: number, frame: number, protection: Protection): void {
    if (!this.frames.has(page)) this.#know(page, frame, 'prototype', protection);
  }

  /** 2 MiB as one page, from a page number that is a multiple of 512. */
  largePage(page: number, protection: Protection): void {
    const first = this.#kernel.takeLarge(1);
    const address = addressOf(page);
    const entry = this.#kernel.format.user(first, protection) & ~pfn(first);
    this.tables.set(address, pfn(first) | entry | 0x80n, 2);
    for (let index = 0; index < LARGE_FRAMES; index += 1) {
      this.#kernel.world.frames.write(first + index, {
        location: 'active',
        pteAddress: this.tables.entryAddress(address, 2),
        pteFrame: NO_TABLE,
      });
      this.#know(page + index, first + index, 'valid', protection, LARGE_FRAMES * PAGE_BYTES);
    }
  }

  /** A page of the machine's that this process sees too. */
  alias(page: number, frame: number, protection: Protection): void {
    this.#shared.add(frame);
    this.#set(page, this.#kernel.format.user(frame, protection, true));
    this.#know(page, frame, 'valid', protection);
  }

  /** Gives everything back, as the end of the process does: valid pages of its own free, the others where they were. */
  release(): void {
    const { frames } = this.#kernel.world;
    for (const { frame, state } of this.pages) {
      if (state === 'valid' && !this.#shared.has(frame)) frames.move(frame, 'free');
    }
    for (const table of this.tables.tables) frames.move(table, 'free');
    for (let index = 0; index < 256; index += 1) this.tables.setTop(index, 0n);
  }

  #set(page: number, entry: bigint): number {
    const slot = this.tables.slotOf(addressOf(page));
    this.ram.setU64(slot, entry);
    return slot;
  }

  #know(
    page: number,
    frame: number,
    state: WindowsPageState,
    protection: Protection,
    pageBytes = PAGE_BYTES,
  ): void {
    this.frames.set(page, frame);
    const code = PROTECTION[protection];
    this.pages.push({
      va: addressOf(page),
      frame,
      pageBytes,
      state,
      isWritable: code === 4 || code === 6,
      isExecutable: isExecutable(code),
    });
  }
}

/** Number of the paging file that stands for compressed memory. */
const STORE_FILE = 2;

export interface SectionView {
  readonly kind: PageKind;
  readonly protection: Protection;
  /** Frame that the test asked for. */
  readonly placed?: number | undefined;
}

const addressOf = (page: number): bigint => BigInt(page) << 12n;
