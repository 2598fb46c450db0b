import { PAGE_BYTES, physical } from '../memory/address.ts';
import type { PhysicalMemory } from '../memory/physical-memory.ts';
import { readRoom } from '../memory/read-room.ts';
import { BlockPlan } from '../scan/block-plan.ts';
import type { ScanState } from '../scan/scan-state.ts';
import { EdgeCollector, type EdgeSection } from './edge-section.ts';
import { type Group, writeGroup } from './group-writer.ts';
import type { PagePlan } from './page-plan.ts';
import { CLASS_BITS, GROUP_PAGES } from './signature.ts';
import { type Signer, wasmSigner } from './signer.ts';

/** What one thread has written, and what it could not sign. Plain data. */
export interface Collected {
  readonly groups: readonly Group[];
  readonly edges: readonly EdgeSection[];
  /** Pages that the image does not hold whole, as first and last number: a question looks at them itself. */
  readonly odd: readonly (readonly [number, number])[];
}

/** Blocks of work; a multiple of the page size. */
export const COLLECT_BYTES = 2 ** 20;

/** Signs the pages of blocks, one block after the other, and writes them to the index file group by group. */
export class Collector {
  readonly #memory: PhysicalMemory;
  readonly #pages: PagePlan;
  readonly #fd: number;
  readonly #claim: (bytes: number) => number;
  readonly #signer: Signer = wasmSigner();
  readonly #block = readRoom(COLLECT_BYTES);
  readonly #pending = CLASS_BITS.map(() => new Pending());
  readonly #edges: readonly EdgeCollector[];
  readonly #groups: Group[] = [];
  readonly #sections: EdgeSection[] = [];
  readonly #odd: [number, number][] = [];

  constructor(
    memory: PhysicalMemory,
    pages: PagePlan,
    fd: number,
    claim: (bytes: number) => number,
  ) {
    this.#memory = memory;
    this.#pages = pages;
    this.#fd = fd;
    this.#claim = claim;
    this.#edges = [new EdgeCollector('head', pages.count), new EdgeCollector('tail', pages.count)];
  }

  /** Takes blocks that nobody has taken, for about so long; returns whether there are more. */
  collectFor(state: ScanState, milliseconds: number): boolean {
    const plan = new BlockPlan(this.#memory.runs, COLLECT_BYTES);
    const endTime = performance.now() + milliseconds;
    while (!state.isStopped && performance.now() < endTime) {
      const number = state.takeBlock();
      if (number >= plan.count) return false;
      const { start, end } = plan.block(number);
      this.#collect(start, end);
      state.addDone(end - start);
    }
    return !state.isStopped;
  }

  /** Writes what is left. */
  finish(): Collected {
    for (const kind of CLASS_BITS.keys()) this.#flush(kind);
    this.#flushEdges();
    return { groups: this.#groups, edges: this.#sections, odd: this.#odd };
  }

  #collect(start: number, end: number): void {
    const bytes = this.#block.subarray(0, end - start);
    let held = 0;
    const first = this.#pages.numberAt(start);
    const base = start - (start % PAGE_BYTES);
    for (let page = base; page < end; page += PAGE_BYTES) {
      const from = Math.max(page, start) - start;
      const until = page + PAGE_BYTES - start;
      if (held < until && held < bytes.length) {
        // On a hole or damage: the image is asked again, page by page.
        const at = Math.max(held, from);
        held = at + this.#memory.read(physical(start + at), bytes.subarray(at));
      }
      const number = first + (page - base) / PAGE_BYTES;
      if (page < start || held < until) {
        this.#addOdd(number);
        held = Math.max(held, Math.min(until, bytes.length));
      } else this.#sign(number, bytes.subarray(from, until));
    }
  }

  #sign(number: number, page: Uint8Array): void {
    this.#signer.page.set(page);
    const kind = this.#signer.sign();
    const pending = this.#pending[kind];
    if (!pending) return;
    this.#signer.add(kind, pending.count);
    pending.numbers[pending.count] = number;
    pending.count += 1;
    for (const edge of this.#edges) edge.add(number, page);
    if (this.#edges[0]?.isFull === true) this.#flushEdges();
    if (pending.count === GROUP_PAGES) this.#flush(kind);
  }

  #flush(kind: number): void {
    const pending = this.#pending[kind];
    if (!pending || pending.count === 0) return;
    const { count } = pending;
    this.#groups.push(
      writeGroup(this.#fd, this.#claim, kind, {
        numbers: pending.numbers.subarray(0, count),
        rows: this.#signer.takeRows(kind, count),
      }),
    );
    pending.count = 0;
  }

  #flushEdges(): void {
    for (const edge of this.#edges) {
      const section = edge.write(this.#fd, this.#claim);
      if (section) this.#sections.push(section);
    }
  }

  #addOdd(number: number): void {
    const last = this.#odd.at(-1);
    if (last && last[1] === number - 1) last[1] = number;
    else this.#odd.push([number, number]);
  }
}

/** Pages of a class that are signed and not yet written. */
class Pending {
  count = 0;
  readonly numbers = new Uint32Array(GROUP_PAGES);
}
