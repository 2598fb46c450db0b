import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { bigMachine } from './build-windows/big-machine.ts';
import {
  BUILDS,
  type Build,
  type BuiltWindows,
  buildWindows,
} from './build-windows/build-windows.ts';
import { placesOf } from './build-windows/find-in-truth.ts';
import { layoutOf } from './build-windows/layout.ts';
import { ADDRESS, ReadBack, meant, signed } from './build-windows/read-back.ts';
import { RECIPE, recipeMachine } from './build-windows/recipe-machine.ts';
import { INDICATOR, PROXY, everyCase } from './build-windows/scenarios.ts';

const MASK = 1n << 45n;

describe.each(BUILDS)('a built machine of %i', (build) => {
  const built = everyCase({ build, seed: build }).build();
  const image = new ReadBack(built.bytes);
  const { truth, dtb } = built;
  const layout = layoutOf(build);
  const alive = truth.processes.filter(({ isTerminated }) => !isTerminated);
  const rootOf = (pid: number) => alive.find((one) => one.pid === pid)?.pageTable ?? 0;

  test('has its pages where its tables say', () => {
    const wrong = truth.pages.filter(({ pid, va, frame, pageBytes, state }) => {
      const found = image.entry(rootOf(pid), va);
      if (state === 'valid') {
        return image.translate(rootOf(pid), va) !== frame * 4096 || found.pageBytes !== pageBytes;
      }
      const entry = meant(found.entry, MASK);
      if (state === 'transition') return (entry & 0xc01n) !== 0x800n || frameOf(entry) !== frame;
      // Not touched, or "see the VAD": nothing to follow here.
      if (entry === 0n || entry >> 32n === 0xffff_ffffn) return false;
      const section = meant(image.kernel(dtb, signed(entry >> 16n)), MASK);
      return (entry & 0x401n) !== 0x400n || frameOf(section) !== frame;
    });

    expect(wrong).toEqual([]);
    expect(new Set(truth.pages.map(({ state }) => state)).size).toBe(3);
  });

  test('has the header of an EPROCESS for every process, and Idle', () => {
    for (const { object, physical, isTerminated } of [
      ...truth.processes,
      { ...truth.idle, isTerminated: false },
    ]) {
      expect(image.translate(dtb, object)).toBe(physical);
      expect(image.bytes[physical]).toBe(3);
      expect(image.u64(physical + 0x18)).toBe(object + 0x18n);
      expect(image.u64(physical + 0x20)).toBe(object + 0x18n);
      expect(image.bytes.readInt32LE(physical + 4)).toBe(isTerminated ? 1 : 0);
    }
  });

  test('has STATUS_PENDING as how a living process ended', () => {
    const at = BigInt(layout.at('EPROCESS.ExitStatus'));
    for (const { object, isTerminated } of truth.processes) {
      const status = Number(image.kernel(dtb, object + at) & 0xffff_ffffn);
      expect(status).toBe(isTerminated ? 0 : 0x103);
    }
  });

  test('lists the processes that are neither hidden nor over', () => {
    const links = BigInt(layout.at('EPROCESS.ActiveProcessLinks'));
    const listed: bigint[] = [];
    const head = truth.kernel.processHead;
    for (let at = image.kernel(dtb, head); at !== head; at = image.kernel(dtb, at)) {
      listed.push(at - links);
    }

    const expected = truth.processes.filter(({ isListed }) => isListed);
    expect(listed).toEqual(expected.map(({ object }) => object));
    expect(expected.filter(({ isTerminated }) => isTerminated)).toHaveLength(1);
    expect(truth.processes.filter(({ isHidden }) => isHidden)).toHaveLength(1);
  });

  test('shares the kernel half and the shared page', () => {
    for (const { pageTable } of alive) {
      expect(image.translate(pageTable, truth.kernel.image)).toBe(
        image.translate(dtb, truth.kernel.image),
      );
      expect(image.translate(pageTable, 0x7ffe_0000n)).toBe(
        image.translate(dtb, 0xffff_f780_0000_0000n),
      );
      const self = image.u64(pageTable + truth.kernel.selfIndex * 8);
      expect(self & ADDRESS).toBe(BigInt(pageTable));
    }
  });

  test('books private pages under the entry that maps them, up to the top table', () => {
    const privates = truth.pages.filter(({ pid, va, pageBytes, state }) => {
      const region = truth.regions.find(
        (one) => one.pid === pid && va >= one.start && va < one.end,
      );
      const isPrivate = ['private', 'heap', 'stack'].includes(region?.kind ?? '');
      return isPrivate && pageBytes === 4096 && state !== 'prototype' && va !== 0x7ffe_0000n;
    });
    const book = (frame: number, field: string) =>
      image.kernel(
        dtb,
        truth.kernel.frameDatabase + BigInt(frame * 0x30 + layout.at(`MMPFN.${field}`)),
      );
    const parentMask = (1n << BigInt(layout.bits('MMPFN.u4.PteFrame')?.[1] ?? 0)) - 1n;

    expect(privates.length).toBeGreaterThan(100);
    for (const { pid, va, frame } of privates) {
      let at = frame;
      let address = 0n;
      for (const shift of [12n, 21n, 30n, 39n]) {
        address |= ((book(at, 'PteAddress') & 0xff8n) >> 3n) << shift;
        at = Number(book(at, 'u4') & parentMask);
      }
      expect({ address, root: at * 4096 }).toEqual({ address: va, root: rootOf(pid) });
    }
  });

  test('holds the indicator where the truth says, and nowhere else', () => {
    const straddles = new Set(truth.hits.filter((hit) => hit.straddles).map(({ pid }) => pid));
    const told = placesOf(truth, INDICATOR)
      .filter(({ hit }) => !(hit && straddles.has(hit.pid)))
      .map(({ physical }) => physical);
    const first = truth.hits.find(({ pid }) => pid === 2600);
    // Two strangers' frames make it too, side by side.
    const phantom = first?.physical ?? -1;

    expect(straddles).toEqual(new Set([2500]));
    expect(new Set(search(built.bytes))).toEqual(new Set([...told, phantom]));
  });
});

test('the same seed builds the same bytes, another one others', () => {
  const [first, again, other] = [7, 7, 8].map((seed) => Buffer.from(everyCase({ seed }).toBytes()));

  expect(first?.equals(again ?? Buffer.alloc(0))).toBe(true);
  expect(first?.equals(other ?? Buffer.alloc(0))).toBe(false);
});

test('old entries need no mask and carry no swizzle bit', () => {
  const { bytes, truth } = everyCase({ newEntries: false }).build();
  const image = new ReadBack(bytes);
  const page = truth.pages.find(({ state }) => state === 'transition');
  const process = truth.processes.find(({ pid }) => pid === page?.pid);
  const { entry } = image.entry(process?.pageTable ?? 0, page?.va ?? 0n);

  expect(entry).toBe((BigInt(page?.frame ?? 0) << 12n) | 0x880n);
});

test('since 19041 objects may cross a page end, into a frame that is elsewhere', () => {
  const [before = 0, since = 0] = ([17763, 19041] as const).map(crossingOf);

  expect(before).toBe(0);
  expect(since).toBeGreaterThan(3);
});

test('what a process gave back is free and names its former place', () => {
  const { bytes, truth, dtb }: BuiltWindows = everyCase().build();
  const former = truth.orphans.filter(({ where }) => where === 'former');
  const layout = layoutOf(17763);
  const image = new ReadBack(bytes);
  const locations = former.map(({ physical }) => {
    const book = truth.kernel.frameDatabase + BigInt(Math.floor(physical / 4096) * 0x30);
    return Number((image.kernel(dtb, book + BigInt(layout.at('MMPFN.u3'))) >> 16n) & 7n);
  });

  expect(former.map(({ pid }) => pid)).toEqual([3000, 3000]);
  expect(locations).toEqual([1, 2]);
});

test('the lab of the recipe holds 116 hits in one process and talks to the proxy alone', () => {
  const { truth, bytes } = recipeMachine().build();
  const places = placesOf(truth, INDICATOR);

  expect(truth.processes.length).toBeGreaterThanOrEqual(26);
  expect(places.map(({ hit }) => hit?.pid)).toEqual(Array(RECIPE.hits).fill(RECIPE.pid));
  expect(search(bytes)).toHaveLength(RECIPE.hits);
  expect(new Set(truth.sockets.map(({ remote }) => remote))).toEqual(new Set([PROXY]));
});

test('a full machine is written to a file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ip2process-'));
  try {
    const path = join(folder, 'big.raw');
    const truth = bigMachine(path, {
      ramBytes: 64 * 2 ** 20,
      mappedBytes: 24 * 2 ** 20,
      processes: 12,
    });
    const bytes = readFileSync(path);

    expect(bytes.length).toBe(64 * 2 ** 20);
    for (const { physical, bytes: text } of truth.hits) {
      expect(bytes.subarray(physical, physical + text.length)).toEqual(Buffer.from(text));
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a region over another one is refused', () => {
  const machine = buildWindows();
  machine.process('a.exe', { pid: 2000 }).maps(0x2000_0000n, 'one').maps(0x2000_0800n, 'two');

  expect(() => machine.build()).toThrow('a region is there');
});

/** Process objects that end in another page than they begin in. */
function crossingOf(build: Build): number {
  const size = layoutOf(build).sizeOf('EPROCESS');
  const { processes } = everyCase({ build }).build().truth;
  return processes.filter(({ physical }) => (physical & 0xfff) + size > 4096).length;
}

const frameOf = (entry: bigint): number => Number((entry & ADDRESS) >> 12n);

/** Physical addresses of the indicator, bounded, in both forms. */
function search(bytes: Uint8Array): number[] {
  const hay = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return [1, 2].flatMap((width) => {
    const needle = Buffer.from(INDICATOR, width === 1 ? 'latin1' : 'utf16le');
    const found: number[] = [];
    for (let at = hay.indexOf(needle); at >= 0; at = hay.indexOf(needle, at + 1)) {
      const before = String.fromCharCode(hay[at - width] ?? 0);
      const after = hay.toString('latin1', at + needle.length, at + needle.length + 2 * width);
      const isBounded = !/\d/.test(before) && !/^(\d|\.\0?\d)/.test(after);
      if (isBounded) found.push(at);
    }
    return found;
  });
}
