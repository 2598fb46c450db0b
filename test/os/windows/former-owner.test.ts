import { expect, test } from '@jest/globals';
import { PAGE_BYTES, physical } from '../../../src/memory/address.ts';
import {
  formerOwnerReader,
  selfMapOf,
  type FrameEntry,
} from '../../../src/os/windows/former-owner.ts';
import { AddressSpace } from '../../../src/translate/address-space.ts';
import { FOUR_LEVEL } from '../../../src/translate/levels.ts';
import { PageCache } from '../../../src/translate/page-cache.ts';
import { windowsRules } from '../../../src/translate/windows-rules.ts';
import { buildWindows } from '../../support/build-windows/build-windows.ts';
import { openScanned, rawMemory } from './open-built.ts';

const SLOT = 0x1ed;
const ROOT = 4;

/** A top table that maps itself at the slot that Windows had before 2016. */
function selfMap() {
  const bytes = Buffer.alloc(16 * PAGE_BYTES);
  bytes.writeBigUInt64LE(BigInt(ROOT * PAGE_BYTES) | 0x863n, ROOT * PAGE_BYTES + SLOT * 8);
  const memory = new PageCache(rawMemory(bytes), 16);
  const rules = windowsRules({ invalidMaskHigh: 0 });
  const found = selfMapOf(
    new AddressSpace(memory, physical(ROOT * PAGE_BYTES), FOUR_LEVEL, rules),
    memory,
  );
  if (found === null) throw new Error('no self map');
  return found;
}

test('the self map stands where every kernel before 14393 has it, and turns entries into addresses', () => {
  const map = selfMap();
  expect(map.base).toBe(0xffff_f680_0000_0000n);
  expect(map.addressOf(map.base + ((0x7fff_1234_5000n >> 12n) << 3n))).toBe(0x7fff_1234_5000n);
  expect(map.placeOf(map.base)).toBe('user');
  expect(map.placeOf(0xffff_f6fb_7dbe_df68n)).toBe('table');
  expect(map.placeOf(map.base + ((0xffff_8000_0000_0000n & (2n ** 48n - 1n)) >> 9n))).toBe(
    'kernel',
  );
  expect(map.placeOf(0xffff_8a00_0000_0000n)).toBeNull();
});

const entryAddress = (base: bigint, address: bigint): bigint =>
  base + (((address & (2n ** 48n - 1n)) >> 12n) << 3n);

/** The books of a page and of the four tables above it, by frame. */
function books(address: bigint): Map<number, FrameEntry> {
  const { base } = selfMap();
  const entries = new Map<number, FrameEntry>();
  let at = address;
  for (const [frame, parent] of [
    [10, 9],
    [9, 8],
    [8, 7],
    [7, ROOT],
  ] as const) {
    const pteAddress = entryAddress(base, at);
    entries.set(frame, { location: 1, pteAddress, parent, isPrototype: false, originalPte: 0n });
    at = pteAddress;
  }
  return entries;
}

test('the owner of a freed page is found table by table; a table that was used anew ends the way', async () => {
  const { system } = await openScanned(rawMemory(buildWindows({ build: 9600 }).toBytes()));
  const process = system.processes.find(({ pid }) => pid === 560);
  if (process === undefined) throw new Error('no process');
  const known = [
    { process, listed: { header: { table: physical(ROOT * PAGE_BYTES) }, hasEnded: true } },
  ];
  const address = 0x7fff_1234_5000n;
  const entries = books(address);
  const read = formerOwnerReader(selfMap(), (frame) => entries.get(frame) ?? null, known);
  expect(read(10)).toEqual({ process, address });

  const reused = entries.get(8);
  if (reused) entries.set(8, { ...reused, pteAddress: reused.pteAddress + 8n });
  expect(read(10)).toBeNull();
  expect(read(11)).toBeNull();
});
