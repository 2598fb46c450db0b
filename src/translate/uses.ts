import { frame, PAGE_BYTES, virtualPage } from '../memory/address.ts';
import type { PageBeyond } from './beyond-tables.ts';
import { MAY_EXECUTE, MAY_USER, MAY_WRITE } from './entry-rules.ts';
import type { LeafLog } from './leaf-log.ts';
import type { Mapping } from './mapping.ts';

/** The wanted pages of one space in ascending order: those of its tables, and those beyond them. */
export class Uses {
  readonly length: number;
  readonly #log: LeafLog;
  readonly #start: number;
  readonly #beyond: readonly PageBeyond[];
  /** Entries of the log from `start` on, and behind them the pages beyond, in order; null: none are beyond. */
  readonly #order: Int32Array | null;

  /** @param start - of the space's entries in the log, which ascend, as `beyond` does */
  constructor(log: LeafLog, start: number, beyond: readonly PageBeyond[]) {
    this.#log = log;
    this.#start = start;
    this.#beyond = beyond;
    this.length = log.length - start + beyond.length;
    this.#order = beyond.length === 0 ? null : this.#merged();
  }

  page(use: number): number {
    const at = this.#at(use);
    return this.#beyondAt(at)?.page ?? this.#log.page(at);
  }

  frame(use: number): number {
    const at = this.#at(use);
    return this.#beyondAt(at)?.frame ?? this.#log.frame(at);
  }

  mapping(use: number, space: number): Mapping {
    const at = this.#at(use);
    const beyond = this.#beyondAt(at);
    if (beyond === undefined) return this.#log.mapping(at, space);
    return {
      space,
      page: virtualPage(beyond.page),
      frame: frame(beyond.frame),
      pageBytes: PAGE_BYTES,
      isWritable: (beyond.permissions & MAY_WRITE) !== 0,
      isUser: (beyond.permissions & MAY_USER) !== 0,
      isExecutable: (beyond.permissions & MAY_EXECUTE) !== 0,
      state: 'prototype',
    };
  }

  /** Place in the log; past its end the pages beyond follow. */
  #at(use: number): number {
    return this.#order?.[use] ?? this.#start + use;
  }

  #beyondAt(at: number): PageBeyond | undefined {
    return this.#order === null ? undefined : this.#beyond[at - this.#log.length];
  }

  #merged(): Int32Array {
    const order = new Int32Array(this.length);
    const end = this.#log.length;
    let entry = this.#start;
    let other = 0;
    for (let use = 0; use < order.length; use += 1) {
      const next = this.#beyond[other]?.page ?? Infinity;
      const isEntry = entry < end && this.#log.page(entry) <= next;
      order[use] = isEntry ? entry++ : end + other++;
    }
    return order;
  }
}
