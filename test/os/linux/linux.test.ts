import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Ip2ProcessError } from '../../../src/errors.ts';
import { physical, virtual } from '../../../src/memory/address.ts';
import { openLinux } from '../../../src/os/linux/linux.ts';
import { buildLinux, type MachineOptions } from '../../support/build-image.ts';
import { frameAt, openBuilt, patched } from './built-machine.ts';
import { findAnchors } from './find-anchors.ts';

/** A little of everything. */
function machine(options: MachineOptions) {
  const builder = buildLinux({ hostName: 'web-3', ...options });
  const client = builder
    .process('client', { pid: 42, exe: '/opt/client', argv: ['/opt/client', '-v'], uid: 1000 })
    .maps(0x7f00_0000_1000n, 'ascii 203.0.113.7')
    .region(0x7f10_0000_0000n, 2, { kind: 'shm', path: 'memfd:queue' })
    .region(0x7f20_0000_0000n, 2, { kind: 'file', path: '/usr/lib/libc.so.6', perms: 'r-xp' })
    .region(0x5600_0000_0000n, 4, { kind: 'heap' })
    .socket({ local: '10.0.0.1:40001', remote: '10.0.0.2:8080' });
  builder.process('hider', { pid: 66, hidden: true, exe: '/usr/bin/hider' });
  builder.process('gone', { pid: 77, state: 'zombie', ppid: 42 });
  builder.process('vforked', { pid: 78, sharesMemoryWith: 42, ppid: 42, threads: 3 });
  builder.process('kworker/0:1', { pid: 79, exe: '/opt/masquerade' });
  builder.pageCache('/var/log/access.log', 'x').free('x').buddy('x').slab('x').kernelText('x');
  return { builder, client, image: builder.build() };
}

const KERNELS = (['5.10', '6.1', '6.6'] as const).flatMap((kernel) =>
  ([4, 5] as const).flatMap((levels) =>
    [false, true].map((pti) => ({ kernel, levels, pti, vmcoreinfo: levels === 4 })),
  ),
);

describe.each(KERNELS)('a machine with %j', (options) => {
  const { image } = machine({ ...options, seed: 3 });
  const system = openBuilt(image);

  test('is read without a warning', () => {
    expect(system.warnings).toEqual([]);
    expect(system.hostName).toBe('web-3');
    expect(system.release).toMatch(/^Linux \d+\.\d+\.\d+-/);
    expect(system.kernel.mode.levels).toHaveLength(options.levels);
  });

  test('has the processes that it was given, and no others', () => {
    const seen = system.processes.map((process) => ({
      pid: process.pid,
      parentPid: process.parentPid,
      name: process.name,
      uid: Number(process.user),
      exe: process.path,
      commandLine: process.commandLine || null,
      startTime: process.startTime,
      threads: process.threads,
      isKernelThread: process.isKernelThread,
      isHidden: process.isHidden,
      isZombie: process.state === 'exited',
      object: process.object,
      pageTable: process.pageTable,
    }));
    const given = image.truth.processes.map((process) => ({
      ...process,
      commandLine: process.commandLine || null,
    }));
    expect(seen.toSorted(byPid)).toEqual(given.toSorted(byPid));
  });

  test('has one address space for the processes that share one', () => {
    const shared = system.spaces.map(({ processes }) =>
      processes.map((index) => system.processes[index]?.pid),
    );
    expect(shared).toContainEqual([42, 78]);
    expect(shared.flat()).not.toContain(77);
    expect(shared.flat()).not.toContain(2);
  });

  test('tells the regions of every process, with their purpose', () => {
    const kinds = { anon: 'anonymous', shm: 'shared-memory', vdso: 'special' } as const;
    for (const process of system.processes) {
      const given = image.truth.regions.filter(({ pid }) => pid === process.pid);
      expect(
        system.regions(process).map(({ start, end, kind, protection }) => {
          return { start, end, kind, protection };
        }),
      ).toEqual(
        given.map(({ start, end, kind, perms }) => ({
          start,
          end,
          kind: kind === 'anon' || kind === 'shm' || kind === 'vdso' ? kinds[kind] : kind,
          protection: perms,
        })),
      );
    }
    const names = system.processes
      .filter(({ pid }) => pid === 42)
      .flatMap((process) => system.regions(process))
      .map(({ name }) => name);
    expect(names).toEqual([
      '/opt/client',
      '[heap]',
      null,
      '/memfd:queue (deleted)',
      '/usr/lib/libc.so.6',
      '[stack]',
      '[vdso]',
    ]);
  });

  test('reads what a process has at an address', () => {
    const space = system.spaces.find(({ processes }) =>
      processes.some((index) => system.processes[index]?.pid === 42),
    );
    for (const { va, physical: at } of image.truth.texts.filter(({ pid }) => pid === 42)) {
      expect(space?.space.translate(virtual(va))?.physical).toBe(at);
    }
  });

  test('knows the state of frames that no process maps', () => {
    const states = image.truth.loose.map(({ where, physical: at }) => {
      const { kind, detail } = system.pageState(frameAt(at));
      return [where, kind, kind === 'page-cache' ? detail : null];
    });
    expect(states).toEqual([
      ['page-cache', 'page-cache', '/var/log/access.log'],
      ['free', 'free', null],
      ['buddy', 'free', null],
      ['slab', 'slab', null],
      ['kernel-image', 'kernel', null],
    ]);
    expect(system.pageState(frameAt(2 ** 45))).toEqual({ kind: 'unknown', detail: null });
  });

  test('knows which frames hold private memory, and which a file', () => {
    const kinds = new Set(
      image.truth.pages.map(({ frame }) => system.pageState(frameAt(frame * 4096)).kind),
    );
    expect([...kinds].toSorted()).toEqual(['anonymous', 'page-cache']);
  });
});

describe('an image that gives no processes', () => {
  const empty = { runs: [], read: () => 0 };

  test('is no Linux where nothing speaks of Linux', () => {
    expect(openLinux(empty, [], {})).toBeNull();
  });

  test.each<[string, MachineOptions, RegExp]>([
    ['no BTF', { btf: false }, /^Cannot list processes: the kernel 6\.1\S+ carries no BTF/],
    ['neither BTF nor VMCOREINFO', { btf: false, vmcoreinfo: false }, /carries no BTF/],
  ])('says so: %s', (_, options, message) => {
    const { image } = machine(options);
    const open = () => openLinux(image.memory, findAnchors(image.memory), {});
    expect(open).toThrow(message);
    expect(open).toThrow(Ip2ProcessError);
  });

  test('says so: no first task', () => {
    const { image } = machine({});
    const anchors = findAnchors(image.memory).filter(({ name }) => name !== 'linux-idle-task');
    expect(() => openLinux(image.memory, anchors, {})).toThrow(/no first task/);
  });

  test('says so: no page tables', () => {
    const { image } = machine({});
    const task = image.toPhysical(image.symbols['init_task'] ?? 0n);
    const tables = patched(image.memory, [[image.kernelRoot + 4088, new Uint8Array(8)], [0x9c000, new Uint8Array(4096)]]); // prettier-ignore
    const others = image.truth.processes.flatMap(({ pageTable }): [number, Uint8Array][] =>
      pageTable === null ? [] : [[pageTable + 4088, new Uint8Array(8)]],
    );
    const memory = patched(tables, others);
    expect(() => openLinux(memory, findAnchors(memory), {})).toThrow(
      `first task at physical address 0x${task.toString(16)}`,
    );
  });
});

test('without symbols the processes are still there; times and states of frames are not', () => {
  const { image } = machine({ kallsyms: false, vmcoreinfo: false });
  const system = openBuilt(image);
  expect(system.processes.map(({ pid }) => pid)).toContain(42);
  expect(system.captureTime).toBeNull();
  expect(system.processes.every(({ startTime }) => startTime === null)).toBe(true);
  expect(system.warnings.join()).toMatch(/clock could not be read/);
  system.pageState(frameAt(0));
  expect(system.warnings.join()).toMatch(/state of frames that no process maps is unknown/);
});

test('any damage gives processes or a clear refusal, in bounded time', () => {
  const { image } = machine({ seed: 5 });
  const kernel = image.toPhysical(image.symbols['init_task'] ?? 0n);
  const anywhere = fc.integer({ min: 0, max: image.bytes.length - 8 });
  const tasks = image.truth.processes.map(({ object }) => image.toPhysical(object));
  const nearby = fc
    .tuple(fc.constantFrom(kernel, ...tasks), fc.nat(0x2000))
    .map(([at, offset]) => Math.min(at + offset, image.bytes.length - 8));
  const content = fc.oneof(
    fc.uint8Array({ minLength: 8, maxLength: 8 }),
    fc.constantFrom(...tasks, kernel).map((at) => image.bytes.slice(at, at + 8)),
  );
  const patch = fc.tuple(fc.oneof(anywhere, nearby), content);
  const anchors = findAnchors(image.memory);
  fc.assert(
    fc.property(fc.array(patch, { minLength: 1, maxLength: 60 }), (patches) => {
      const memory = patched(image.memory, patches);
      try {
        const system = openLinux(memory, anchors, {});
        for (const process of system?.processes ?? []) system?.regions(process);
        system?.pageState(frameAt(0));
      } catch (error) {
        expect(error).toBeInstanceOf(Ip2ProcessError);
      }
    }),
    { numRuns: 60 },
  );
});

test('a root register finds the tables where nothing else does', () => {
  const { image } = machine({ vmcoreinfo: false, pti: true });
  const isolated = physical(image.kernelRoot + 4096 + 0x801);
  expect(openBuilt(image, { tables: [isolated] }).kernel.root).toBe(image.kernelRoot);
});

const byPid = (one: { pid: number }, other: { pid: number }): number => one.pid - other.pid;
