/**
 * A small but complete Linux x86-64 machine, described in words and built into the bytes of its RAM: kernel image with
 * BTF, kallsyms and VMCOREINFO, tasks, regions, page tables, the books of every frame. With it, what is true about it.
 *
 *     buildImage().process('evil', { pid: 42 }).maps(0x7ff0_0000n, 'ascii 203.0.113.7').toBytes()
 *
 * Written from the kernel's own headers and documentation, and apart from src/os: it is the second witness.
 */
import { assemble, type BuiltImage } from './build-image/assemble.ts';
import {
  contentBytes,
  type LooseContent,
  type MachineOptions,
  type MachineSpec,
  type ProcessOptions,
  type ProcessSpec,
  type RegionOptions,
  type SocketOptions,
} from './build-image/machine.ts';

export type { BuiltImage } from './build-image/assemble.ts';
export type * from './build-image/image-truth.ts';
export { placesOf } from './build-image/places-of.ts';
export type { MachineOptions, ProcessOptions, RegionOptions, SocketOptions };

export const buildLinux = (options: MachineOptions = {}): MachineBuilder =>
  new MachineBuilder(options);
export const buildImage = buildLinux;

/** Bytes, or "ascii ...", "utf16 ..." (little-endian), or plain text. */
export type Content = string | Uint8Array;

export class MachineBuilder {
  readonly #spec: MachineSpec;

  constructor(options: MachineOptions) {
    this.#spec = { options, processes: [], loose: [], adjacent: [], reused: [], orphanSockets: [] };
    this.process('systemd', { pid: 1, exe: '/usr/lib/systemd/systemd', argv: ['/sbin/init'] });
    this.process('kthreadd', { pid: 2, kernelThread: true });
  }

  /** A process; a PID that is described again replaces the first description. */
  process(name: string, options: ProcessOptions): ProcessBuilder {
    const spec: ProcessSpec = {
      name,
      options,
      regions: [],
      writes: [],
      touched: new Set(),
      protNone: new Set(),
      huge: new Set(),
      swapped: new Set(),
      shares: [],
      placed: new Map(),
      sockets: [],
      sent: [],
    };
    const { processes } = this.#spec;
    const known = processes.findIndex((one) => one.options.pid === options.pid);
    processes.splice(known < 0 ? processes.length : known, known < 0 ? 0 : 1, spec);
    return new ProcessBuilder(this, spec);
  }

  /** The first page of a file in the page cache, mapped by nobody. */
  pageCache(path: string, content: Content): this {
    return this.#loose('page-cache', content, path);
  }

  /** In a frame that was given back and not yet cleared. */
  free(content: Content): this {
    return this.#loose('free', content);
  }

  /** In a frame that the buddy allocator holds. */
  buddy(content: Content): this {
    return this.#loose('buddy', content);
  }

  /** In an object of the kernel's heap. */
  slab(content: Content): this {
    return this.#loose('slab', content);
  }

  /** Among the constants of the kernel image. */
  kernelText(content: Content): this {
    return this.#loose('kernel-image', content);
  }

  /** Puts two pages into neighbouring frames, so that their bytes meet where no process sees them meet. */
  adjacent(first: ProcessBuilder, firstAt: bigint, second: ProcessBuilder, secondAt: bigint): this {
    const name = ({ pid }: ProcessBuilder, at: bigint) => ({ pid, page: Number(at >> 12n) });
    first.touch(firstAt);
    second.touch(secondAt);
    this.#spec.adjacent.push({ first: name(first, firstAt), second: name(second, secondAt) });
    return this;
  }

  /**
   * Smear: a page's frame was given to another process while the image was taken. Its book says so, and names the same
   * page as `toAt`; the tables of the one that had it were read before.
   */
  reused(from: ProcessBuilder, fromAt: bigint, to: ProcessBuilder, toAt: bigint): this {
    const name = ({ pid }: ProcessBuilder, at: bigint) => ({ pid, page: Number(at >> 12n) });
    from.touch(fromAt);
    to.touch(toAt);
    this.#spec.reused.push({ from: name(from, fromAt), to: name(to, toAt) });
    return this;
  }

  /** A TCP connection that only the kernel's table knows. */
  orphanSocket(socket: SocketOptions): this {
    this.#spec.orphanSockets.push(socket);
    return this;
  }

  build(): BuiltImage {
    // The assembler adds what every process has; the description stays as it was told.
    const processes = this.#spec.processes.map(({ regions, writes, ...rest }) => {
      return { ...rest, regions: [...regions], writes: [...writes] };
    });
    return assemble({ ...this.#spec, processes });
  }

  toBytes(): Uint8Array {
    return this.build().bytes;
  }

  #loose(where: LooseContent['where'], content: Content, path: string | null = null): this {
    this.#spec.loose.push({ where, bytes: contentBytes(content), path });
    return this;
  }
}

const PERMISSIONS: Readonly<Record<RegionOptions['kind'], string>> = {
  heap: 'rw-p',
  stack: 'rw-p',
  anon: 'rw-p',
  file: 'r--p',
  shm: 'rw-s',
  vdso: 'r-xp',
};

export class ProcessBuilder {
  readonly #machine: MachineBuilder;
  readonly #spec: ProcessSpec;

  constructor(machine: MachineBuilder, spec: ProcessSpec) {
    this.#machine = machine;
    this.#spec = spec;
  }

  get pid(): number {
    return this.#spec.options.pid;
  }

  /** A stretch of whole pages. Pages get a frame when something is written to or said about them. */
  region(start: bigint, pages: number, options: RegionOptions): this {
    const { kind, path = null, perms = PERMISSIONS[kind], pageOffset = 0 } = options;
    if (path === null && (kind === 'file' || kind === 'shm')) {
      throw new Error(`Cannot map ${kind}: it needs a path`);
    }
    this.#spec.regions.push({ start: pageStart(start), pages, kind, path, perms, pageOffset });
    return this;
  }

  /** Writes into a region, over page ends too: each page's frame lies anywhere, but `at` asks for the first's. */
  write(
    address: bigint,
    content: Content,
    options: { readonly at?: number; readonly privateCopy?: boolean } = {},
  ): this {
    const { at, privateCopy = false } = options;
    if (at !== undefined) this.#spec.placed.set(pageOf(address), at);
    this.#spec.writes.push({ address, bytes: contentBytes(content), isPrivateCopy: privateCopy });
    return this;
  }

  /** Private memory around the content, and the content in it. */
  maps(address: bigint, content: Content): this {
    const last = address + BigInt(contentBytes(content).length) - 1n;
    return this.region(address, pageOf(last) - pageOf(address) + 1, { kind: 'anon' }).write(
      address,
      content,
    );
  }

  /** Gives the page a frame without writing to it. */
  touch(address: bigint): this {
    this.#spec.touched.add(pageOf(address));
    return this;
  }

  /** The page here and the other process' page there are one frame, as after a fork. */
  share(other: ProcessBuilder, address: bigint, otherAddress: bigint): this {
    this.#spec.shares.push({
      own: pageOf(address),
      other: { pid: other.pid, page: pageOf(otherAddress) },
    });
    return this;
  }

  /** In RAM, but nobody may touch it. */
  protNone(address: bigint): this {
    this.#spec.protNone.add(pageOf(address));
    return this;
  }

  /** 2 MiB from here as one page; the address is a multiple of 2 MiB. */
  huge(address: bigint): this {
    this.#spec.huge.add(pageOf(address));
    return this;
  }

  /** The page is in swap. */
  swap(address: bigint): this {
    this.#spec.swapped.add(pageOf(address));
    return this;
  }

  socket(socket: SocketOptions): this {
    this.#spec.sockets.push(socket);
    return this;
  }

  /** What it sent over TCP, as the kernel's copy of it stays behind. */
  sent(content: Content): this {
    this.#spec.sent.push(contentBytes(content));
    return this;
  }

  /** The next process of the machine. */
  process(name: string, options: ProcessOptions): ProcessBuilder {
    return this.#machine.process(name, options);
  }

  build(): BuiltImage {
    return this.#machine.build();
  }

  toBytes(): Uint8Array {
    return this.#machine.toBytes();
  }
}

const pageOf = (address: bigint): number => Number(address >> 12n);
const pageStart = (address: bigint): bigint => address & ~0xfffn;
