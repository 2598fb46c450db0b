export { Structures, type VirtualMemory } from '../structures.ts';

/** x86-64 Linux: the upper half of the addresses is the kernel's, with 4 levels of tables as with 5. */
export const isKernelAddress = (at: bigint): boolean => at >= 0xff00_0000_0000_0000n;
