import type { Kernel } from './kernel.ts';

/** The machine's clocks at the moment the image was taken. */
export interface Clock {
  readonly now: Date;
  readonly boot: Date;
  /** Wall-clock time of an event that the kernel stamped in nanoseconds since boot, sleep included. */
  at(sinceBoot: bigint): Date;
}

/** struct tk_core before 6.13: a sequence counter, padded, then the timekeeper. */
const TIMEKEEPER_IN_CORE = 8;
const EARLIEST = Date.UTC(1990, 0);
const LATEST = Date.UTC(2200, 0);

/** Null where the kernel's timekeeper cannot be found, or tells no believable time. */
export function readClock(kernel: Kernel): Clock | null {
  const { btf, structures } = kernel;
  const core = kernel.symbol('tk_core');
  const field = (path: string): number | null => btf.offsetOrNull('timekeeper', path);
  const seconds = field('xtime_sec');
  const fraction = field('tkr_mono.xtime_nsec');
  const shift = field('tkr_mono.shift');
  const realOffset = field('offs_real');
  const bootOffset = field('offs_boot');
  if (core === null || seconds === null || realOffset === null || bootOffset === null) return null;

  const keeper = core + BigInt(btf.offsetOrNull('tk_data', 'timekeeper') ?? TIMEKEEPER_IN_CORE);
  const bootNanoseconds = structures.i64(keeper, realOffset) - structures.i64(keeper, bootOffset);
  let now = Number(structures.i64(keeper, seconds)) * 1000;
  if (fraction !== null && shift !== null) {
    const nanoseconds =
      structures.pointer(keeper, fraction) >> BigInt(structures.u32(keeper, shift) & 63);
    now += Number(nanoseconds / 1_000_000n);
  }
  const at = (sinceBoot: bigint): Date =>
    new Date(Number((bootNanoseconds + sinceBoot) / 1_000_000n));
  const boot = at(0n);
  const isBelievable = now < LATEST && boot.getTime() > EARLIEST && boot.getTime() <= now;
  return isBelievable ? { now: new Date(now), boot, at } : null;
}
