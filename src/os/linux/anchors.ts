import type { Anchor } from '../../scan/anchor.ts';

const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Kernel type information: magic 0xeb9f, version 1, no flags, header of 24 bytes, types directly behind it. */
export const BTF_ANCHOR = 'linux-btf';
/** First line of VMCOREINFO: in the kernel's own page, in ELF note copies, in a firmware device's copy. */
export const VMCOREINFO_ANCHOR = 'linux-vmcoreinfo';
/** Name of the first idle task, and the zeros that fill its 16 bytes. */
export const IDLE_TASK_ANCHOR = 'linux-idle-task';
/** The ten digits as their own tokens, in the table that spells the kernel's symbol names. */
export const TOKENS_ANCHOR = 'linux-kallsyms-tokens';
/** Start of the boot message: tells a Linux image even where nothing else is left of it. */
export const BANNER_ANCHOR = 'linux-banner';

/** What `openLinux` wants to know from the scan. */
export const LINUX_ANCHORS: readonly Anchor[] = [
  {
    name: BTF_ANCHOR,
    bytes: Uint8Array.of(0x9f, 0xeb, 1, 0, 24, 0, 0, 0, 0, 0, 0, 0),
  },
  { name: VMCOREINFO_ANCHOR, bytes: ascii('OSRELEASE=') },
  { name: IDLE_TASK_ANCHOR, bytes: ascii('swapper/0\0\0\0\0\0\0\0') },
  { name: TOKENS_ANCHOR, bytes: ascii('0\x001\x002\x003\x004\x005\x006\x007\x008\x009\0') },
  { name: BANNER_ANCHOR, bytes: ascii('Linux version ') },
];
