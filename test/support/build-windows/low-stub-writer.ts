import type { KernelSpace } from './kernel-space.ts';

/** The trampoline that the HAL keeps in the first MiB (PROCESSOR_START_BLOCK), with the kernel's CR3 in it. */
export function writeLowStub(kernel: KernelSpace): void {
  const { ram } = kernel.world;
  const at = 0x1000;
  if (!ram.isRam(1)) return;
  ram.setU64(at, 0x0000_0001_0006_00e9n | (0x4dn << 8n));
  // Where the 64-bit part begins, in the kernel image.
  ram.setU64(at + 0x70, kernel.addresses.image + 0x1700n);
  ram.setU64(at + 0x90, 0x8005_0033n);
  ram.setU64(at + 0xa0, BigInt(kernel.tables.root));
  ram.setU64(at + 0xa8, 0x6f8n);
}
