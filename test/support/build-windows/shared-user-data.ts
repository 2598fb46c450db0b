import { SHARED_USER_DATA } from './kernel-addresses.ts';
import type { KernelSpace } from './kernel-space.ts';

/** The page that the kernel and every process share (KUSER_SHARED_DATA): its frame. */
export function writeSharedUserData(
  kernel: KernelSpace,
  times: { readonly capture: Date; readonly boot: Date },
): number {
  const frame = kernel.mapPage(SHARED_USER_DATA);
  const { build, version } = kernel.layout;
  const [major = 10, minor = 0] = version.split('.').map(Number);
  const put = (offset: number, value: number | bigint, bytes: 1 | 2 | 4 | 8): void =>
    kernel.number(SHARED_USER_DATA + BigInt(offset), value, bytes);
  const time = (offset: number, value: bigint): void => {
    put(offset, value & 0xffff_ffffn, 4);
    put(offset + 4, value >> 32n, 4);
    put(offset + 8, value >> 32n, 4);
  };
  put(4, 0x0fa0_0000, 4);
  time(8, BigInt(times.capture.getTime() - times.boot.getTime()) * 10_000n);
  time(0x14, fileTime(times.capture));
  put(0x2c, 0x8664, 2);
  put(0x2e, 0x8664, 2);
  kernel.write(SHARED_USER_DATA + 0x30n, Buffer.from('C:\\Windows', 'utf16le'));
  if (build >= 10240) put(0x260, build, 4);
  put(0x264, 1, 4);
  put(0x268, 1, 1);
  put(0x26c, major, 4);
  put(0x270, minor, 4);
  return frame;
}

/** FILETIME: 100 ns since 1601-01-01 UTC. */
export const fileTime = (date: Date): bigint =>
  (BigInt(date.getTime()) + 11_644_473_600_000n) * 10_000n;
