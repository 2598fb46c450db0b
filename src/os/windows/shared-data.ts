import { virtual } from '../../memory/address.ts';
import type { AddressSpace } from '../../translate/address-space.ts';

/** Every x64 Windows maps this page here, for the kernel, and read-only at `USER_SHARED_DATA` for each process. */
export const SHARED_DATA = 0xffff_f780_0000_0000n;

/**
 * KUSER_SHARED_DATA, as far as it is alike in all versions.
 *
 * 0x08 time since boot | 0x14 system time | 0x20 how far UTC is ahead | 0x30 folder of the system, UTF-16, 260 | 0x260 build u32 (since 10) |
 * 0x264 product u32 | 0x26c major u32 | 0x270 minor u32
 *
 * Source: ntddk.h of the Windows Driver Kit.
 */
export interface SharedData {
  readonly systemRoot: string;
  readonly major: number;
  readonly minor: number;
  /** Null: before Windows 10 it is not told here. */
  readonly build: number | null;
  readonly isServer: boolean;
  readonly bootTime: Date | null;
  readonly now: Date | null;
  /** East of Greenwich is positive. */
  readonly minutesFromUtc: number;
}

const LENGTH = 0x274;
const SYSTEM_ROOT_BYTES = 520;
const WORKSTATION = 1;
const TICKS_PER_MINUTE = 600_000_000n;
/** From 1601-01-01 to 1970-01-01 in milliseconds. */
const EPOCH_MS = 11_644_473_600_000;

/** Null where the page is missing, or holds something else: then these are not the kernel's tables. */
export function readSharedData(space: AddressSpace): SharedData | null {
  const bytes = Buffer.alloc(LENGTH);
  if (space.read(virtual(SHARED_DATA), bytes) < LENGTH) return null;

  const root = bytes.toString('utf16le', 0x30, 0x30 + SYSTEM_ROOT_BYTES).split('\0', 1)[0] ?? '';
  const major = bytes.readUInt32LE(0x26c);
  const minor = bytes.readUInt32LE(0x270);
  const product = bytes.readUInt32LE(0x264);
  const isPlausible =
    /^[A-Z]:\\[^\0]/i.test(root) && major >= 6 && major <= 10 && minor <= 3 && product <= 3;
  if (!isPlausible) return null;

  const now = bytes.readBigUInt64LE(0x14);
  const upTime = bytes.readBigUInt64LE(8);
  const build = bytes.readUInt32LE(0x260) & 0xffff;
  return {
    systemRoot: root,
    major,
    minor,
    build: major >= 10 && build >= 10_000 ? build : null,
    isServer: product !== WORKSTATION,
    now: dateOf(now),
    bootTime: upTime < now ? dateOf(now - upTime) : null,
    minutesFromUtc: zone(bytes.readBigInt64LE(0x20)),
  };
}

function zone(bias: bigint): number {
  const minutes = Number(-bias / TICKS_PER_MINUTE);
  return Math.abs(minutes) <= 14 * 60 ? minutes : 0;
}

/** FILETIME: 100 ns since 1601-01-01 UTC. Null: none, or no time of a computer's. */
export function dateOf(time: bigint): Date | null {
  const milliseconds = Number(time / 10_000n) - EPOCH_MS;
  return time > 0n && milliseconds >= 0 && milliseconds < MOST_MS ? new Date(milliseconds) : null;
}

/** The year 2200. */
const MOST_MS = 7_258_118_400_000;
