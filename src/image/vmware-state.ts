import { Ip2ProcessError } from '../errors.ts';
import { physical, type PhysicalAddress } from '../memory/address.ts';
import type { ByteSource } from '../memory/byte-source.ts';
import { textOf, u64, viewOf } from './fields.ts';

/** What a VMware state file (.vmss, .vmsn) says of the machine's memory. */
export interface VmwareState {
  /** In pages of 4,096 bytes; empty where file and memory run alike. */
  readonly regions: readonly {
    readonly filePage: number;
    readonly page: number;
    readonly pages: number;
  }[];
  /** CR3 of each processor. */
  readonly cr3: readonly PhysicalAddress[];
  /** The memory itself where this file holds it: where its bytes lie. */
  readonly memory: { readonly fileOffset: number; readonly length: number } | null;
}

/**
 * header: magic u32 | version u32 | groups u32, then of each group: name[64] | position u64 | size u64.
 * A group is a stream of tags: flags u8 (bits 0–5: bytes of the value, 62 and 63: a block; bits 6–7: number of indices) | length of
 * the name u8 | name | indices u32 … | value. Block: size u64 | size in memory u64 | padding u16 | padding | bytes. Two zero bytes end it.
 *
 * Source: as VMware's own converter vmss2core prints it, and the layouts that Volatility and LeechCore document.
 */
const MAGICS: readonly number[] = [0xbed2bed0, 0xbed2bed2, 0xbed3bed3, 0xbad1bad1, 0xbad2bad2];
const GROUP_BYTES = 80;
const MAX_GROUPS = 512;
/** In all groups together; a machine with many devices has tens of thousands. */
const MAX_TAGS = 1_000_000;
/** Ranges of memory: one below the device hole, one above, some for devices. */
const MAX_REGIONS = 4096;
const COMPRESSED_BLOCK = 62;
const BLOCK = 63;

export const isVmwareState = (head: Uint8Array): boolean =>
  head.length >= 4 && MAGICS.includes(viewOf(head).getUint32(0, true));

/** @throws Ip2ProcessError `image` where the file is no state file, or packs its memory */
export function vmwareState(source: ByteSource): VmwareState {
  const start = bytesAt(source, 0, 12);
  const groups = start.length === 12 ? viewOf(start).getUint32(8, true) : 0;
  if (!isVmwareState(start) || groups === 0 || groups > MAX_GROUPS) {
    throw new Ip2ProcessError(
      'image',
      `Cannot read the VMware state file: it names ${groups} groups, expected 1 to ${MAX_GROUPS}`,
    );
  }
  const state = {
    regions: new Map<number, Region>(),
    cr3: [] as PhysicalAddress[],
    memory: null as VmwareState['memory'],
  };
  let budget = MAX_TAGS;
  for (let index = 0; index < groups; index += 1) {
    const entry = bytesAt(source, 12 + index * GROUP_BYTES, GROUP_BYTES);
    if (entry.length < GROUP_BYTES) break;
    const name = textOf(entry.subarray(0, 64));
    if (name !== 'memory' && name !== 'cpu') continue;
    const position = u64(viewOf(entry), 64);
    const end = Math.min(position + u64(viewOf(entry), 72), source.size);
    for (const tag of tagsOf(source, position, end)) {
      budget -= 1;
      if (budget === 0) break;
      note(state, tag);
    }
  }
  const regions = [...state.regions.values()].filter(({ pages }) => pages > 0);
  return { regions, cr3: state.cr3, memory: state.memory };
}

type Region = { filePage: number; page: number; pages: number };

interface Tag {
  readonly name: string;
  readonly indices: readonly number[];
  /** Of up to 61 bytes. */
  readonly value: Uint8Array;
  readonly block: {
    readonly fileOffset: number;
    readonly length: number;
    readonly isPacked: boolean;
  } | null;
}

function note(
  state: { regions: Map<number, Region>; cr3: PhysicalAddress[]; memory: VmwareState['memory'] },
  { name, indices, value, block }: Tag,
): void {
  const [index = 0, register = 0] = indices;
  if (block !== null) {
    if (name !== 'Memory') return;
    if (block.isPacked) {
      throw new Ip2ProcessError(
        'image',
        'Cannot use this VMware state file: it packs the memory; suspend or snapshot the machine to a .vmem, or convert it with vmss2core',
      );
    }
    state.memory = { fileOffset: block.fileOffset, length: block.length };
    return;
  }
  if (name === 'CR64' && register === 3 && value.length === 8) {
    if (state.cr3.length < 1024) state.cr3.push(physical(u64(viewOf(value), 0)));
    return;
  }
  const field = REGION_FIELDS[name];
  if (field === undefined || value.length !== 4 || index >= MAX_REGIONS) return;
  const region = state.regions.get(index) ?? { filePage: 0, page: 0, pages: 0 };
  region[field] = viewOf(value).getUint32(0, true);
  state.regions.set(index, region);
}

const REGION_FIELDS: Readonly<Record<string, keyof Region>> = {
  regionPageNum: 'filePage',
  regionPPN: 'page',
  regionSize: 'pages',
};

function* tagsOf(source: ByteSource, position: number, end: number): Generator<Tag> {
  for (let at = position; at + 2 <= end;) {
    const [flags = 0, nameBytes = 0] = bytesAt(source, at, 2);
    if (flags === 0 && nameBytes === 0) return;
    const count = flags >> 6;
    const size = flags & 0x3f;
    const head = bytesAt(source, at + 2, nameBytes + 4 * count);
    if (head.length < nameBytes + 4 * count) return;
    const name = textOf(head.subarray(0, nameBytes));
    const indices = Array.from({ length: count }, (_, index) =>
      viewOf(head).getUint32(nameBytes + 4 * index, true),
    );
    at += 2 + head.length;
    if (size !== BLOCK && size !== COMPRESSED_BLOCK) {
      yield { name, indices, value: bytesAt(source, at, size), block: null };
      at += size;
      continue;
    }
    const sizes = bytesAt(source, at, 18);
    if (sizes.length < 18) return;
    const length = u64(viewOf(sizes), 0);
    const fileOffset = at + 18 + viewOf(sizes).getUint16(16, true);
    const isPacked = size === COMPRESSED_BLOCK;
    yield { name, indices, value: new Uint8Array(), block: { fileOffset, length, isPacked } };
    // A length beyond the file's end ends the loop.
    at = fileOffset + length;
  }
}

function bytesAt(source: ByteSource, offset: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  return bytes.subarray(0, source.read(offset, bytes));
}
