import { Ip2ProcessError } from '../../errors.ts';
import { physical, type PhysicalAddress } from '../../memory/address.ts';
import type { PhysicalMemory } from '../../memory/physical-memory.ts';
import type { AnchorHit } from '../../scan/anchor.ts';
import type { AddressSpace } from '../../translate/address-space.ts';
import { PageCache } from '../../translate/page-cache.ts';
import {
  BANNER_ANCHOR,
  BTF_ANCHOR,
  IDLE_TASK_ANCHOR,
  TOKENS_ANCHOR,
  VMCOREINFO_ANCHOR,
} from './anchors.ts';
import type { Btf } from './btf.ts';
import { findInitTask, type InitTask } from './init-task.ts';
import { readSymbols } from './kallsyms.ts';
import { findKernelSpace, ownVmcoreinfo } from './kernel-space.ts';
import { Structures } from './structures.ts';
import { likelySymbolTables, toldSymbolTables } from './symbol-tables.ts';
import { typeInformation } from './type-information.ts';
import { parseVmcoreinfo, VMCOREINFO_BYTES, type Vmcoreinfo } from './vmcoreinfo.ts';

/** What an image format may tell beside the memory itself. Checked, never needed. */
export interface LinuxHints {
  /** The text of a VMCOREINFO note. */
  readonly vmcoreinfo?: string | null;
  /** Roots of page tables, such as the CR3 of each processor; their low 12 bits do not count. */
  readonly tables?: readonly PhysicalAddress[];
}

/** A running kernel: its structures can be read by name and address. */
export interface Kernel {
  /** Shared by all address spaces of the image. */
  readonly memory: PageCache;
  readonly btf: Btf;
  readonly space: AddressSpace;
  readonly structures: Structures;
  readonly initTask: InitTask;
  /** "6.1.0-50-amd64" */
  readonly release: string;
  readonly hostName: string | null;
  readonly vmcoreinfo: Vmcoreinfo | null;
  /** Run-time address of one of `SYMBOLS`; null where the image does not tell it. */
  symbol(name: string): bigint | null;
  /** Notes what could not be read, and what that means for the answer: one sentence. */
  warn(sentence: string): void;
  readonly warnings: readonly string[];
}

/** The symbols that are looked for: finding them all costs no more than finding one. */
const SYMBOLS = ['tk_core', 'sys_tz', 'vmemmap_base', 'init_pid_ns', 'pgd_list'];
/** A damaged image could have one warning per process. */
const MAX_WARNINGS = 100;
const BANNER_BYTES = 96;
/** Linux, include/uapi/linux/utsname.h: __NEW_UTS_LEN and a NUL. */
const UTS_BYTES = 65;

/**
 * The kernel of the image, or null where nothing speaks of Linux. Throws where it is Linux, but its structures cannot be
 * read: another system may still answer, if it is merely the host of a Linux guest.
 */
export function openKernel(
  image: PhysicalMemory,
  anchors: readonly AnchorHit[],
  hints: LinuxHints,
): Kernel | null {
  const memory = image instanceof PageCache ? image : new PageCache(image);
  const places = (name: string): PhysicalAddress[] =>
    anchors.filter((hit) => hit.name === name).map((hit) => hit.address);
  const texts = vmcoreinfos(memory, places(VMCOREINFO_ANCHOR), hints.vmcoreinfo ?? null);
  const names = places(IDLE_TASK_ANCHOR);

  let hasTypes = false;
  let initTask: InitTask | null = null;
  let refusal: Ip2ProcessError | null = null;
  for (const btf of typeInformation(memory, places(BTF_ANCHOR))) {
    hasTypes = true;
    try {
      const task = findInitTask(memory, btf, names);
      const space = task && spaceOf(memory, btf, task, texts, hints);
      if (task && space) return assemble(memory, btf, task, texts, space, places(TOKENS_ANCHOR));
      initTask ??= task;
    } catch (error) {
      // Types of another kernel, that of a guest perhaps: the next may be this one's.
      if (!(error instanceof Ip2ProcessError)) throw error;
      refusal = error;
    }
  }
  if (refusal !== null) throw refusal;

  const release = texts[0]?.release ?? banner(memory, places(BANNER_ANCHOR));
  if (release === null && names.length === 0 && !hasTypes) return null;
  throw unanswerable(release ?? '(release unknown)', hasTypes, initTask);
}

function spaceOf(
  memory: PageCache,
  btf: Btf,
  initTask: InitTask,
  texts: readonly Vmcoreinfo[],
  hints: LinuxHints,
): AddressSpace | null {
  const vmcoreinfo = ownVmcoreinfo(texts, initTask);
  return findKernelSpace(memory, btf, initTask, { vmcoreinfo, roots: hints.tables ?? [] });
}

function assemble(
  memory: PageCache,
  btf: Btf,
  initTask: InitTask,
  texts: readonly Vmcoreinfo[],
  space: AddressSpace,
  digits: readonly PhysicalAddress[],
): Kernel {
  const vmcoreinfo = ownVmcoreinfo(texts, initTask);
  const warnings: string[] = [];
  const structures = new Structures(space);
  const names = systemNames(btf, structures, initTask);
  let symbols: ReadonlyMap<string, bigint> | null = null;
  return {
    memory,
    btf,
    space,
    structures,
    initTask,
    release: names.release || (vmcoreinfo?.release ?? '(release unknown)'),
    hostName: names.host || null,
    vmcoreinfo,
    warnings,
    symbol(name) {
      symbols ??= findSymbols(memory, vmcoreinfo, initTask, digits);
      return symbols.get(name) ?? null;
    },
    warn(sentence) {
      if (warnings.length < MAX_WARNINGS && !warnings.includes(sentence)) warnings.push(sentence);
    },
  };
}

/** What uname tells. */
function systemNames(
  btf: Btf,
  structures: Structures,
  task: InitTask,
): { release: string; host: string } {
  const proxy = structures.pointer(task.address, btf.offset('task_struct', 'nsproxy'));
  const uts = structures.pointer(proxy, btf.offset('nsproxy', 'uts_ns'));
  const name = (field: string): string =>
    structures.text(uts + BigInt(btf.offset('uts_namespace', `name.${field}`)), UTS_BYTES);
  return { release: name('release'), host: name('nodename') };
}

function findSymbols(
  memory: PageCache,
  vmcoreinfo: Vmcoreinfo | null,
  task: InitTask,
  digits: readonly PhysicalAddress[],
): ReadonlyMap<string, bigint> {
  const told = vmcoreinfo && toldSymbolTables(memory, vmcoreinfo, task.delta);
  const known = ['init_task', task.address] as const;
  const symbols = told && readSymbols(memory, told, SYMBOLS, task.delta, known);
  if (symbols !== null) return symbols;
  for (const tables of likelySymbolTables(memory, digits)) {
    const found = readSymbols(memory, tables, SYMBOLS, task.delta, known);
    if (found !== null) return found;
  }
  return new Map();
}

function vmcoreinfos(
  memory: PageCache,
  places: readonly PhysicalAddress[],
  hint: string | null,
): readonly Vmcoreinfo[] {
  const texts = places.map((place) => text(memory, place, VMCOREINFO_BYTES));
  if (hint !== null) texts.unshift(hint);
  return texts.map(parseVmcoreinfo).filter((info) => info !== null);
}

/** Release in the first boot message that has one: "6.1.0-50-amd64". */
function banner(memory: PageCache, places: readonly PhysicalAddress[]): string | null {
  for (const place of places) {
    const match = /^Linux version (\d+\.\d+[\w.+~-]*) \(/.exec(text(memory, place, BANNER_BYTES));
    if (match?.[1] !== undefined) return match[1];
  }
  return null;
}

function text(memory: PageCache, at: PhysicalAddress, length: number): string {
  const bytes = Buffer.alloc(length);
  return bytes.toString('latin1', 0, memory.read(physical(at), bytes));
}

function unanswerable(
  release: string,
  hasTypes: boolean,
  initTask: InitTask | null,
): Ip2ProcessError {
  const cannot = `Cannot list processes: the kernel ${release}`;
  if (!hasTypes) {
    return new Ip2ProcessError(
      'analysis',
      `${cannot} carries no BTF type information that is whole in this image; kernels since 5.2 built with CONFIG_DEBUG_INFO_BTF=y do`,
    );
  }
  if (initTask === null) {
    return new Ip2ProcessError(
      'analysis',
      `${cannot} has no first task (swapper/0) in this image that is its own parent; its memory may be incomplete`,
    );
  }
  return new Ip2ProcessError(
    'analysis',
    `${cannot} has no page tables in this image that lead to its first task at physical address 0x${initTask.physical.toString(16)}`,
    { address: initTask.physical },
  );
}
