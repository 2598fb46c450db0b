import { virtual } from '../../memory/address.ts';
import type { Process } from '../process.ts';
import type { Clock } from './clock.ts';
import type { Kernel } from './kernel.ts';
import { pageLayout } from './page-layout.ts';
import { isKernelAddress } from './structures.ts';
import { threadsOf } from './tasks.ts';

/** Linux, include/linux/sched.h: gone for good. */
const EXIT_DEAD = 0x10;
const PF_KTHREAD = 0x0020_0000;
const COMM_BYTES = 16;
/** Linux, include/linux/threads.h: PID_MAX_LIMIT. */
const MAX_PID = 4 * 2 ** 20;
const CACHE_NAME = 'task_struct';
/** Slabs looked at: a hundred thousand threads, in a machine where nothing else lives. */
const MAX_SLABS = 32_768;
/** Tasks whose slabs are looked at; of nodes (NUMA), those whose lists are. */
const MAX_TASKS = 8192;
const MAX_NODES = 16;
/** A slab has at most 2^15 objects by its counters; of task_struct some four in eight pages. */
const MAX_OBJECTS = 64;
/** Told: a list that nobody reads to its end is damage. */
const MAX_ENDED = 4096;
/** The type's own size says nothing: what the processor's registers do not need of its end is not allocated. */
const LEAST_BYTES = 1024;

/**
 * Processes that had ended, as far as their remains tell: a task_struct that was given back keeps its content until its
 * place is used anew. They stand in the slabs that living tasks stand in, and in those with room that the cache lists
 * (mm/slub.c). Whatever such a remain points at may be another's by now, so only what it holds itself is read: number,
 * name, start, and the number of a parent that still lives. A number that somebody bears now is left out.
 *
 * @param map - address of the array of struct page
 * @param living - leaders of processes, as the kernel's lists have them
 */
export function endedTasks(
  kernel: Kernel,
  map: bigint,
  living: readonly { readonly address: bigint; readonly pid: number }[],
  clock: Clock | null,
): readonly Process[] {
  const layout = slabLayout(kernel);
  if (layout === null) return [];
  const { structures } = kernel;
  const alive = new Set(
    living.slice(0, MAX_TASKS).flatMap(({ address }) => threadsOf(kernel, address)),
  );
  const pids = new Set(living.map(({ pid }) => pid));
  const parents = new Map(living.map(({ address, pid }) => [address, pid]));

  const ended = new Map<bigint, Process>();
  for (const at of objectsOf(kernel, layout, map, alive)) {
    if (ended.size >= MAX_ENDED) break;
    const pid = structures.u32(at, layout.task.pid);
    const isLeader = pid === structures.u32(at, layout.task.tgid);
    const isGone =
      structures.u32(at, layout.task.exitState) === EXIT_DEAD &&
      structures.u32(at, layout.task.usage) === 0 &&
      structures.pointer(at, layout.task.mm) === 0n;
    const name = structures.text(at + BigInt(layout.task.comm), COMM_BYTES);
    if (alive.has(at) || !isLeader || !isGone || pid === 0 || pid > MAX_PID || pids.has(pid)) {
      continue;
    }
    if (!/^[\x20-\x7e]{1,15}$/.test(name)) continue;
    ended.set(at, {
      pid,
      parentPid: parents.get(structures.pointer(at, layout.task.parent)) ?? null,
      name,
      path: null,
      commandLine: null,
      user: null,
      startTime: clock?.at(structures.pointer(at, layout.task.start)) ?? null,
      exitTime: null,
      state: 'exited',
      isHidden: false,
      isKernelThread: (structures.u32(at, layout.task.flags) & PF_KTHREAD) !== 0,
      threads: null,
      object: virtual(at),
      pageTable: null,
      sockets: [],
    });
  }
  return [...ended.values()].toSorted((one, other) => one.pid - other.pid);
}

type SlabLayout = NonNullable<ReturnType<typeof slabLayout>>;

/** Null: the kernel keeps its objects in another way (SLAB, before 6.8), or does not tell. */
function slabLayout({ btf, release }: Kernel) {
  // A description of its own since 5.17; before, a use of struct page.
  const type = btf.has('slab') ? 'slab' : 'page';
  const at = (struct: string, name: string): number | null => btf.offsetOrNull(struct, name);
  const [cache, counters, list] = ['slab_cache', 'counters', 'slab_list'].map((name) =>
    at(type, name),
  );
  const [name, size, node] = ['name', 'size', 'node'].map((field) => at('kmem_cache', field));
  const partial = at('kmem_cache_node', 'partial');
  const usage = at('task_struct', 'usage');
  const known = { cache, counters, list, name, size, node, partial, usage };
  if (Object.values(known).some((offset) => offset === null || offset === undefined)) return null;
  return {
    cache: cache ?? 0,
    counters: counters ?? 0,
    list: BigInt(list ?? 0),
    name: name ?? 0,
    size: size ?? 0,
    node: node ?? 0,
    partial: BigInt(partial ?? 0),
    page: pageLayout(btf, release),
    task: {
      pid: btf.offset('task_struct', 'pid'),
      tgid: btf.offset('task_struct', 'tgid'),
      comm: btf.offset('task_struct', 'comm'),
      flags: btf.offset('task_struct', 'flags'),
      exitState: btf.offset('task_struct', 'exit_state'),
      usage: usage ?? 0,
      mm: btf.offset('task_struct', 'mm'),
      parent: btf.offset('task_struct', 'real_parent'),
      start: btf.offset('task_struct', 'start_time'),
    },
  };
}

/** Places of objects, used or not, in the slabs of living tasks and in those with room. */
function* objectsOf(
  kernel: Kernel,
  layout: SlabLayout,
  map: bigint,
  alive: ReadonlySet<bigint>,
): Generator<bigint> {
  const { structures, space } = kernel;
  const pageBytes = BigInt(layout.page.bytes);
  const slabs = new Set<bigint>();
  let cache = 0n;
  /** From physical to the kernel's direct view of all RAM. */
  let view = 0n;
  for (const task of alive) {
    const found = space.translate(virtual(task));
    if (found === null) continue;
    const page = map + BigInt(Math.floor(found.physical / 4096)) * pageBytes;
    const head = structures.pointer(page, layout.page.compoundHead);
    const slab = (head & 1n) === 1n ? head - 1n : page;
    const of = structures.pointer(slab, layout.cache);
    const isCache =
      isKernelAddress(of) &&
      structures.text(structures.pointer(of, layout.name), COMM_BYTES) === CACHE_NAME;
    if (!isCache) continue;
    [cache, view] = [of, task - BigInt(found.physical)];
    slabs.add(slab);
  }
  if (cache === 0n) return;
  for (const slab of slabsWithRoom(kernel, layout, cache)) slabs.add(slab);

  const size = structures.u32(cache, layout.size);
  if (size < LEAST_BYTES || size > 2 ** 16) return;
  for (const slab of slabs) {
    const frame = (slab - map) / pageBytes;
    const isPage = slab >= map && (slab - map) % pageBytes === 0n;
    if (!isPage || structures.pointer(slab, layout.cache) !== cache) continue;
    // inuse 16 bits, objects 15, frozen 1.
    const objects = (structures.u32(slab, layout.counters) >>> 16) & 0x7fff;
    for (let index = 0; index < Math.min(objects, MAX_OBJECTS); index += 1) {
      yield view + frame * 4096n + BigInt(index * size);
    }
  }
}

function* slabsWithRoom(
  { structures }: Kernel,
  layout: SlabLayout,
  cache: bigint,
): Generator<bigint> {
  let seen = 0;
  for (let index = 0; index < MAX_NODES; index += 1) {
    const node = structures.pointer(cache, layout.node + index * 8);
    if (!isKernelAddress(node)) return;
    const head = node + layout.partial;
    let at = structures.pointer(head);
    for (; at !== head && isKernelAddress(at) && seen < MAX_SLABS; seen += 1) {
      yield at - layout.list;
      at = structures.pointer(at);
    }
  }
}
