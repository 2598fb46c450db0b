import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import { physical, virtual } from '../../../src/memory/address.ts';
import { openFile, type ByteSource } from '../../../src/memory/byte-source.ts';
import type { PhysicalMemory } from '../../../src/memory/physical-memory.ts';
import { openLinux } from '../../../src/os/linux/linux.ts';
import type { OperatingSystem } from '../../../src/os/operating-system.ts';
import type { Process, Socket } from '../../../src/os/process.ts';
import type { AnchorHit } from '../../../src/scan/anchor.ts';
import { fromRoot, requires } from '../../support/requires.ts';
import { loadTruth, type LabTruth } from '../../support/truth.ts';
import { frameAt, patched, word } from './built-machine.ts';
import { findAnchors } from './find-anchors.ts';

const CASE = '../shared/images/linux-debian12-1g/endpoint';
const imageTest = requires(`${CASE}.raw.zst`, 'put the shared test images beside this repository');
const zstdTest = requires('zstd', 'apt-get install zstd');
const realTest = imageTest.isPresent ? zstdTest : imageTest;
const isPresent = imageTest.isPresent && zstdTest.isPresent;

/** TASK_COMM_LEN less its NUL. /proc writes what a kernel worker does behind its name; the kernel does not. */
const NAME_LENGTH = 15;

describe('a real Debian 12 machine', () => {
  let folder: string;
  let source: ByteSource;
  let memory: PhysicalMemory;
  let anchors: AnchorHit[];
  let truth: LabTruth;
  let system: OperatingSystem;
  const placeOf = (address: bigint): number =>
    system.kernel.translate(virtual(address))?.physical ?? 0;
  const kinds = (pid: number, kind: string): unknown[] => {
    const process = processOf(pid);
    const regions = process === undefined ? [] : system.regions(process);
    return regions.filter((region) => region.kind === kind).map(({ name }) => name);
  };
  const processOf = (pid: number): Process | undefined =>
    system.processes.find((process) => process.pid === pid);

  beforeAll(() => {
    if (!isPresent) return;
    folder = mkdtempSync(join(tmpdir(), 'linux-'));
    const image = join(folder, 'endpoint.raw');
    const options = ['-dq', '--long=27', fromRoot(`${CASE}.raw.zst`), '-o', image];
    expect(spawnSync('zstd', options).status).toBe(0);
    source = openFile(image);
    memory = {
      runs: [{ start: physical(0), length: source.size, fileOffset: 0 }],
      read: (at, into) => source.read(at, into),
    };
    anchors = findAnchors(memory);
    truth = loadTruth(fromRoot(`${CASE}.truth.json`));
    system = open(memory, anchors);
  }, 300_000);

  afterAll(() => {
    if (!isPresent) return;
    source.close();
    rmSync(folder, { recursive: true });
  });

  realTest('is itself, at its own time', () => {
    expect(system.release).toBe('Linux 6.1.0-50-amd64');
    expect(system.hostName).toBe('ip-172-31-16-50');
    expect(system.captureTime?.toISOString()).toMatch(/^2026-11-22T15:16:12/);
    expect(system.bootTime?.toISOString()).toMatch(/^2026-11-22T15:14:33/);
    expect(system.kernel.root).toBe(0x7c1_0000);
  });

  realTest('has every process that the machine listed, and no others', () => {
    // Of those that had ended only remains are left, without threads: the machine listed none of them.
    const listed = system.processes.filter(({ threads }) => threads !== null);
    const seen = listed.map((process) => ({
      pid: process.pid,
      parentPid: process.parentPid,
      comm: process.name,
      exe: process.path,
      commandLine: process.commandLine ?? '',
      isKernelThread: process.isKernelThread,
      threads: process.threads,
    }));
    const told = truth.processes.map((process) => ({
      pid: process.pid,
      parentPid: process.parentPid,
      comm: nameOf(process.comm, process.isKernelThread),
      exe: process.exe,
      commandLine: process.commandLine,
      isKernelThread: process.isKernelThread,
      threads: process.threads,
    }));
    expect(without(seen, truth.helperPid)).toEqual(without(told, truth.helperPid));
    expect(system.processes.filter(({ isHidden }) => isHidden)).toEqual([]);
    expect(listed.filter(({ state }) => state === 'exited').map(({ pid }) => pid)).toEqual([467]);
    const remains = system.processes.filter(({ threads }) => threads === null);
    expect(remains.every(({ state }) => state === 'exited')).toBe(true);
    expect(remains.map(({ pid }) => pid)).toContain(truth.ghostPid);
  });

  realTest('has every region of every process', () => {
    const told = rows('vmas').flatMap(([phase, pid, start, end, perms, , name]) =>
      phase === 'main' ? [[pid, start, end, perms, name ?? ''].join(' ')] : [],
    );
    const seen = system.processes
      .filter(({ pid }) => pid !== truth.helperPid)
      .flatMap((process) => system.regions(process).map((region) => ({ process, region })))
      .map(({ process, region: { start, end, protection, name } }) => {
        // /proc gives stacks of threads no name.
        const shown = name === null || name.startsWith('[stack:') ? '' : name;
        return [process.pid, start.toString(16), end.toString(16), protection, shown].join(' ');
      });
    expect(seen.toSorted()).toEqual(told.toSorted());
    expect(seen).toHaveLength(1943);
  });

  realTest('tells what memory is for', () => {
    expect(kinds(319, 'stack')).toEqual([
      '[stack:325]',
      '[stack:324]',
      '[stack:323]',
      '[stack:322]',
      '[stack]',
    ]);
    expect(kinds(329, 'shared-memory')).toEqual(['/dev/shm/labseg']);
    expect(kinds(345, 'shared-memory')).toEqual(['/dev/zero (deleted)']);
    expect(kinds(300, 'heap')).toEqual(['[heap]']);
  });

  realTest('has the TCP sockets of every process', () => {
    const states = new Map([
      ['ESTABLISHED', '01'],
      ['LISTEN', '0A'],
    ]);
    const line = ({ local, remote, state }: Socket): string =>
      `${local.address}:${local.port} -> ${remote?.address ?? '0.0.0.0'}:${remote?.port ?? 0} ${states.get(state ?? '') ?? state}`;
    const seen = system.processes.flatMap(({ pid, sockets }) => {
      // The truth has no IPv6.
      const lines = sockets.filter(({ protocol, family }) => protocol === 'tcp' && family === 4);
      return lines.length === 0 ? [] : [[pid, lines.map(line)] as const];
    });
    expect(new Map(seen)).toEqual(truth.tcpSockets);
  });

  realTest('knows the state of every frame', () => {
    const differences = new Map<string, number>();
    for (const [first = '', count = '', , flags = ''] of rows('kpageflags')) {
      const start = Number.parseInt(first, 16);
      const expected = stateOf(flags.split(','));
      for (let frame = start; frame < start + Number(count); frame += 1) {
        const { kind } = system.pageState(frameAt(frame * 4096));
        const key = `${flags}: ${kind}`;
        if (!expected.includes(kind)) differences.set(key, (differences.get(key) ?? 0) + 1);
      }
    }
    // Taken from the free frames between the telling and the dump.
    expect(Object.fromEntries(differences)).toEqual({ 'buddy: slab': 24, ': slab': 32 });
  });

  realTest('names the file of cached pages, and calls the pages of the dead free', () => {
    for (const { path, physical: address } of truth.pageCacheHits) {
      expect(system.pageState(frameAt(address))).toEqual({ kind: 'page-cache', detail: path });
    }
    expect(truth.ghostHits).toHaveLength(258);
    for (const address of truth.ghostHits) {
      expect(system.pageState(frameAt(address))).toEqual({ kind: 'free', detail: null });
    }
  });

  realTest('keeps what processes sent, by process', () => {
    const sent = (pid: number, kind = 'page fragment'): string => {
      const process = processOf(pid);
      const ranges = process === undefined ? [] : (system.sentRanges?.(process) ?? []);
      return ranges
        .filter((range) => range.source === kind)
        .map(({ start, length }) => text(memory, start, length))
        .join('');
    };
    expect(sent(300)).toContain('GET http://35.178.122.152/');
    expect(sent(314)).toContain('Host: 35.178.122.152');
    expect(sent(299)).toContain('Host: 93.184.216.34');
    // Its CONNECT came before, and was longer.
    expect(sent(314, 'earlier fragment')).toMatch(/^[\d.:]* HTTP\/1\.1\r\n|35\.178\.122\.152/);
    const senders = system.processes.map(({ pid }) => pid).filter((pid) => sent(pid) !== '');
    expect(senders).toEqual([299, 300, 314, 336]);
  });

  realTest('is read without VMCOREINFO, too', () => {
    const bare = anchors.filter(({ name }) => name !== 'linux-vmcoreinfo');
    const other = open(memory, bare);
    expect(other.kernel.root).toBe(system.kernel.root);
    expect(other.processes).toEqual(system.processes);
    expect(other.pageState(frameAt(0x100_0000))).toEqual(system.pageState(frameAt(0x100_0000)));
  });

  realTest('does not lose a process that is taken out of the list', () => {
    const object = BigInt(processOf(300)?.object ?? 0n);
    const tasks = 0x890n;
    const pointer = (address: bigint): bigint => {
      const bytes = new Uint8Array(8);
      memory.read(physical(placeOf(address)), bytes);
      return new DataView(bytes.buffer).getBigUint64(0, true);
    };
    const [next, previous] = [pointer(object + tasks), pointer(object + tasks + 8n)];
    const unlinked = patched(memory, [
      [placeOf(previous), word(next)],
      [placeOf(next + 8n), word(previous)],
    ]);
    const hidden = open(unlinked, anchors).processes.filter(({ isHidden }) => isHidden);
    expect(hidden).toEqual([{ ...processOf(300), isHidden: true }]);
  });
});

function open(memory: PhysicalMemory, anchors: readonly AnchorHit[]): OperatingSystem {
  const system = openLinux(memory, anchors, {});
  if (system === null) throw new Error('the image was not seen as Linux');
  return system;
}

const without = <T extends { readonly pid: number }>(
  processes: readonly T[],
  helper: number,
): T[] => processes.filter(({ pid }) => pid !== helper);

const nameOf = (told: string, isKernelThread: boolean): string =>
  (isKernelThread ? told.replace(/^(kworker\/[^-]*)-.*/, '$1') : told).slice(0, NAME_LENGTH);

const rows = (name: string): string[][] =>
  gunzipSync(readFileSync(fromRoot(`${CASE}.${name}.tsv.gz`)))
    .toString()
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split('\t'));

function text(memory: PhysicalMemory, at: number, length: number): string {
  const bytes = Buffer.alloc(length);
  memory.read(physical(at), bytes);
  return bytes.toString('latin1');
}

/** What the kernel's flags of a frame allow as its state. Frames without any are free or the kernel's own. */
function stateOf(flags: readonly string[]): readonly string[] {
  if (flags.includes('buddy')) return ['free'];
  if (flags.includes('slab')) return ['slab'];
  if (flags.includes('pgtable')) return ['page-table'];
  if (flags.includes('reserved')) return ['kernel'];
  if (flags.includes('anon')) return ['anonymous'];
  if (flags.includes('lru')) return ['page-cache'];
  return ['free', 'kernel'];
}
