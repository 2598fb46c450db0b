/**
 * A small but complete Windows x64 machine, described in words and built into the bytes of its RAM: kernel image with its
 * debug record, page tables with self map, EPROCESS in pool, PEB, regions (VADs), sections, the books of every frame,
 * sockets. With it, what is true about it.
 *
 *     const { bytes, truth, dtb } = buildWindows({ build: 17763 })
 *       .process('evil.exe', { pid: 3008, commandLine: 'evil.exe -x' })
 *       .maps(0x2_0000_0000n, 'ascii 203.0.113.7')
 *       .socket({ local: '172.31.0.5:49876', remote: '172.31.0.250:8080' })
 *       .build();
 *
 * System, Registry (where the build has one), smss.exe, csrss.exe and services.exe are there unless described otherwise.
 * Written from public descriptions and symbol tables (layout-table.ts), and apart from src/os: it is the second witness.
 */
import { contentBytes } from '../build-image/machine.ts';
import { type AssembledWindows, assemble } from './assemble.ts';
import type { Protection } from './entry-format.ts';
import type {
  ContentForm,
  PageKind,
  WindowsLooseContent,
  WindowsOptions,
  WindowsProcessOptions,
  WindowsProcessSpec,
  WindowsRegionOptions,
  WindowsSendSpec,
  WindowsSocketOptions,
  WindowsSpec,
} from './machine.ts';
import { isOver } from './machine.ts';
import type { BuiltWindows } from './truth.ts';

export { BUILDS, type Build } from './layout.ts';
export type * from './machine.ts';
export type * from './truth.ts';
export type { AssembledWindows } from './assemble.ts';

/** Bytes, or "ascii ...", "utf16 ..." (little-endian), or plain text. */
export type Content = string | Uint8Array;

export const buildWindows = (options: WindowsOptions = {}): WindowsBuilder =>
  new WindowsBuilder(options);

export class WindowsBuilder {
  readonly #spec: WindowsSpec;

  constructor(options: WindowsOptions) {
    this.#spec = { options, processes: [], loose: [], adjacent: [], reused: [], orphanSockets: [] };
    this.process('System', { pid: 4, path: null, session: null, threads: 3 });
    if ((options.build ?? 17763) >= 17134) this.process('Registry', { pid: 88, path: null });
    this.process('smss.exe', {
      pid: 300,
      session: null,
      commandLine: '\\SystemRoot\\System32\\smss.exe',
    });
    this.process('csrss.exe', { pid: 404, ppid: 300, session: 0, threads: 2 });
    this.process('services.exe', { pid: 560, ppid: 404, session: 0 });
  }

  /** A process; a PID that is described again replaces the first description, unless either is over. */
  process(name: string, options: WindowsProcessOptions): WindowsProcessBuilder {
    const spec: WindowsProcessSpec = {
      name,
      options,
      regions: [],
      writes: [],
      kinds: new Map(),
      large: new Set(),
      placed: new Map(),
      copies: new Set(),
      sockets: [],
      sends: [],
    };
    const { processes } = this.#spec;
    const known = processes.findIndex(
      (one) => one.options.pid === options.pid && !isOver(one.options) && !isOver(options),
    );
    processes.splice(known < 0 ? processes.length : known, known < 0 ? 0 : 1, spec);
    return new WindowsProcessBuilder(this, spec);
  }

  /** In a page of the free list: given back, not yet cleared. */
  free(content: Content): this {
    return this.#loose('free', content);
  }

  /** In the file cache: a page of a file on the standby list, mapped by nobody. */
  cached(path: string, content: Content): this {
    return this.#loose('standby-file', content, path);
  }

  /** In the nonpaged pool, under a tag of four characters. */
  pool(tag: string, content: Content): this {
    return this.#loose('pool', content, tag);
  }

  /** In a page of a driver, like "evil.sys". */
  driver(name: string, content: Content): this {
    return this.#loose('driver', content, name);
  }

  /** Among the constants of the kernel image. */
  kernelImage(content: Content): this {
    return this.#loose('kernel-image', content);
  }

  /** Puts two pages into neighbouring frames, so that their bytes meet where no process sees them meet. */
  adjacent(
    first: WindowsProcessBuilder,
    firstAt: bigint,
    second: WindowsProcessBuilder,
    secondAt: bigint,
  ): this {
    const name = ({ pid }: WindowsProcessBuilder, at: bigint) => ({ pid, page: pageOf(at) });
    this.#spec.adjacent.push({ first: name(first, firstAt), second: name(second, secondAt) });
    return this;
  }

  /**
   * Smear: a page's frame was given to another process while the image was taken. Its book says so, and names the same
   * page as `toAt`; the tables of the one that had it were read before.
   */
  reused(
    from: WindowsProcessBuilder,
    fromAt: bigint,
    to: WindowsProcessBuilder,
    toAt: bigint,
  ): this {
    const name = ({ pid }: WindowsProcessBuilder, at: bigint) => ({ pid, page: pageOf(at) });
    this.#spec.reused.push({ from: name(from, fromAt), to: name(to, toAt) });
    return this;
  }

  /** A connection whose owner is gone. */
  orphanSocket(socket: WindowsSocketOptions): this {
    this.#spec.orphanSockets.push(socket);
    return this;
  }

  /** The machine before it is made into an image: for containers and for machines too large for one array. */
  assemble(): AssembledWindows {
    return assemble(this.#spec);
  }

  build(): BuiltWindows {
    const { ram, truth, dtb } = this.assemble();
    return { bytes: ram.toBytes(), runs: ram.runs, truth, dtb };
  }

  toBytes(): Uint8Array {
    return this.build().bytes;
  }

  #loose(
    where: WindowsLooseContent['where'],
    content: Content,
    detail: string | null = null,
  ): this {
    this.#spec.loose.push({ where, bytes: contentBytes(content), form: formOf(content), detail });
    return this;
  }
}

export interface WriteOptions {
  /** How the entries of these pages hold them; "valid" unless told. */
  readonly kind?: PageKind;
  /** Frame for the first page. */
  readonly at?: number;
  /** Pages of its own, copied on write, in a region of a section. */
  readonly copy?: boolean;
  /** Looks like what the test searches and is something else. */
  readonly nearMiss?: boolean;
}

export type SendOptions = Omit<WindowsSendSpec, 'address' | 'length'>;

const PROTECTIONS: Readonly<Record<WindowsRegionOptions['kind'], Protection>> = {
  private: 'readWrite',
  heap: 'readWrite',
  stack: 'readWrite',
  image: 'executeWriteCopy',
  mapped: 'readOnly',
  shared: 'readWrite',
};

export class WindowsProcessBuilder {
  readonly #machine: WindowsBuilder;
  readonly #spec: WindowsProcessSpec;

  constructor(machine: WindowsBuilder, spec: WindowsProcessSpec) {
    this.#machine = machine;
    this.#spec = spec;
  }

  get pid(): number {
    return this.#spec.options.pid;
  }

  /** A stretch of whole pages, one VAD. Pages come into RAM when something is written to or said about them. */
  region(start: bigint, pages: number, options: WindowsRegionOptions): this {
    const { kind, path = null, protection = PROTECTIONS[kind], dense: isDense = false } = options;
    if (path === null && (kind === 'image' || kind === 'mapped' || kind === 'shared')) {
      throw new Error(`Cannot map ${kind}: it needs a path`);
    }
    const at = start & ~0xfffn;
    this.#spec.regions.push({ start: at, pages, kind, path, protection, isDense });
    return this;
  }

  /**
   * Writes into a region, over page ends too: each page's frame lies anywhere.
   */
  write(address: bigint, content: Content, options: WriteOptions = {}): this {
    const bytes = contentBytes(content);
    const { nearMiss: isNearMiss = false } = options;
    this.#spec.writes.push({ address, bytes, form: formOf(content), isNearMiss });
    if (options.at !== undefined) this.#spec.placed.set(pageOf(address), options.at);
    const last = pageOf(address + BigInt(bytes.length - 1));
    for (let page = pageOf(address); page <= last; page += 1) {
      if (options.kind) this.#spec.kinds.set(page, options.kind);
      if (options.copy === true) this.#spec.copies.add(page);
    }
    return this;
  }

  /** Private memory around the content, and the content in it. */
  maps(address: bigint, content: Content, options: WriteOptions = {}): this {
    const last = address + BigInt(contentBytes(content).length - 1);
    const pages = pageOf(last) - pageOf(address) + 1;
    return this.region(address, pages, { kind: 'private' }).write(address, content, options);
  }

  /** Says how the entry of a page holds it, without writing to it. */
  page(address: bigint, kind: PageKind = 'valid'): this {
    this.#spec.kinds.set(pageOf(address), kind);
    return this;
  }

  /** 2 MiB from here as one page, with a region for it and the content at its `offset`. */
  large(address: bigint, content: Content, offset = 0): this {
    this.region(address, 512, { kind: 'private' });
    this.#spec.large.add(pageOf(address));
    return this.write(address + BigInt(offset), content);
  }

  /** Has asked a socket to send these bytes of it, and waits. */
  sending(address: bigint, length: number, more: SendOptions = {}): this {
    this.#spec.sends.push({ address, length, ...more });
    return this;
  }

  socket(socket: WindowsSocketOptions): this {
    this.#spec.sockets.push(socket);
    return this;
  }

  /** The next process of the machine. */
  process(name: string, options: WindowsProcessOptions): WindowsProcessBuilder {
    return this.#machine.process(name, options);
  }

  assemble(): AssembledWindows {
    return this.#machine.assemble();
  }

  build(): BuiltWindows {
    return this.#machine.build();
  }

  toBytes(): Uint8Array {
    return this.#machine.toBytes();
  }
}

const pageOf = (address: bigint): number => Number(address >> 12n);

const formOf = (content: Content): ContentForm =>
  typeof content !== 'string' ? 'bytes' : content.startsWith('utf16 ') ? 'utf16' : 'ascii';
