import { PAGE_BYTES } from '../../../src/memory/address.ts';
import { joined, u32s, u64s } from '../image-writers.ts';
import type { AssembledWindows } from './assemble.ts';

/** A VMware machine on disk: .vmem with the memory's regions one after the other, .vmss that says which is which. */
export interface VmwareFiles {
  readonly vmem: Uint8Array;
  /** Also what a .vmsn looks like. */
  readonly vmss: Uint8Array;
}

/**
 * Source: kernel-facts 4.6.
 *
 * @param options.hasRegions false: as with less than 3 GiB, where the .vmem is the memory as it is
 * @param options.cr3 of the first processor; System's page table unless told
 */
export function vmwareFiles(
  machine: AssembledWindows,
  options: { readonly hasRegions?: boolean; readonly cr3?: number } = {},
): VmwareFiles {
  const { hasRegions = true, cr3 = machine.dtb } = options;
  const stretches = machine.ram.stretches();
  const regions = hasRegions ? regionTags(stretches) : [tag('regionsCount', [], u32s(0))];
  return {
    vmem: hasRegions ? joined(stretches.map(({ bytes }) => bytes)) : machine.ram.toBytes(),
    vmss: stateFile([
      { name: 'cpu', tags: cpuTags(cr3) },
      { name: 'memory', tags: regions },
    ]),
  };
}

/** One file that holds the memory too, as a snapshot of a running machine may: block "Memory". */
export function vmwareSnapshot(machine: AssembledWindows): Uint8Array {
  const memory = machine.ram.toBytes();
  // Size code 63: a block, with its sizes and no padding before its bytes.
  const block = joined([u64s(memory.length, memory.length), Uint8Array.of(0, 0), memory]);
  const name = Buffer.from('Memory');
  const tags = joined([Uint8Array.of(0x3f | (2 << 6), name.length), name, u32s(0, 0), block]);
  return stateFile([
    { name: 'cpu', tags: cpuTags(machine.dtb) },
    { name: 'memory', tags: [tag('regionsCount', [], u32s(0)), tags] },
  ]);
}

interface Group {
  readonly name: string;
  readonly tags: readonly Uint8Array[];
}

function regionTags(stretches: readonly { start: number; bytes: Uint8Array }[]): Uint8Array[] {
  let page = 0;
  const tags = stretches.flatMap(({ start, bytes }, index) => {
    const pages = bytes.length / PAGE_BYTES;
    const first = page;
    page += pages;
    return [
      tag('regionPageNum', [index], u32s(first)),
      tag('regionPPN', [index], u32s(start / PAGE_BYTES)),
      tag('regionSize', [index], u32s(pages)),
    ];
  });
  return [tag('regionsCount', [], u32s(stretches.length)), ...tags];
}

const cpuTags = (cr3: number): Uint8Array[] => [
  tag('cpu:numCPUs', [], u32s(1)),
  ...[0x8005_0033, 0, 0x7ffe_0000, cr3, 0x6f8].map((value, register) =>
    tag('CR64', [0, register], u64s(value)),
  ),
];

function tag(name: string, indices: readonly number[], value: Uint8Array): Uint8Array {
  const text = Buffer.from(name);
  const flags = value.length | (indices.length << 6);
  return joined([Uint8Array.of(flags, text.length), text, u32s(...indices), value]);
}

function stateFile(groups: readonly Group[]): Uint8Array {
  const head = joined([u32s(0xbed2_bed2, 8, groups.length)]);
  let position = head.length + groups.length * 80;
  const table: Uint8Array[] = [];
  const streams = groups.map(({ name, tags }) => {
    // Two zero bytes end a group.
    const stream = joined([...tags, Uint8Array.of(0, 0)]);
    const padded = Buffer.alloc(64);
    padded.write(name);
    table.push(joined([padded, u64s(position, stream.length)]));
    position += stream.length;
    return stream;
  });
  return joined([head, ...table, ...streams]);
}
