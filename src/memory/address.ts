/** Byte offset into physical memory. x86-64 stops at 52 bits, so a number is exact. */
export type PhysicalAddress = number & { readonly unit: 'physical byte' };

/** Byte address in one address space: 64 bits, so a bigint. */
export type VirtualAddress = bigint & { readonly unit: 'virtual byte' };

/** 4 KiB: the frame of physical memory and the page of every supported page-table format. */
export const PAGE_BYTES = 4096;

/** Number of a 4 KiB frame: physical address / 4096. At most 40 bits. */
export type Frame = number & { readonly unit: 'frame' };

/** Number of a 4 KiB virtual page: the 64-bit address, unsigned, / 4096. At most 52 bits, so a number is exact. */
export type VirtualPage = number & { readonly unit: 'virtual page' };

export const physical = (address: number): PhysicalAddress => address as PhysicalAddress;

/** Any 64-bit pattern, signed or not, as the unsigned address that it means. */
export const virtual = (address: bigint): VirtualAddress =>
  BigInt.asUintN(64, address) as VirtualAddress;

export const frame = (number: number): Frame => number as Frame;
export const virtualPage = (number: number): VirtualPage => number as VirtualPage;

export const frameOf = (address: PhysicalAddress): Frame =>
  Math.floor(address / PAGE_BYTES) as Frame;
export const frameStart = (at: Frame): PhysicalAddress => (at * PAGE_BYTES) as PhysicalAddress;
export const virtualPageOf = (address: VirtualAddress): VirtualPage =>
  Number(address >> 12n) as VirtualPage;
export const virtualPageStart = (page: VirtualPage): VirtualAddress =>
  (BigInt(page) << 12n) as VirtualAddress;

/** Addresses as people and JSON read them: `0x` and lower-case hex digits, unpadded. */
export const hex = (value: number | bigint): string => `0x${value.toString(16)}`;
