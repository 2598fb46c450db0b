import type { KernelSpace } from './kernel-space.ts';
import type { PageKind, WindowsRegionSpec } from './machine.ts';
import type { ProcessPlan } from './process-plan.ts';
import type { Sections } from './sections.ts';
import { writeUserBlocks } from './user-block-writer.ts';
import { UserSpace } from './user-space.ts';
import type { VadRegion } from './vad-writer.ts';
import { pageOf } from './virtual-memory.ts';

/** A process' pages, each as it was asked for, and the sections behind its regions. */
export class AddressSpaceWriter {
  readonly space: UserSpace;
  readonly regions: readonly VadRegion[];
  readonly plan: ProcessPlan;

  constructor(
    kernel: KernelSpace,
    plan: ProcessPlan,
    parts: {
      readonly sections: Sections;
      readonly sharedFrame: number;
      /** `${pid} ${page}` → frame that the test asked for */
      readonly placed: ReadonlyMap<string, number>;
    },
  ) {
    const { spec, blocks } = plan;
    const isSystem = spec.options.pid === 4;
    this.plan = plan;
    this.space = new UserSpace(kernel, isSystem ? kernel.tables : null);
    this.regions = plan.regions.map((region) => ({
      ...region,
      section: hasSection(region) ? parts.sections.of(region) : null,
      isLarge: [...spec.large].some((page) => covers(region, page)),
    }));
    this.space.alias(0x7ffe0, parts.sharedFrame, 'readOnly');
    for (const page of spec.large) {
      this.space.largePage(page, this.#regionAt(page).protection);
    }
    for (const page of this.#pagesToMap()) {
      this.#map(page, parts.placed.get(`${spec.options.pid} ${page}`));
    }
    for (const { isDense, start, pages, protection } of this.regions) {
      if (isDense === true) this.space.densePages(pageOf(start), pages, protection);
    }
    if (blocks) this.#writeBlocks();
    for (const { address, bytes } of spec.writes) this.space.write(address, bytes);
  }

  /** What sections have in RAM and this process did not touch. To be called when every process has its pages. */
  knowUntouched(): void {
    for (const { section, start, pages, protection } of this.regions) {
      for (const [index, frame] of section?.frames ?? []) {
        if (index < pages) this.space.knowUntouched(pageOf(start) + index, frame, protection);
      }
    }
  }

  /** Pages that hold something or that something was said about, in order. */
  #pagesToMap(): number[] {
    const { spec, blocks } = this.plan;
    const pages = new Set([...spec.kinds.keys(), ...spec.placed.keys()]);
    for (const { address, bytes } of spec.writes) {
      for (
        let page = pageOf(address);
        page <= pageOf(address + BigInt(bytes.length - 1));
        page += 1
      ) {
        pages.add(page);
      }
    }
    if (blocks) {
      for (const at of [blocks.peb, blocks.heap, blocks.parameters, blocks.stack.high - 1n]) {
        pages.add(pageOf(at));
      }
      if (blocks.peb32 !== null) pages.add(pageOf(blocks.peb32));
      for (let thread = 0; thread < this.plan.threads; thread += 1) {
        pages.add(pageOf(blocks.teb) + thread * 2);
      }
      for (const { base } of blocks.modules) pages.add(pageOf(base));
    }
    return [...pages].filter((page) => !this.space.frames.has(page)).toSorted((a, b) => a - b);
  }

  #map(page: number, placed: number | undefined): void {
    const { spec } = this.plan;
    const region = this.#regionAt(page);
    const { section } = region;
    const kind = spec.kinds.get(page) ?? this.#kindOfBlocks(page) ?? 'valid';
    const isCopy = spec.copies.has(page);
    if (section && !isCopy) {
      // An image's first page is its header: nobody executes it.
      const protection =
        region.kind === 'image' ? imageProtection(page, region) : region.protection;
      const index = page - pageOf(region.start);
      this.space.sectionPage(page, section, index, { kind, protection, placed });
      return;
    }
    this.space.privatePage(page, isCopy ? 'readWrite' : region.protection, kind, placed);
  }

  /** How PEB and parameters were asked to be held. */
  #kindOfBlocks(page: number): PageKind | undefined {
    const { blocks, spec } = this.plan;
    const isBlock = blocks && [blocks.peb, blocks.parameters].map(pageOf).includes(page);
    return isBlock ? spec.options.peb : undefined;
  }

  #writeBlocks(): void {
    const { blocks, spec, path, commandLine, threads } = this.plan;
    if (!blocks || spec.options.peb === 'paged-out') return;
    writeUserBlocks(this.space, blocks, {
      pid: spec.options.pid,
      session: spec.options.session ?? 0,
      path: path ?? '',
      commandLine: commandLine ?? '',
      environment: spec.options.environment ?? [],
      threads,
    });
    for (const { base } of blocks.modules) this.space.write(base, Buffer.from('MZ'));
  }

  #regionAt(page: number): VadRegion {
    const region = this.regions.find((one) => covers(one, page));
    if (!region) {
      throw new Error(
        `Cannot map page 0x${page.toString(16)}000 of ${this.plan.spec.name}: no region`,
      );
    }
    return region;
  }
}

const imageProtection = (page: number, { start }: WindowsRegionSpec) =>
  page === pageOf(start) ? ('readOnly' as const) : ('executeRead' as const);

const covers = ({ start, pages }: WindowsRegionSpec, page: number): boolean =>
  page >= pageOf(start) && page < pageOf(start) + pages;

const hasSection = ({ kind }: WindowsRegionSpec): boolean =>
  kind === 'image' || kind === 'mapped' || kind === 'shared';
