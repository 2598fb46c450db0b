import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { buildImage, type BuiltImage, buildLinux, type MachineOptions } from './build-image.ts';
import { placesOf } from './build-image/places-of.ts';
import { randomMachine } from './build-image/random-machine.ts';
import { findBtf, readKallsyms, walk } from './build-image/witness.ts';
import { type SeenPage, Witness } from './build-image/witness-of-tasks.ts';
import { requires } from './requires.ts';

const HEAP = 0x55d0_2000_0000n;
const MAPPED = 0x7f00_0000_0000n;

/** One of everything. */
function everything(options: MachineOptions): BuiltImage {
  const machine = buildLinux(options);
  const browser = machine.process('browser', {
    pid: 100,
    uid: 1000,
    exe: '/opt/browser/bin/browser',
    argv: ['browser', '--proxy', '172.31.0.250:8080'],
    threads: 3,
    startTime: new Date('2026-01-05T08:10:00Z'),
  });
  browser
    .region(HEAP, 8, { kind: 'heap' })
    .write(HEAP + 0xff8n, 'ascii 203.0.113.7 over a page end')
    .write(HEAP + 0x2010n, 'utf16 203.0.113.7')
    .region(MAPPED, 1024, { kind: 'anon' })
    .huge(MAPPED + 0x20_0000n)
    .write(MAPPED + 0x20_5ff9n, 'inside a large page 203.0.113.7')
    .write(MAPPED, 'hidden behind PROT_NONE 203.0.113.7')
    .protNone(MAPPED)
    .swap(MAPPED + 0x1000n)
    .region(0x7f10_0000_0000n, 3, { kind: 'file', path: '/var/log/access.log', pageOffset: 2 })
    .write(0x7f10_0000_1000n, 'GET http://203.0.113.7/')
    .socket({ local: '10.0.0.5:42674', remote: '172.31.0.250:8080' })
    .socket({ protocol: 'udp', local: '0.0.0.0:53' })
    .sent('CONNECT 203.0.113.7:443');
  for (let index = 0; index < 40; index += 1) {
    browser.region(0x7f20_0000_0000n + BigInt(index * 0x3000), 1 + (index % 3), { kind: 'anon' });
  }
  const child = machine.process('worker', { pid: 131, ppid: 100, exe: '/usr/bin/worker' });
  child
    .region(HEAP, 8, { kind: 'heap' })
    .share(browser, HEAP, HEAP)
    .region(0x7f30_0000_0000n, 2, { kind: 'shm', path: '/dev/shm/ring' })
    .write(0x7f30_0000_0010n, 'shared 203.0.113.7')
    .region(0x7f10_0000_0000n, 3, { kind: 'file', path: '/var/log/access.log', pageOffset: 2 })
    .touch(0x7f10_0000_1000n);
  return machine
    .process('vforked', { pid: 5132, ppid: 100, sharesMemoryWith: 131 })
    .process('rootkit', { pid: 103, hidden: true, exe: '/tmp/x (deleted)' })
    .maps(0x1000_0000n, 'hidden task 203.0.113.7')
    .process('kworker/0:1', { pid: 50, kernelThread: true })
    .process('deep', { pid: 106, hidden: 'everywhere', exe: '/usr/bin/deep' })
    .process('ghost', { pid: 105, state: 'gone', exe: '/usr/bin/ghost' })
    .maps(0x1000_0000n, 'gone with its process 203.0.113.7')
    .process('ended', { pid: 104, ppid: 100, state: 'zombie' })
    .build();
}

const MACHINES: [string, MachineOptions][] = [
  ['5.10', { kernel: '5.10' }],
  ['5.10 with PTI', { kernel: '5.10', pti: true, seed: 5 }],
  ['6.1', { kernel: '6.1' }],
  ['6.1 with five levels', { kernel: '6.1', levels: 5, seed: 2 }],
  ['6.1 at its link address', { kernel: '6.1', kaslr: false, seed: 3 }],
  ['6.6', { kernel: '6.6', seed: 4 }],
  ['6.6 with five levels and PTI', { kernel: '6.6', levels: 5, pti: true, seed: 6 }],
  ['6.1 with a hole', { kernel: '6.1', ramBytes: 16 << 20, holes: [[0x40_0000, 0x40_0000]] }],
];

describe.each(MACHINES)('%s', (_, options) => {
  const built = everything(options);
  const { truth, bytes, symbols } = built;
  const ram = new DataView(bytes.buffer);
  const levels = options.levels ?? 4;
  const witness = new Witness(bytes);
  const seen = witness.tasks(symbols['init_task'] ?? 0n);

  test('every page of the truth is found by walking its process', () => {
    expect(truth.pages.length).toBeGreaterThan(520);
    for (const { pid, va, frame } of truth.pages) {
      const root = truth.processes.find((one) => one.pid === pid)?.pageTable ?? 0;
      expect([pid, va, walk(ram, levels, root, va)]).toEqual([pid, va, frame * 4096]);
      if (options.pti) expect(walk(ram, levels, root + 4096, va)).toBe(frame * 4096);
    }
  });

  test('every planted text stands where the truth says, and nowhere else', () => {
    for (const text of [...truth.texts, ...truth.loose]) {
      const inFirst = Math.min(text.bytes.length, 4096 - (text.physical % 4096));
      expect(bytes.subarray(text.physical, text.physical + inFirst)).toEqual(
        text.bytes.subarray(0, inFirst),
      );
    }
    const found = Buffer.from(bytes).toString('latin1').split('203.0.113.7').length - 1;
    const whole = [...truth.texts, ...truth.loose].filter(
      (text) =>
        Buffer.from(text.bytes).toString('latin1').includes('203.0.113.7') &&
        !('straddles' in text && text.straddles),
    );
    expect(found).toBe(new Set(whole.map(({ physical }) => physical)).size);
  });

  test('the ring of tasks holds every process but the hidden one', () => {
    const listed = truth.processes.filter(({ isHidden }) => !isHidden);
    expect(
      seen.map(({ pid, comm, parentPid, threads, path, commandLine, root }) => {
        return { pid, comm, parentPid, threads, path, commandLine, root };
      }),
    ).toEqual(
      listed.map((one) => ({
        pid: one.pid,
        comm: one.name,
        parentPid: one.parentPid,
        threads: one.threads,
        path: one.exe,
        commandLine: one.commandLine,
        root: one.pageTable,
      })),
    );
  });

  test('the hidden process is still a child of its parent', () => {
    const systemd = seen.find(({ pid }) => pid === 1);
    const children = witness.children(systemd?.address ?? 0n).map(({ pid }) => pid);
    expect(children).toContain(103);
    expect(children).not.toContain(106);
  });

  test('the table of process numbers holds every thread, the hidden one too', () => {
    const numbered = truth.processes.filter(({ pid }) => pid !== 106);
    const numbers = numbered.flatMap(({ pid, threads }) =>
      Array.from({ length: threads }, (_thread, index) => pid + index),
    );
    const found = witness.pidTable(symbols['init_pid_ns'] ?? 0n);
    expect(found).toEqual(numbers.toSorted((a, b) => a - b));
  });

  test('the list of all top tables leads to every address space, the hidden one too', () => {
    const spaces = truth.processes.filter(({ pageTable }) => pageTable !== null);
    const roots = new Set(spaces.map(({ pageTable }) => pageTable));
    const found = witness.topTables(
      symbols['pgd_list'] ?? 0n,
      witness.u64(symbols['vmemmap_base'] ?? 0n),
    );
    expect(new Set(found.map(({ frame }) => frame * 4096))).toEqual(roots);
    expect(found.map(({ pid }) => pid)).toEqual(expect.arrayContaining([103, 106]));
  });

  test('a process that is gone has left its text and its tables, and no trace in the lists', () => {
    const left = truth.loose.find(({ where }) => where === 'free');
    expect(Buffer.from(left?.bytes ?? []).toString()).toContain('gone with its process');
    expect(truth.pages.some(({ frame }) => frame === (left?.physical ?? 0) >> 12)).toBe(false);
  });

  test('the regions of each process are those of the truth', () => {
    for (const { pid, regions } of seen) {
      const expected = truth.regions.filter((one) => one.pid === pid);
      expect([pid, regions]).toEqual([pid, expected.map(({ start, end }) => [start, end])]);
    }
    expect(seen.find(({ pid }) => pid === 100)?.regions.length).toBeGreaterThan(40);
  });

  test('TCP and UDP sockets hang in the table of open files', () => {
    expect(seen.find(({ pid }) => pid === 100)?.sockets).toEqual([
      '42674 -> 172.31.0.250:8080',
      '53 -> 0.0.0.0:0',
    ]);
  });

  test('kallsyms decodes to every symbol', () => {
    const decoded = readKallsyms(bytes, (table) =>
      built.toPhysical(symbols[`kallsyms_${table}`] ?? 0n),
    );
    for (const name of [
      'init_task',
      'init_top_pgt',
      'page_offset_base',
      'tk_core',
      'linux_banner',
    ]) {
      expect([name, decoded.get(name)]).toEqual([name, symbols[name]]);
    }
    expect(decoded.get('current_task')).toBe(0x40n);
    expect(decoded.size).toBeGreaterThan(2000);
    if (options.kernel !== '5.10')
      expect([...decoded.keys()].some((name) => name.length > 200)).toBe(true);
  });

  test('the books of each frame say who uses it', () => {
    const vmemmap = witness.u64(symbols['vmemmap_base'] ?? 0n);
    const books = (part: string): SeenPage => {
      const text = truth.texts.find((one) => Buffer.from(one.bytes).includes(part));
      return witness.structPage((text?.physical ?? 0) >> 12, vmemmap);
    };
    expect(books('hidden task')).toMatchObject({ mapcount: 0, refcount: 1, index: 0x1_0000n });
    expect(books('hidden task').mapping & 3n).toBe(1n);
    expect(books('GET http')).toMatchObject({ mapcount: 1, refcount: 3, index: 3n });
    expect(witness.cachedName(books('GET http').mapping)).toBe('access.log');
    expect(books('inside a large').compoundHead & 1n).toBe(1n);
  });
});

test('BTF has what the kernel has: bit fields, anonymous members, per-CPU variables, page flags', () => {
  const built = everything({ seed: 9 });
  const { types } = new Witness(built.bytes);
  const members = [
    ['task_struct', 'comm'],
    ['task_struct', 'in_execve'],
    ['mm_struct', 'pgd'],
    ['page', '_refcount'],
    ['sock_common', 'skc_v6_daddr'],
    ['dentry', 'd_u.d_alias'],
    ['mount', 'mnt.mnt_root'],
  ] as const;
  for (const [type, path] of members) {
    expect([type, path, types.offset(type, path)]).toEqual([
      type,
      path,
      built.offsetOf(type, path),
    ]);
  }
  expect(types.sections).toContain('.data..percpu');
  expect(types.enumerators.get('PG_slab')).toBe(9);
});

test('offsets, addresses and frames differ from seed to seed, and agree for one seed', () => {
  const [one, same, other] = [7, 7, 8].map((seed) => everything({ seed }));
  expect(Buffer.compare(one?.bytes ?? new Uint8Array(), same?.bytes ?? new Uint8Array())).toBe(0);
  expect(one?.offsetOf('task_struct', 'comm')).not.toBe(other?.offsetOf('task_struct', 'comm'));
  expect(one?.symbols['page_offset_base']).toBeDefined();
  expect(one?.truth.pages.map(({ frame }) => frame)).not.toEqual(
    other?.truth.pages.map(({ frame }) => frame),
  );
});

test('neighbouring frames make a phantom that no process holds', () => {
  const machine = buildLinux();
  const first = machine.process('first', { pid: 10 }).maps(0x1000_0ffbn, '203.0');
  const second = machine.process('second', { pid: 11 }).maps(0x2000_0000n, '.113.7');
  const { bytes, truth } = machine.adjacent(first, 0x1000_0000n, second, 0x2000_0000n).build();
  expect(Buffer.from(bytes).indexOf('203.0.113.7')).toBeGreaterThan(0);
  expect(truth.texts.some((text) => Buffer.from(text.bytes).includes('203.0.113.7'))).toBe(false);
});

const key = ({ pid, va }: { pid: number; va: bigint }): string => `${pid} ${va}`;

test.each(Array.from({ length: 10 }, (_, seed) => seed))(
  'random machine %d says the same to its witness and in its truth',
  (seed) => {
    const image = randomMachine(seed, '203.0.113.7').build();
    const { truth, bytes } = image;
    const texts = truth.texts.filter((text) => Buffer.from(text.bytes).includes('203.0.113.7'));
    const ascii = texts.filter(({ bytes: text }) => text[1] !== 0);
    const found = placesOf(image, Buffer.from(' 203.0.113.7 '));
    const cached = found.filter(({ va }) => va === 0x5000_0000n);
    expect(new Set([...ascii, ...cached].map(key))).toEqual(new Set(found.map(key)));

    const ram = new DataView(bytes.buffer);
    const levels =
      ram.getUint32(image.toPhysical(image.symbols['__pgtable_l5_enabled'] ?? 0n), true) + 4;
    for (const { pid, va, frame } of truth.pages) {
      const root = truth.processes.find((one) => one.pid === pid)?.pageTable ?? 0;
      expect(walk(ram, levels, root, va)).toBe(frame * 4096);
    }
  },
);

test('a write asks for its frame and gets it', () => {
  const { truth } = buildImage()
    .process('evil', { pid: 42 })
    .region(0x1000_0000n, 1, { kind: 'anon' })
    .write(0x1000_0010n, 'here', { at: 0x234 })
    .build();
  expect(truth.texts.find(({ pid, va }) => pid === 42 && va === 0x1000_0010n)?.physical).toBe(
    0x23_4010,
  );
});

test('an unmapped place is refused', () => {
  const machine = buildImage().process('evil', { pid: 42 }).write(0x5000n, 'nowhere');
  expect(() => machine.build()).toThrow('Cannot place the page 0x5000 of process 42');
});

requires('bpftool', 'apt-get install bpftool')('bpftool reads the BTF blob', () => {
  const folder = mkdtempSync(join(tmpdir(), 'btf-'));
  writeFileSync(join(folder, 'btf'), findBtf(everything({}).bytes));
  const { stdout } = spawnSync('bpftool', ['btf', 'dump', 'file', join(folder, 'btf')], {
    encoding: 'utf8',
  });
  rmSync(folder, { recursive: true });
  expect(stdout).toContain("STRUCT 'task_struct'");
});
