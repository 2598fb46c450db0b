import type { Build } from './layout.ts';
import {
  isOver,
  type WindowsProcessSpec,
  type WindowsRegionKind,
  type WindowsRegionSpec,
} from './machine.ts';
import type { UserBlocks } from './user-block-writer.ts';
import type { Protection } from './entry-format.ts';

/** What a process gets besides what the test says about it. */
export interface ProcessPlan {
  readonly spec: WindowsProcessSpec;
  readonly regions: readonly WindowsRegionSpec[];
  /** Null: a process of the kernel's own, with no user mode. */
  readonly blocks: UserBlocks | null;
  /** Like "C:\\Windows\\System32\\svchost.exe". */
  readonly path: string | null;
  readonly commandLine: string | null;
  readonly threads: number;
}

export const VOLUME = '\\Device\\HarddiskVolume2';
const SHARED_PAGE = 0x7ffe_0000n;

/** Names of processes without a program file. */
const KERNEL_PROCESSES = ['System', 'Registry', 'MemCompression', 'Secure System'];

export function planOf(spec: WindowsProcessSpec, build: Build, index: number): ProcessPlan {
  const { options, name } = spec;
  const threads = isOver(options) ? 0 : (options.threads ?? 1);
  const shared = region(SHARED_PAGE, 1, 'private', 'readOnly');
  if (KERNEL_PROCESSES.includes(name) || options.path === null) {
    const regions = checked(name, [shared, ...spec.regions]);
    return { spec, regions, blocks: null, path: null, commandLine: null, threads };
  }
  const path = options.path ?? `C:\\Windows\\System32\\${name}`;
  const blocks = blocksOf(spec, build, { index, threads, path });
  const { peb, teb, peb32, heap, stack, modules } = blocks;
  const file = (base: bigint, bytes: number, filePath: string) =>
    region(base, bytes / 4096, 'image', 'executeWriteCopy', filePath.slice(2));
  const regions = checked(name, [
    shared,
    region(heap, 4, 'heap', 'readWrite'),
    region(stack.low, Number((stack.high - stack.low) >> 12n), 'stack', 'readWrite'),
    region(peb, 1, 'private', 'readWrite'),
    ...(peb32 === null ? [] : [region(peb32, 1, 'private', 'readWrite')]),
    ...(threads === 0 ? [] : [region(teb, threads * 2, 'private', 'readWrite')]),
    ...modules.map((module) => file(module.base, module.bytes, module.path)),
    ...spec.regions,
  ]);
  return { spec, regions, blocks, path, commandLine: options.commandLine ?? path, threads };
}

/** So many processes have their blocks each somewhere else; further ones begin anew. */
const PLACES = 250;

interface BlockChoice {
  readonly index: number;
  readonly threads: number;
  readonly path: string;
}

function blocksOf(spec: WindowsProcessSpec, build: Build, choice: BlockChoice): UserBlocks {
  const { index, path } = choice;
  const isWow64 = spec.options.wow64 === true;
  const own = BigInt(index % PLACES) << 32n;
  const isSeven = build < 9200;
  // Up to Windows 7 addresses stay below 8 TiB; a 32-bit process keeps what it sees below 4 GiB.
  const program = isWow64 ? 0x40_0000n : isSeven ? 0x1_3f00_0000n : 0x7f00_1000_0000n + own;
  const ntdll = isSeven ? 0x7713_0000n : 0x7fff_1000_0000n;
  const peb = isWow64 ? 0x7efd_f000n : isSeven ? 0x7ff_fffd_f000n : 0x50_0000_0000n + own;
  const heap = isWow64 ? 0x12_0000n : 0x1a0_0000_0000n + own;
  const stack = isWow64 ? 0x20_0000n : 0x30_0000_0000n + own;
  const behindPeb = peb + 0x10_0000n;
  return {
    peb,
    teb: isSeven && !isWow64 ? peb - 0x10_0000n : isWow64 ? 0x7e00_0000n : behindPeb,
    peb32: isWow64 ? (isSeven ? peb - 0x1000n : peb + 0x1000n) : null,
    heap,
    parameters: heap + 0x1000n,
    stack: { low: stack, high: stack + 0x4000n },
    image: program,
    modules: [
      { base: program, bytes: 0x4000, path },
      { base: ntdll, bytes: 0x8000, path: 'C:\\Windows\\System32\\ntdll.dll' },
    ],
  };
}

const region = (
  start: bigint,
  pages: number,
  kind: WindowsRegionKind,
  protection: Protection,
  path: string | null = null,
): WindowsRegionSpec => ({ start, pages, kind, path, protection });

/** Regions in order, none over another. */
function checked(name: string, regions: readonly WindowsRegionSpec[]): WindowsRegionSpec[] {
  const sorted = regions.toSorted((a, b) => (a.start < b.start ? -1 : 1));
  for (const [index, { start, pages }] of sorted.entries()) {
    const next = sorted[index + 1];
    if (next && start + BigInt(pages * 4096) > next.start) {
      throw new Error(`Cannot map 0x${next.start.toString(16)} in ${name}: a region is there`);
    }
  }
  return sorted;
}
