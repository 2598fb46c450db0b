import type { Kernel } from './kernel.ts';

/** No zone is further from UTC (minutes): UTC+14 and UTC-12 are the outermost. */
const MOST_MINUTES = 14 * 60;

/**
 * The machine's time zone as `settimeofday()` left it in the kernel (`sys_tz`, kernel/time/time.c), like "UTC+02:00".
 * Null for zero too: systems whose hardware clock runs in UTC say zero whatever the zone of their users is.
 */
export function readTimeZone(kernel: Kernel): string | null {
  const at = kernel.symbol('sys_tz');
  if (at === null) return null;
  // struct timezone: int tz_minuteswest, int tz_dsttime.
  const west = kernel.structures.i32(at);
  if (west === 0 || Math.abs(west) > MOST_MINUTES) return null;
  const minutes = Math.abs(west);
  return `UTC${west < 0 ? '+' : '-'}${pair(minutes / 60)}:${pair(minutes % 60)}`;
}

const pair = (count: number): string => String(Math.floor(count)).padStart(2, '0');
