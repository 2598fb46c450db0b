/** Volatility 3 with the kernel's own symbol tables reads the built machines: it must say what the truth says. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect } from '@jest/globals';
import { BUILDS, type WindowsProcessTruth, type WindowsRegionTruth } from './build-windows.ts';
import { crashDump } from './crash-dump-writer.ts';
import { layoutOf } from './layout.ts';
import { everyCase } from './scenarios.ts';
import { vmwareFiles } from './vmware-writer.ts';
import { type Row, volatility } from './volatility.ts';
import { withSymbols as test } from './with-volatility.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const folder = temporaryFolder('ip2process-');
beforeAll(() => {
  mkdirSync(join(folder, 'cache'));
});

describe.each(BUILDS.filter((build) => layoutOf(build).isWitnessed))('Windows %i', (build) => {
  const built = everyCase({ build, seed: build, trimmedPool: true }).build();
  const { truth } = built;
  const listed = truth.processes.filter(({ isListed }) => isListed);
  const ask = (plugin: string): Row[] => {
    const path = join(folder, `${build}.raw`);
    writeFileSync(path, built.bytes);
    return volatility(path, plugin, join(folder, 'cache'));
  };

  // Volatility takes 18362's kernel for 18363's, whose UDP endpoints are 8 bytes longer.
  const isSure = ({ protocol }: { readonly protocol: string | null }): boolean =>
    build !== 18362 || protocol !== 'UDPv4';

  test('windows.info: kernel, page table, versions, clock', () => {
    const told = new Map(
      ask('windows.info').map((row) => [row.text('Variable'), row.text('Value')]),
    );

    expect(BigInt(told.get('Kernel Base') ?? 0)).toBe(BigInt.asUintN(48, truth.kernel.image));
    expect(Number(told.get('DTB'))).toBe(built.dtb);
    expect(told.get('Major/Minor')).toBe(`15.${build}`);
    expect(told.get('NtSystemRoot')).toBe('C:\\Windows');
    expect(Date.parse(told.get('SystemTime') ?? '')).toBe(truth.captureTime.getTime());
    expect(told.get('Symbols')).toContain(layoutOf(build).guid);
  });

  test('windows.pslist: the processes of the list', () => {
    expect(ask('windows.pslist').map(processOf)).toEqual(
      listed.map((one) => ({
        ...expectedProcess(one),
        at: BigInt.asUintN(48, one.object),
        session: one.session,
        isWow64: String(one.isWow64),
        threads: one.threads,
      })),
    );
  });

  test('windows.psscan: hidden and ended ones too', () => {
    // Up to Windows 8.1 it scans physical memory, since 10 the kernel's address space.
    const expected = truth.processes.map((one) => ({
      ...expectedProcess(one),
      at: build < 10240 ? BigInt(one.physical) : BigInt.asUintN(48, one.object),
    }));
    const told = ask('windows.psscan').map((row) => {
      const { session: _s, isWow64: _w, threads: _t, ...rest } = processOf(row);
      return rest;
    });

    expect(told.toSorted(byPid)).toEqual(expected.toSorted(byPid));
  });

  test('windows.cmdline: from the PEB of each process', () => {
    expect(ask('windows.cmdline').map((row) => [row.number('PID'), row.text('Args')])).toEqual(
      listed.map(({ pid, commandLine }) => [pid, commandLine]),
    );
  });

  test('windows.vadinfo: every region with its kind, protection and file', () => {
    const told = ask('windows.vadinfo').map((row) => ({
      pid: row.number('PID'),
      start: row.address('Start VPN'),
      end: row.address('End VPN') + 1n,
      isPrivate: row.number('PrivateMemory') === 1,
      protection: row.text('Protection'),
      file: row.text('File'),
    }));
    const expected = truth.regions
      .filter(({ pid }) => listed.some((one) => one.pid === pid))
      .map(expectedRegion);

    expect(told.toSorted(byPlace)).toEqual(expected.toSorted(byPlace));
  });

  test('windows.netscan: connections, listeners and endpoints with their owners', () => {
    const told = ask('windows.netscan').map((row) => ({
      pid: row.text('PID') === null ? null : row.number('PID'),
      protocol: row.text('Proto'),
      local: `${row.text('LocalAddr')}:${row.text('LocalPort')}`,
      remote:
        row.text('State') === 'ESTABLISHED'
          ? `${row.text('ForeignAddr')}:${row.text('ForeignPort')}`
          : null,
    }));
    const expected = truth.sockets.map(({ pid, protocol, family, local, remote }) => ({
      pid,
      protocol: `${protocol.toUpperCase()}v${family}`,
      local: withoutBrackets(local),
      remote: remote && withoutBrackets(remote),
    }));

    expect(told.filter(isSure).toSorted(byLocal)).toEqual(
      expected.filter(isSure).toSorted(byLocal),
    );
  });
});

describe('containers', () => {
  const machine = everyCase({
    runs: [
      [0x1000, 0x9e000],
      [0x10_0000, 0x170_0000],
      [0x1_0000_0000, 0x100_0000],
    ],
  }).assemble();
  const { vmem, vmss } = vmwareFiles(machine);
  const pids = machine.truth.processes.filter(({ isListed }) => isListed).map(({ pid }) => pid);

  for (const [name, files] of [
    ['a full crash dump', { 'full.dmp': crashDump(machine, { type: 'full' }) }],
    ['a bitmap crash dump', { 'bitmap.dmp': crashDump(machine, { type: 'bitmapFull' }) }],
    ['a .vmem with its .vmss', { 'machine.vmem': vmem, 'machine.vmss': vmss }],
  ] as const) {
    test(`${name} with a hole below 4 GiB is read`, () => {
      for (const [file, bytes] of Object.entries(files)) writeFileSync(join(folder, file), bytes);
      const path = join(folder, Object.keys(files)[0] ?? '');
      const rows = volatility(path, 'windows.pslist', join(folder, 'cache'));

      expect(rows.map((row) => row.number('PID'))).toEqual(pids);
    });
  }
});

const processOf = (row: Row) => ({
  pid: row.number('PID'),
  ppid: row.number('PPID'),
  name: row.text('ImageFileName'),
  at: row.address('Offset(V)'),
  createTime: row.time('CreateTime'),
  exitTime: row.time('ExitTime'),
  session: row.text('SessionId') === null ? null : row.number('SessionId'),
  isWow64: row.text('Wow64'),
  threads: row.number('Threads'),
});

const expectedProcess = (one: WindowsProcessTruth) => ({
  pid: one.pid,
  ppid: one.parentPid,
  name: one.name,
  createTime: one.createTime.getTime(),
  exitTime: one.exitTime?.getTime() ?? null,
});

const expectedRegion = ({ pid, start, end, kind, path, protection }: WindowsRegionTruth) => {
  const isPrivate = kind === 'private' || kind === 'heap' || kind === 'stack';
  const file = isPrivate || kind === 'shared' ? null : path;
  return { pid, start, end, isPrivate, protection: PAGE_NAMES[protection] ?? protection, file };
};

const PAGE_NAMES: Readonly<Record<string, string>> = {
  readOnly: 'PAGE_READONLY',
  readWrite: 'PAGE_READWRITE',
  executeReadWrite: 'PAGE_EXECUTE_READWRITE',
  executeWriteCopy: 'PAGE_EXECUTE_WRITECOPY',
};

const byPlace = (
  a: { readonly pid: number; readonly start: bigint },
  b: { readonly pid: number; readonly start: bigint },
): number => a.pid - b.pid || Number(a.start - b.start);

const byPid = (a: { readonly pid: number }, b: { readonly pid: number }): number => a.pid - b.pid;

/** Volatility writes an IPv6 address and its port with nothing around the address. */
const withoutBrackets = (endpoint: string): string => endpoint.replace(/[[\]]/g, '');

const byLocal = (a: { readonly local: string }, b: { readonly local: string }): number =>
  a.local < b.local ? -1 : 1;
