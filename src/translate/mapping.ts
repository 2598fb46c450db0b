import type { Frame, VirtualPage } from '../memory/address.ts';

/** One use of a frame by one address space. */
export interface Mapping {
  /** Index into the address spaces that were walked. */
  readonly space: number;
  readonly page: VirtualPage;
  readonly frame: Frame;
  /** 4,096, 2 MiB or 1 GiB: the page-table leaf it came from. */
  readonly pageBytes: number;
  readonly isWritable: boolean;
  readonly isUser: boolean;
  readonly isExecutable: boolean;
  readonly state: MappingState;
}

/** How the page-table entry holds the frame. */
export type MappingState =
  | 'valid'
  /** Present in RAM but protected from any access: Linux PROT_NONE and NUMA hints. */
  | 'protected'
  /** Windows: taken from the working set, still in RAM. */
  | 'transition'
  /** Windows: reached through a section's prototype entries. */
  | 'prototype';
