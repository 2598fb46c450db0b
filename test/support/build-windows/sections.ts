import { PAGE_BYTES } from '../../../src/memory/address.ts';
import type { Protection } from './entry-format.ts';
import type { KernelSpace } from './kernel-space.ts';
import type { WindowsRegionSpec } from './machine.ts';
import type { ObjectWriter } from './object-writer.ts';

/** A file or shared memory that processes map: its array of entries (prototype PTEs) and the pages in RAM. */
export class Section {
  readonly controlArea: bigint;
  /** The first one; an image's second follows at `next`. */
  readonly subsection: bigint;
  readonly #kernel: KernelSpace;
  readonly #entries: bigint;
  readonly #pages: number;
  readonly #protection: Protection;
  readonly #isFile: boolean;
  /** index of a page → its frame */
  readonly frames = new Map<number, number>();
  readonly #isValid = new Set<number>();

  constructor(kernel: KernelSpace, file: bigint | null, region: WindowsRegionSpec) {
    const { layout } = kernel;
    const isImage = region.kind === 'image';
    this.#kernel = kernel;
    this.#pages = region.pages;
    this.#protection = isImage ? 'executeWriteCopy' : region.protection;
    this.#isFile = file !== null;
    const areaBytes = layout.sizeOf('CONTROL_AREA');
    const stepBytes = layout.sizeOf('SUBSECTION');
    const paged = { pool: 'paged' } as const;
    const segment = kernel.pool(isImage ? 'MmSi' : 'MmSe', layout.sizeOf('SEGMENT'), paged);
    this.#entries = kernel.pool('MmSt', region.pages * 8, paged);
    // An image: its header, and the rest; a subsection each.
    const parts = isImage && region.pages > 1 ? [1, region.pages - 1] : [region.pages];
    this.controlArea = kernel.pool(isImage ? 'MmCi' : 'MmCa', areaBytes + parts.length * stepBytes);
    this.subsection = this.controlArea + BigInt(areaBytes);

    kernel.field(this.controlArea, 'CONTROL_AREA.Segment', segment);
    kernel.field(this.controlArea, 'CONTROL_AREA.NumberOfSectionReferences', 1);
    kernel.field(this.controlArea, 'CONTROL_AREA.NumberOfMappedViews', 1);
    kernel.field(this.controlArea, 'CONTROL_AREA.u', (isImage ? 0x20 : 0) | (file ? 0x80 : 0), 4);
    // EX_FAST_REF: the low bits count references.
    kernel.field(this.controlArea, 'CONTROL_AREA.FilePointer', file === null ? 0 : file | 4n);
    kernel.field(segment, 'SEGMENT.ControlArea', this.controlArea);
    kernel.field(segment, 'SEGMENT.TotalNumberOfPtes', region.pages, 4);
    kernel.field(segment, 'SEGMENT.SizeOfSegment', region.pages * PAGE_BYTES);
    kernel.field(segment, 'SEGMENT.PrototypePte', this.#entries);
    let first = 0;
    for (const [index, count] of parts.entries()) {
      const at = this.subsection + BigInt(index * stepBytes);
      const isLast = index === parts.length - 1;
      kernel.field(at, 'SUBSECTION.ControlArea', this.controlArea);
      kernel.field(at, 'SUBSECTION.SubsectionBase', this.#entries + BigInt(first * 8));
      kernel.field(at, 'SUBSECTION.NextSubsection', isLast ? 0 : at + BigInt(stepBytes));
      kernel.field(at, 'SUBSECTION.PtesInSubsection', count, 4);
      for (let page = first; page < first + count; page += 1) {
        kernel.number(this.entryAddress(page), this.#original(at));
      }
      first += count;
    }
  }

  /** VA of the entry for a page. */
  entryAddress(index: number): bigint {
    return this.#entries + BigInt(index * 8);
  }

  get lastEntry(): bigint {
    return this.entryAddress(this.#pages - 1);
  }

  /** The page's frame: in the section's array valid, or in transition where nobody has it in a working set. */
  resident(index: number, isValid: boolean, placed?: number): number {
    const known = this.frames.get(index);
    if (known !== undefined && (this.#isValid.has(index) || !isValid)) return known;
    const kernel = this.#kernel;
    const address = this.entryAddress(index);
    const frame = known ?? placed ?? kernel.takeData();
    const { format } = kernel;
    this.frames.set(index, frame);
    if (isValid) this.#isValid.add(index);
    const originalPte = this.#original(this.subsection);
    kernel.number(
      address,
      isValid ? format.kernel(frame) : format.transition(frame, this.#protection),
    );
    kernel.world.frames.write(frame, {
      location: isValid ? 'active' : 'standby',
      pteAddress: address,
      pteFrame: Math.floor(kernel.physical(address) / PAGE_BYTES),
      originalPte,
      isPrototype: true,
    });
    return frame;
  }

  /** The entry of a page that is not in RAM: of a file, or zeros. */
  #original(subsection: bigint): bigint {
    const { format } = this.#kernel;
    return this.#isFile
      ? format.subsection(subsection, this.#protection)
      : format.demandZero(this.#protection);
  }
}

/** The machine's sections, one for each file mapped in one way. */
export class Sections {
  readonly #kernel: KernelSpace;
  readonly #objects: ObjectWriter;
  readonly #known = new Map<string, Section>();
  readonly #pages = new Map<string, number>();

  constructor(kernel: KernelSpace, objects: ObjectWriter) {
    this.#kernel = kernel;
    this.#objects = objects;
  }

  /** Sections do not grow: each gets the size of the largest region that shows it. */
  measure(regions: readonly WindowsRegionSpec[]): void {
    for (const region of regions) {
      const key = keyOf(region);
      this.#pages.set(key, Math.max(region.pages, this.#pages.get(key) ?? 0));
    }
  }

  of(region: WindowsRegionSpec): Section {
    const key = keyOf(region);
    const known = this.#known.get(key);
    if (known) return known;
    const file = region.kind === 'shared' ? null : this.#file(region.path ?? '');
    const pages = this.#pages.get(key) ?? region.pages;
    const section = new Section(this.#kernel, file, { ...region, pages });
    this.#known.set(key, section);
    return section;
  }

  #file(path: string): bigint {
    const kernel = this.#kernel;
    const file = this.#objects.object('File', 'File', kernel.layout.sizeOf('FILE_OBJECT'));
    const text = kernel.pool('FMfn', path.length * 2 + 2, { pool: 'paged' });
    kernel.number(file, 5, 2);
    kernel.number(file + 2n, 0xd8, 2);
    kernel.field(file, 'FILE_OBJECT.SectionObjectPointer', kernel.pool('SeOp', 0x18));
    kernel.unicode(file + BigInt(kernel.layout.at('FILE_OBJECT.FileName')), text, path);
    return file;
  }
}

/** A file mapped as an image has a section of its own. */
const keyOf = ({ kind, path }: WindowsRegionSpec): string =>
  `${kind === 'image' ? 'image' : 'data'} ${path ?? ''}`;
