import { PAGE_BYTES } from '../../../src/memory/address.ts';
import { type PerCpuVariable, writeBtf } from './btf-writer.ts';
import { cString, integer, type KernelObject, type KernelObjects } from './kernel-objects.ts';
import { KERNEL_TRAITS } from './kernel-style.ts';
import { type KernelSymbol, writeKallsyms } from './kallsyms-writer.ts';
import type { MachineOptions } from './machine.ts';
import type { Ram } from './ram.ts';
import { stateField } from './task-writer.ts';
import { vmcoreinfoNote, vmcoreinfoText } from './vmcoreinfo-writer.ts';

const MIB = 2 ** 20;
/** Enough names for a reader that expects a kernel's worth. */
const FILLER_SYMBOLS = 2000;
const LONG_NAME = `_RNvXs_NtCs${'_hashed_part_of_a_mangled_name_0123456789'.repeat(6)}`;

/** The variables of the kernel image that other writers need. */
export interface StaticKernel {
  readonly initTask: KernelObject;
  readonly initCred: bigint;
  readonly initNamespaces: bigint;
  readonly specialOperations: bigint;
  /** By name, addresses as they run. */
  readonly symbols: Record<string, bigint>;
}

export const timesOf = (options: MachineOptions): { bootTime: Date; captureTime: Date } => {
  const bootTime = options.bootTime ?? new Date('2026-01-05T08:00:00Z');
  return { bootTime, captureTime: options.captureTime ?? new Date(bootTime.getTime() + 3_600_000) };
};

/** Variables: the first task, clocks, names, bases of the maps. */
export function writeStatics(
  objects: KernelObjects,
  options: MachineOptions,
  topTable: bigint,
): StaticKernel {
  const { space } = objects;
  const variable = (value: bigint): bigint => {
    const at = space.data(8, 8);
    objects.writePointer(at, value);
    return at;
  };
  const names = writeNames(objects, options);
  const initMm = objects.createStatic('mm_struct').set('pgd', topTable).set('mm_users', 2);
  const initCred = objects.createStatic('cred').set('usage', 4).address;
  const initTask = writeInitTask(objects, initMm.address, initCred, names.namespaces);
  const specialOperations = space.data(0x80);
  const symbols: Record<string, bigint> = {
    _text: space.text,
    _stext: space.text,
    init_task: initTask.address,
    init_mm: initMm.address,
    init_cred: initCred,
    init_nsproxy: names.namespaces,
    init_uts_ns: names.utsNamespace,
    init_top_pgt: topTable,
    swapper_pg_dir: topTable,
    page_offset_base: variable(space.direct),
    vmalloc_base: variable(space.vmalloc),
    vmemmap_base: variable(space.pages),
    phys_base: variable(space.physBase),
    __pgtable_l5_enabled: variable(space.levels === 5 ? 1n : 0n),
    pgdir_shift: variable(space.levels === 5 ? 48n : 39n),
    special_mapping_vmops: specialOperations,
    pgd_list: space.data(16),
    tk_core: writeClock(objects, options),
  };
  return { initTask, initCred, initNamespaces: names.namespaces, specialOperations, symbols };
}

/** Constants, once all symbols are known: banner, kallsyms, BTF, VMCOREINFO. */
export function writeConstants(
  objects: KernelObjects,
  ram: Ram,
  options: MachineOptions,
  symbols: Record<string, bigint>,
): void {
  const { space } = objects;
  const traits = KERNEL_TRAITS[options.kernel ?? '6.1'];
  const place = (bytes: Uint8Array, align = 8): bigint => {
    const at = space.rodata(bytes.length, align);
    objects.write(at, bytes);
    return at;
  };
  const banner = `Linux version ${traits.release} (build@example.org) (gcc 12.2.0) #1 SMP PREEMPT_DYNAMIC Debian\n`;
  symbols['linux_banner'] = place(cString(banner));
  if (options.kallsyms !== false) {
    const written = writeKallsyms(traits, listSymbols(symbols, options), space.text);
    const at = place(written.bytes);
    for (const [table, offset] of Object.entries(written.tables)) {
      symbols[`kallsyms_${table}`] = at + BigInt(offset);
    }
  }
  if (options.btf !== false) {
    const btf = writeBtf(objects.types, PER_CPU, MIB + 1);
    symbols['__start_BTF'] = place(btf);
    // What the decompressor leaves: the same beginning, cut off.
    const frame = ram.take();
    ram.books.set(frame, { kind: 'free' });
    ram.write(frame * PAGE_BYTES + 0x630, btf.subarray(0, PAGE_BYTES - 0x630));
  }
  if (options.vmcoreinfo !== false) {
    const text = vmcoreinfoText(traits, space, objects.types, symbols);
    const [page, note] = [ram.take(), ram.take()];
    for (const frame of [page, note]) ram.books.set(frame, { kind: 'kernel' });
    ram.write(page * PAGE_BYTES, new TextEncoder().encode(text));
    ram.write(note * PAGE_BYTES, vmcoreinfoNote(text));
  }
}

const PER_CPU: readonly PerCpuVariable[] = [
  ['cpu_number', { kind: 'named', name: 'int' }, 0x20, 4],
  [
    'current_task',
    { kind: 'pointer', to: { kind: 'tagged', tag: 'struct', name: 'task_struct' } },
    0x40,
    8,
  ],
];

function listSymbols(symbols: Record<string, bigint>, options: MachineOptions): KernelSymbol[] {
  const known = Object.entries(symbols)
    .filter(([name]) => name !== 'swapper_pg_dir')
    .map(([name, at]): KernelSymbol => [name.startsWith('_') ? 'T' : 'D', name, at]);
  const base = symbols['_text'] ?? 0n;
  const fillers = Array.from({ length: FILLER_SYMBOLS }, (_, index): KernelSymbol => {
    return ['t', `sys_call_part_${index}`, base + BigInt(0x100 + index * 16)];
  });
  const perCpu: KernelSymbol[] = [
    ['A', '__per_cpu_start', 0n],
    ...PER_CPU.map(([name, , offset]): KernelSymbol => ['A', name, BigInt(offset)]),
    ['A', '__per_cpu_end', 0x3_0000n],
  ];
  const hasLong = KERNEL_TRAITS[options.kernel ?? '6.1'].kallsymsLongNames;
  return [
    ...perCpu,
    ...known,
    ...fillers,
    ...(hasLong ? [['t', LONG_NAME, base + 0x80n] as const] : []),
  ];
}

function writeInitTask(
  objects: KernelObjects,
  initMm: bigint,
  initCred: bigint,
  namespaces: bigint,
): KernelObject {
  const task = objects.createStatic('task_struct');
  const signal = objects.createStatic('signal_struct').set('nr_threads', 1);
  objects.ring([signal.at('thread_head'), task.at('thread_node')]);
  for (const list of ['thread_group', 'sibling']) objects.ring([task.at(list)]);
  return task
    .set(stateField(objects), 0)
    .set('stack', objects.space.data(0x4000, 0x4000))
    .set('flags', 0x20_0000)
    .set('active_mm', initMm)
    .set('real_parent', task.address)
    .set('parent', task.address)
    .set('group_leader', task.address)
    .set('real_cred', initCred)
    .set('cred', initCred)
    .set('signal', signal.address)
    .set('nsproxy', namespaces)
    .setText('comm', 'swapper/0');
}

function writeNames(
  objects: KernelObjects,
  options: MachineOptions,
): { utsNamespace: bigint; namespaces: bigint } {
  const { release } = KERNEL_TRAITS[options.kernel ?? '6.1'];
  const uts = objects
    .createStatic('uts_namespace')
    .setText('name.sysname', 'Linux')
    .setText('name.nodename', options.hostName ?? 'workstation-7')
    .setText('name.release', release)
    .setText('name.version', '#1 SMP PREEMPT_DYNAMIC Debian')
    .setText('name.machine', 'x86_64');
  const namespaces = objects.createStatic('nsproxy').set('count', 1).set('uts_ns', uts.address);
  return { utsNamespace: uts.address, namespaces: namespaces.address };
}

/** The machine slept five seconds, so that boot time and monotonic time differ. */
function writeClock(objects: KernelObjects, options: MachineOptions): bigint {
  const { bootTime, captureTime } = timesOf(options);
  const slept = 5_000_000_000n;
  const atBoot = BigInt(bootTime.getTime()) * 1_000_000n;
  // tk_core: a sequence count, then the timekeeper at 8.
  const core = objects.space.data(8 + objects.types.sizeOf('timekeeper'));
  objects.write(core, integer(0x1234, 4));
  objects
    .at('timekeeper', core + 8n)
    .set('xtime_sec', Math.floor(captureTime.getTime() / 1000))
    .set('ktime_sec', Math.floor((captureTime.getTime() - bootTime.getTime()) / 1000) - 5)
    .set('offs_real', atBoot + slept)
    .set('offs_boot', slept)
    .set('offs_tai', atBoot + slept + 37_000_000_000n);
  return core;
}
