import { beforeAll, describe, expect, test } from '@jest/globals';
import { Ip2ProcessError } from '../../../src/errors.ts';
import { nativeEngine } from '../../../src/engine/native.ts';
import { frame, virtual } from '../../../src/memory/address.ts';
import { FrameSet } from '../../../src/memory/frame-set.ts';
import type { OperatingSystem } from '../../../src/os/operating-system.ts';
import { LAYOUT_GROUPS } from '../../../src/os/windows/offsets/groups.ts';
import type { WindowsLayout } from '../../../src/os/windows/offsets/layout.ts';
import { buildWindows, type BuiltWindows } from '../../support/build-windows/build-windows.ts';
import { openScanned, rawMemory } from './open-built.ts';

const HEAP = 0x2_0000_0000n;
const layout = LAYOUT_GROUPS.find(({ id }) => id === 'x64-17763a');
if (layout === undefined) throw new Error('no layout of 17763');

let built: BuiltWindows;
let honest: OperatingSystem;

beforeAll(async () => {
  const shared = { kind: 'shared', path: 'Ipc' } as const;
  built = buildWindows({ build: 17763 })
    .process('one.exe', { pid: 2000, threads: 3 })
    .region(HEAP, 4, shared)
    .write(HEAP, 'ascii one')
    .maps(2n * HEAP, 'ascii private')
    .socket({ local: '10.0.0.5:50000', remote: '172.31.0.250:8080' })
    .process('two.exe', { pid: 2004 })
    .region(HEAP, 4, shared)
    .page(HEAP, 'vad-prototype')
    .build();
  honest = (await openScanned(rawMemory(built.bytes))).system;
});

/** The machine with words of its kernel memory replaced, read wholly. */
async function readBent(bend: Bend, layouts = LAYOUT_GROUPS): Promise<OperatingSystem> {
  const bytes = built.bytes.slice();
  const view = new DataView(bytes.buffer);
  bend({
    layout: layout ?? never(),
    object: (pid) => built.truth.processes.find((one) => one.pid === pid)?.object ?? never(),
    get: (at) => view.getBigUint64(physicalOf(at), true),
    set: (at, value) => view.setBigUint64(physicalOf(at), BigInt.asUintN(64, value), true),
    setPhysical: (at, value) => view.setBigUint64(at, BigInt.asUintN(64, value), true),
  });
  const { system, memory } = await openScanned(rawMemory(bytes), layouts);
  for (const process of system.processes) system.regions(process);
  for (let number = 0; number < 64; number += 1) system.pageState(frame(number * 50), 0x100);
  const all = new FrameSet(bytes.length / 4096);
  for (let number = 0; number < all.limit; number += 1) all.add(frame(number));
  nativeEngine(memory, system).owners({ interest: all, tails: all, heads: all });
  return system;
}

type Bend = (kernel: Bending) => void;

interface Bending {
  readonly layout: WindowsLayout;
  readonly object: (pid: number) => bigint;
  readonly get: (at: bigint) => bigint;
  readonly set: (at: bigint, value: bigint) => void;
  readonly setPhysical: (at: number, value: bigint) => void;
}

const pids = ({ processes }: OperatingSystem): number[] =>
  processes.map(({ pid }) => pid).toSorted((one, other) => one - other);

describe('a kernel whose structures lie', () => {
  test.each<[string, Bend]>([
    [
      'a list of processes that runs in a circle before its end',
      ({ layout: { process }, object, set }) => {
        const links = BigInt(process.links);
        set(object(2000) + links, object(300) + links);
      },
    ],
    [
      'a list of processes that leads nowhere, either way',
      ({ layout: { process }, object, set }) => {
        set(object(300) + BigInt(process.links), 0x4141_4141_4141_4141n);
        set(object(300) + BigInt(process.links + 8), 0n);
      },
    ],
    [
      'a list of processes that leads to itself',
      ({ layout: { process }, object, set }) => {
        const own = object(4) + BigInt(process.links);
        set(own, own);
        set(own + 8n, own);
      },
    ],
  ])('%s: all processes are found, and none is called hidden', async (_name, bend) => {
    const system = await readBent(bend);
    expect(pids(system)).toEqual(pids(honest));
    expect(system.processes.filter(({ isHidden }) => isHidden)).toEqual([]);
  });

  describe.each([
    ['by the table', LAYOUT_GROUPS],
    ['derived', []],
  ])('read %s', (_how, layouts) => {
    test.each<[string, (own: bigint) => bigint]>([
      ['bytes that are no address', () => 0x4141_4141_4141_4141n],
      ['zeros', () => 0n],
      ['addresses of kernel memory that knows nothing of them', (own) => own + 0x40n],
    ])(
      'links of all processes that were overwritten by %s cost the order, no process',
      async (_name, junk) => {
        const bend: Bend = ({ layout: { process }, set }) => {
          for (const { object, pid } of honest.processes) {
            if (pid === 0) continue;
            const own = object + BigInt(process.links);
            set(own, junk(own));
            set(own + 8n, junk(own));
          }
        };
        const system = await readBent(bend, layouts);
        expect(pids(system)).toEqual(pids(honest));
        expect(system.processes.filter(({ isHidden }) => isHidden)).toEqual([]);
        expect(system.warnings.join()).toContain('list of processes breaks off');
      },
    );
  });

  test('a tree of areas with loops is read once, the rest of the answer stands', async () => {
    const system = await readBent(({ layout: { process }, object, get, set }) => {
      const root = get(object(2000) + BigInt(process.vadRoot));
      set(root, root);
      set(root + 8n, root);
    });
    const process = system.processes.find(({ pid }) => pid === 2000);
    expect(process && system.regions(process)).toHaveLength(1);
    expect(pids(system)).toEqual(pids(honest));
  });

  test('a view that claims more prototype entries than there can be is followed within bounds', async () => {
    const started = performance.now();
    await readBent(({ layout: { process, vad }, object, get, set }) => {
      const root = get(object(2000) + BigInt(process.vadRoot));
      set(root + BigInt(vad.start), 0xffff_ffff_0000_0000n);
      set(root + BigInt(vad.startHigh ?? 0), 0x0f00n);
      set(root + BigInt(vad.firstPrototype), 0xffff_8000_0000_0000n);
      set(root + BigInt(vad.lastPrototype), 0xffff_ffff_ffff_fff8n);
      set(root + BigInt(vad.flags), 0n);
    });
    expect(performance.now() - started).toBeLessThan(20_000);
  });

  test('a list of threads in a circle, and a thread list of its own', async () => {
    const system = await readBent(({ object, get, set }) => {
      const first = get(object(2000) + 0x30n);
      set(first, first);
      set(object(2004) + 0x30n, object(2004) + 0x38n);
    });
    expect(pids(system)).toEqual(pids(honest));
  });

  test('page tables that refer to themselves and to each other end', async () => {
    const system = await readBent(({ setPhysical }) => {
      for (const { pageTable, pid } of honest.processes) {
        if (pid < 2000 || pageTable === null) continue;
        for (let slot = 0; slot < 256; slot += 1) {
          setPhysical(pageTable + slot * 8, BigInt(pageTable) | 0x867n);
        }
      }
    });
    expect(pids(system)).toEqual(pids(honest));
  });

  test('a list of drivers in a circle of two is read once', async () => {
    const system = await readBent(({ get, set }) => {
      const head = built.truth.kernel.modules;
      const first = get(head);
      const second = get(first);
      set(second, first);
      set(first + 8n, second);
    });
    expect(pids(system)).toEqual(pids(honest));
  });
});

test('without any page table the failure is told in words', async () => {
  const bytes = built.bytes.slice();
  for (const { pageTable } of built.truth.processes) bytes.fill(0, pageTable, pageTable + 4096);
  bytes.fill(0, built.dtb, built.dtb + 4096);
  const opening = openScanned(rawMemory(bytes));
  await expect(opening).rejects.toThrow(Ip2ProcessError);
  await expect(opening).rejects.toThrow(/no page table in this image leads to one of them/);
});

function physicalOf(at: bigint): number {
  const found = honest.kernel.translate(virtual(at))?.physical;
  if (found === undefined) throw new Error(`0x${at.toString(16)} is not mapped`);
  return found;
}

function never(): never {
  throw new Error('the built machine lacks what the test needs');
}
