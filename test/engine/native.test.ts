import { beforeAll, describe, expect, test } from '@jest/globals';
import { nativeEngine } from '../../src/engine/native.ts';
import { frame, frameOf, PAGE_BYTES, physical, virtual } from '../../src/memory/address.ts';
import { FrameSet } from '../../src/memory/frame-set.ts';
import type { PhysicalMemory } from '../../src/memory/physical-memory.ts';
import { TABLE } from '../../src/translate/entry-rules.ts';
import { reverseMap, type WalkRoot } from '../../src/translate/reverse-map.ts';
import { buildWindows } from '../support/build-windows/build-windows.ts';
import { openScanned, rawMemory, type OpenedWindows } from '../os/windows/open-built.ts';

/** The cost of reading page tables backwards, counted and not timed. */
const HEAP = 0x2_0000_0000n;
const PAGES_OF_EACH = 600;

/** Machines with one and with three times as many processes, all of which share a section. */
const COUNTS = [6, 18] as const;
const machines = new Map<number, OpenedWindows>();

beforeAll(async () => {
  for (const count of COUNTS) {
    const machine = buildWindows({ ramBytes: 128 * 2 ** 20 });
    for (let index = 0; index < count; index += 1) {
      const process = machine.process(`one${index}.exe`, { pid: 2000 + index * 4 });
      process.region(HEAP, PAGES_OF_EACH, { kind: 'private', dense: true });
      process.region(2n * HEAP, 16, { kind: 'shared', path: 'Ipc' });
    }
    machines.set(count, await openScanned(rawMemory(machine.toBytes())));
  }
}, 120_000);

describe.each(COUNTS)('%d processes', (count) => {
  const opened = (): OpenedWindows => machines.get(count) ?? never();

  test('each table of a user half is read once, and nothing else', () => {
    const { system, memory } = opened();
    const counted = counting(memory);
    nativeEngine(counted.memory, system).owners(nothing());
    const tables = system.spaces.flatMap(({ root }) => [...tablesBelow(opened(), root, 0, 256)]);
    expect(new Set(counted.reads.keys())).toEqual(new Set(tables));
    expect(new Set(counted.reads.values())).toEqual(new Set([1]));
  });

  test('the kernel’s half is walked by nobody', () => {
    const { system, memory } = opened();
    const counted = counting(memory);
    nativeEngine(counted.memory, system).owners(nothing());
    const own = [...tablesBelow(opened(), system.kernel.root, 256, 512)].filter(
      (one) => one !== frameOf(system.kernel.root),
    );
    expect(own.length).toBeGreaterThan(10);
    expect(own.filter((one) => counted.reads.has(one))).toEqual([]);
  });

  test('pages that nobody asked about leave nothing behind, those asked about one object each', () => {
    const { system, memory } = opened();
    const { mode, rules } = system.kernel;
    const roots: WalkRoot[] = system.spaces.map(({ root }) => ({ root, half: 'user' }));
    const silent = reverseMap(memory, roots, mode, rules, nothing());
    expect(silent.leaves).toBeGreaterThan(count * PAGES_OF_EACH);
    expect([silent.mappings, silent.seams, silent.dropped]).toEqual([[], [], 0]);

    const wanted = system.spaces.at(-1)?.space.translate(virtual(HEAP))?.physical ?? never();
    const interest = new FrameSet(frameOf(wanted) + 1);
    interest.add(frameOf(wanted));
    const asked = reverseMap(memory, roots, mode, rules, { ...nothing(), interest });
    expect(asked.mappings).toHaveLength(1);
    expect(asked.tablesRead).toBe(silent.tablesRead);
  });
});

test('three times the processes cost their own tables, however much all of them share', () => {
  const [few, many] = COUNTS.map((count) => {
    const { system, memory } = machines.get(count) ?? never();
    const counted = counting(memory);
    nativeEngine(counted.memory, system).owners(nothing());
    return { processes: system.spaces.length, reads: counted.reads.size };
  });
  const added = (many?.processes ?? 0) - (few?.processes ?? 0);
  const ofEach = ((many?.reads ?? 0) - (few?.reads ?? 0)) / added;
  expect(added).toBe(COUNTS[1] - COUNTS[0]);
  // A top table, and below it a table of each level for each of the far-flung regions.
  expect(ofEach).toBeGreaterThan(3);
  expect(ofEach).toBeLessThan(32);
});

/** No frame is asked about: what is read is what any question costs. */
const nothing = () => {
  const none = new FrameSet(0);
  return { interest: none, tails: none, heads: none };
};

/** The memory, and how often each frame of it was read. */
function counting(memory: PhysicalMemory): {
  readonly memory: PhysicalMemory;
  readonly reads: ReadonlyMap<number, number>;
} {
  const reads = new Map<number, number>();
  const read: PhysicalMemory['read'] = (at, into) => {
    for (let page = frameOf(at); page * PAGE_BYTES < at + into.length; page = frame(page + 1)) {
      reads.set(page, (reads.get(page) ?? 0) + 1);
    }
    return memory.read(at, into);
  };
  return { memory: { runs: memory.runs, read }, reads };
}

/** Frames of the tables below some entries of a top table, and its own: by a walk that knows no shortcut. */
function tablesBelow(
  { system, memory }: OpenedWindows,
  root: number,
  first: number,
  end: number,
): ReadonlySet<number> {
  const { mode, rules } = system.kernel;
  const tables = new Set<number>();
  const visit = (table: number, depth: number, from: number, until: number): void => {
    const level = mode.levels[depth] ?? never();
    const bytes = Buffer.alloc(PAGE_BYTES);
    memory.read(physical(table * PAGE_BYTES), bytes);
    tables.add(table);
    for (let index = from; index < until; index += 1) {
      const low = bytes.readUInt32LE(index * 8);
      const high = bytes.readUInt32LE(index * 8 + 4);
      if ((low | high) === 0 || rules.kind(low, high, level) !== TABLE) continue;
      const next = rules.frame(low, high, level);
      // The self-map leads back.
      if (next !== frameOf(physical(root))) visit(next, depth + 1, 0, 512);
    }
  };
  visit(frameOf(physical(root)), 0, first, end);
  return tables;
}

function never(): never {
  throw new Error('the built machine lacks what the test needs');
}
