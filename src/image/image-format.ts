import type { PhysicalAddress } from '../memory/address.ts';
import type { ByteSource } from '../memory/byte-source.ts';
import type { PhysicalMemory } from '../memory/physical-memory.ts';

/** What an image says of the machine besides its memory. Written by whoever made the image: to be checked, not believed. */
export interface ImageHints {
  /** The Linux kernel's VMCOREINFO note, lines of KEY=value; null where the image has none. */
  readonly vmcoreinfo: string | null;
  /** Page-table roots that CPUs used at the capture, as their CR3 held them (flags included); empty where unknown. */
  readonly cr3: readonly PhysicalAddress[];
}

export const NO_HINTS: ImageHints = { vmcoreinfo: null, cr3: [] };

/** A memory image, understood. */
export interface ImageMemory {
  /** Name for people, as in `ImageFormat.name`. */
  readonly format: string;
  readonly memory: PhysicalMemory;
  readonly hints: ImageHints;
  /** What could not be read, and what that means: one sentence each. */
  readonly warnings: readonly string[];
}

/** One way of writing memory into a file. */
export interface ImageFormat {
  readonly name: string;
  /** Whether the file's first bytes (`HEAD_BYTES`, fewer in a shorter file) are this format's. */
  recognise(head: Uint8Array): boolean;
  /** Reads the layout, not the memory. Throws `Ip2ProcessError` of kind 'image'. Same bytes, same result. */
  open(source: ByteSource): ImageMemory;
}

/** Enough for every signature that we know: the deepest one is a tar archive's, at byte 257, and a disk's, at 512. */
export const HEAD_BYTES = 4096;

/** x86-64 physical addresses have at most 52 bits (Intel SDM vol. 3A, 4.1.4). */
export const PHYSICAL_LIMIT = 2 ** 52;
