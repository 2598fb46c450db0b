import { describe, expect, test } from '@jest/globals';
import { PAGE_BYTES, physical } from '../../src/memory/address.ts';
import { bytesSource } from '../../src/memory/byte-source.ts';
import { isPageShape, PAGE_SHAPES } from '../../src/scan/page-shape.ts';
import { scan } from '../../src/scan/scan.ts';

/** Above 4 GiB: both halves of an entry count. */
const RAM = 0x1_2340_0000;
const SHARED_PAGE_SLOT = 0x1ef;

interface Table {
  readonly page: number;
  readonly slot?: number;
  /** Entry that leads to the table itself, and the one of the shared page. */
  readonly self?: bigint;
  readonly shared?: bigint;
}

function write(bytes: Uint8Array, { page, slot = 0x1e8, self, shared }: Table): void {
  const view = new DataView(bytes.buffer, page * PAGE_BYTES, PAGE_BYTES);
  view.setBigUint64(SHARED_PAGE_SLOT * 8, shared ?? 0x4063n, true);
  view.setBigUint64(
    slot * 8,
    self ?? (0x8a00n << 48n) | BigInt(RAM + page * PAGE_BYTES) | 0x863n,
    true,
  );
}

const memoryOf = (bytes: Uint8Array) => ({
  runs: [{ start: physical(RAM), length: bytes.length, fileOffset: 0 }],
  read(at: number, into: Uint8Array) {
    const part = bytes.subarray(at - RAM, at - RAM + into.length);
    into.set(part);
    return part.length;
  },
});

describe('a top table', () => {
  const isFound = (table: Omit<Table, 'page'>): boolean => {
    const bytes = new Uint8Array(2 * PAGE_BYTES);
    write(bytes, { page: 1, ...table });
    const view = new DataView(bytes.buffer);
    return PAGE_SHAPES['windows-top-table'](view, PAGE_BYTES, RAM + PAGE_BYTES);
  };

  test.each([256, 0x1e8, 0x1ed, 511])(
    'maps itself by whatever entry of the kernel’s half: %d',
    (slot) => expect(isFound({ slot })).toBe(true),
  );

  test.each<[string, Omit<Table, 'page'>]>([
    ['an entry of the user’s half leads back', { slot: 255 }],
    ['the entry leads to the page below 4 GiB', { self: 0x2340_1063n }],
    ['the entry leads to the page before', { self: BigInt(RAM) | 0x63n }],
    ['the entry is not valid', { self: BigInt(RAM + PAGE_BYTES) | 0x62n }],
    ['the entry maps a large page', { self: BigInt(RAM + PAGE_BYTES) | 0xe3n }],
    ['nothing stands for the shared page', { shared: 0n }],
    ['the shared page is the processes’', { shared: 0x4067n }],
    ['the shared page lies where no RAM can be', { shared: (1n << 46n) | 0x4063n }],
  ])('is none where %s', (_why, table) => expect(isFound(table)).toBe(false));
});

test('a scan collects them among the anchors by their address, whatever the size of its blocks', async () => {
  const bytes = new Uint8Array(8 * PAGE_BYTES);
  for (const page of [0, 3, 4, 7]) write(bytes, { page });
  for (const blockBytes of [PAGE_BYTES, 4 * PAGE_BYTES, 64 * PAGE_BYTES]) {
    const options = { probes: ['windows-top-table'] as const, blockBytes };
    const input = { source: bytesSource(bytes), memory: memoryOf(bytes) };
    const { anchors } = await scan(input, [], [], options);
    expect(anchors).toEqual(
      [0, 3, 4, 7].map((page) => ({ name: 'windows-top-table', address: RAM + page * PAGE_BYTES })),
    );
  }
});

test('a page of which the image holds a part has no shape', async () => {
  const bytes = new Uint8Array(2 * PAGE_BYTES);
  write(bytes, { page: 1 });
  const part = bytes.subarray(0, 2 * PAGE_BYTES - 8);
  const input = { source: bytesSource(part), memory: memoryOf(part) };
  const { anchors } = await scan(input, [], [], { probes: ['windows-top-table'] });
  expect(anchors).toEqual([]);
});

test('shapes of pages and shapes at places in them are told apart', () => {
  expect([isPageShape('windows-top-table'), isPageShape('windows-process')]).toEqual([true, false]);
});
