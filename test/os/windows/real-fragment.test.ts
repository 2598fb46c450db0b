import { beforeAll, describe, expect } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { memoryOf } from '../../../src/image/memory-of.ts';
import { virtual } from '../../../src/memory/address.ts';
import { openFile } from '../../../src/memory/byte-source.ts';
import { TOP_TABLE_PROBE } from '../../../src/os/windows/anchors.ts';
import { LAYOUT_GROUPS } from '../../../src/os/windows/offsets/groups.ts';
import { fromRoot, requires } from '../../support/requires.ts';
import { openScanned, type OpenedWindows } from './open-built.ts';

const FOLDER = '../shared/images/windows-17763-sparse/';
const test = requires(FOLDER, 'the shared test images, beside the repository');

interface TrueProcess {
  readonly pa: string;
  readonly pid: number;
  readonly ppid: number;
  readonly image: string;
  readonly create: string;
  readonly exit: string | null;
  readonly dtb: string;
  readonly threads: number;
}

describe.each([
  ['by the table', LAYOUT_GROUPS],
  ['derived', []],
])('933 pages of a real Windows 10 1809, read %s', (how, layouts) => {
  let opened: OpenedWindows;

  beforeAll(async () => {
    if (!test.isPresent) return;
    const { memory } = memoryOf(openFile(fromRoot(`${FOLDER}phys.lime`)));
    opened = await openScanned(memory, layouts);
  });

  test('the processes are those that Volatility 3 finds', () => {
    const { system } = opened;
    const read = system.processes.map((one) => ({
      pid: one.pid,
      ppid: one.parentPid,
      image: one.name,
      threads: one.threads,
      create: seconds(one.startTime),
      dtb: one.pageTable,
      physical: system.kernel.translate(one.object)?.physical,
    }));
    const processes: readonly TrueProcess[] = JSON.parse(textOf('eprocess.json'));
    const truth = processes.map((one) => ({
      pid: one.pid,
      ppid: one.ppid,
      image: one.image,
      threads: one.threads,
      create: one.create,
      // Volatility keeps the PCID in the low bits.
      dtb: Number(one.dtb) - (Number(one.dtb) % 4096),
      physical: Number(one.pa),
    }));
    expect(read.toSorted(byPid)).toEqual(truth.toSorted(byPid));
    expect(system.release).toBe('Windows 10 1809 (17763)');
    expect(system.processes.filter(({ isHidden }) => isHidden)).toEqual([]);
  });

  test('ended processes are marked, with their time where there is one', () => {
    const ended = opened.system.processes.filter(({ state }) => state === 'exited');
    expect(ended.map(({ pid }) => pid)).toEqual([708, 2916]);
    // Without any tree of areas in the image nothing tells where the time of exit stands.
    const exit = how === 'derived' ? undefined : '2021-04-26 13:40:21+00:00';
    expect(seconds(ended[0]?.exitTime ?? null) ?? undefined).toBe(exit);
  });

  test('every kernel address leads where two independent walkers say', () => {
    const { system } = opened;
    const wrong: string[] = [];
    let held = 0;
    const places: Readonly<Record<string, readonly string[]>> = JSON.parse(textOf('pa2va.json'));
    for (const [physical, addresses] of Object.entries(places)) {
      if (!physical.startsWith('0x')) continue;
      for (const address of addresses.filter((one) => BigInt(one) >= 0xffff_8000_0000_0000n)) {
        const found = system.kernel.translate(virtual(BigInt(address)))?.physical;
        if (found === Number(physical)) held += 1;
        else wrong.push(`${address} -> ${found}, not ${physical}`);
      }
    }
    expect(wrong).toEqual([]);
    expect(held).toBeGreaterThan(500);
  });

  test('the top tables that it holds show by their shape', () => {
    const shaped = opened.anchors.filter(({ name }) => name === TOP_TABLE_PROBE);
    const tables = opened.system.processes.map(({ pageTable }) => pageTable);
    // The kernel's own, and that of one process: no other is among the pages.
    expect(shaped.map(({ address }) => address)).toEqual([0x370_0000, 0x2_3550_0000]);
    for (const { address } of shaped) expect(tables).toContain(address);
  });

  test('what is missing is said', () => {
    expect(opened.system.warnings.join('\n')).toMatch(/lacks the System process/);
  });
});

const textOf = (name: string): string => readFileSync(fromRoot(`${FOLDER}${name}`), 'utf8');

const byPid = (one: { readonly pid: number }, other: { readonly pid: number }): number =>
  one.pid - other.pid;

const seconds = (time: Date | null): string | null =>
  time && `${time.toISOString().slice(0, 19).replace('T', ' ')}+00:00`;
