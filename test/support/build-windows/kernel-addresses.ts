import type { Random } from '../build-image/random.ts';
import type { Build } from './layout.ts';

/** Where this boot has its kernel's parts. */
export interface KernelAddresses {
  readonly selfIndex: number;
  /** Entry of the top table that each process has for itself: hyperspace, working set. */
  readonly hyperspaceIndex: number;
  readonly frameDatabase: bigint;
  readonly nonPagedPool: bigint;
  readonly pagedPool: bigint;
  /** System page-table entries: stacks, session objects. */
  readonly systemArea: bigint;
  readonly sessionSpace: bigint;
  readonly image: bigint;
  readonly drivers: bigint;
  /** Frame of System's top table. */
  readonly rootFrame: number;
}

export const SHARED_USER_DATA = 0xffff_f780_0000_0000n;

/** Fixed places before 14393; since then slots of 512 GiB by chance. Source: kernel-facts 2.1.3, 2.8.4, 2.9. */
export function kernelAddresses(build: Build, frames: number, random: Random): KernelAddresses {
  // The kernel's 2 MiB pages start below its header: 0x9F000, 0x3000 were seen.
  const inPage = BigInt(1 + random.below(0x9f)) << 12n;
  if (build < 14393) {
    const image = 0xffff_f800_02a0_0000n + (BigInt(random.below(8)) << 21n) + inPage;
    const frameDatabase = slot(0x1f5);
    const databaseBytes = (BigInt(frames) * 0x30n + 0x1f_ffffn) & ~0x1f_ffffn;
    const isSeven = build < 9200;
    return {
      selfIndex: 0x1ed,
      hyperspaceIndex: 0x1ee,
      frameDatabase,
      nonPagedPool: isSeven ? frameDatabase + databaseBytes : slot(0x1c0),
      pagedPool: isSeven ? slot(0x1f1) + (0x20n << 32n) : slot(0x180),
      systemArea: isSeven ? slot(0x1f1) : slot(0x1a0),
      sessionSpace: slot(0x1f2),
      image,
      drivers: isSeven ? slot(0x1f1) + 0x100_0000n : image + 0x1000_0000n,
      rootFrame: isSeven ? 0x187 : 0x1a7,
    };
  }
  const slots = random.shuffle(Array.from({ length: 0x1ec - 0x101 }, (_, index) => 0x101 + index));
  const next = (): number => slots.pop() ?? 0x101;
  const image = slot(0x1f0) + (BigInt(1 + random.below(0x3f00)) << 21n) + inPage;
  return {
    selfIndex: next(),
    hyperspaceIndex: next(),
    frameDatabase: slot(next()),
    nonPagedPool: slot(next()) + (BigInt(random.below(0x4000)) << 21n),
    pagedPool: slot(next()) + (BigInt(random.below(0x4000)) << 21n),
    systemArea: slot(next()),
    sessionSpace: slot(next()),
    image,
    drivers: image + 0x4000_0000n,
    rootFrame: random.below(2) === 0 ? 0x1aa : 0x1ad,
  };
}

const slot = (index: number): bigint => (0xffffn << 48n) | (BigInt(index) << 39n);
