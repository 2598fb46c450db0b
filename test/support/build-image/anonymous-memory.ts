import type { KernelObject, KernelObjects } from './kernel-objects.ts';
import type { PageName, ProcessSpec, RegionSpec } from './machine.ts';

/**
 * Whose private pages are: one anon_vma for each process, and in the chain of each of its regions those of the processes
 * that it was forked from.
 *
 * Source: include/linux/rmap.h, struct anon_vma_chain.
 */
export class AnonymousMemory {
  readonly #objects: KernelObjects;
  readonly #processes: ReadonlyMap<number, ProcessSpec>;
  readonly #known = new Map<number, bigint>();

  constructor(objects: KernelObjects, processes: readonly ProcessSpec[]) {
    this.#objects = objects;
    this.#processes = new Map(processes.map((one) => [one.options.pid, one]));
  }

  /** Address of a process' anon_vma. */
  of(pid: number): bigint {
    const known = this.#known.get(pid) ?? this.#objects.create('anon_vma').address;
    this.#known.set(pid, known);
    return known;
  }

  /** The page that was there before the fork. */
  originOf(name: PageName): PageName {
    const share = this.#processes.get(name.pid)?.shares.find(({ own }) => own === name.page);
    return share === undefined ? name : this.originOf(share.other);
  }

  /** Joins a region's vm_area_struct to the memories that its pages can be of. */
  link(area: KernelObject, pid: number, { start, pages }: RegionSpec): void {
    const first = Number(start >> 12n);
    const origins = Array.from(
      { length: pages },
      (_, index) => this.originOf({ pid, page: first + index }).pid,
    );
    const links = [...new Set([pid, ...origins])].map((owner) =>
      this.#objects
        .create('anon_vma_chain')
        .set('vma', area.address)
        .set('anon_vma', this.of(owner)),
    );
    area.set('anon_vma', this.of(pid));
    this.#objects.ring([area.at('anon_vma_chain'), ...links.map((link) => link.at('same_vma'))]);
  }

  /** Memory that was moved after a fork (mremap) keeps the count that it had. */
  movedBy(
    pid: number,
    { start, pages }: RegionSpec,
  ): { readonly origin: PageName; readonly index: number } | null {
    const first = Number(start >> 12n);
    for (let index = 0; index < pages; index += 1) {
      const origin = this.originOf({ pid, page: first + index });
      if (origin.pid !== pid) return { origin, index };
    }
    return null;
  }
}
