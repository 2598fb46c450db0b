/** Kernels whose structures differ in what an analyser must notice. Named after a release of their kind. */
export type KernelStyle = '5.10' | '6.1' | '6.6';

/** What changed between them, each as a fact that the writers ask. */
export interface KernelTraits {
  readonly release: string;
  /** Regions in a maple tree (6.1 and later); before: a linked list and a red-black tree. */
  readonly hasMapleTree: boolean;
  /** Addresses behind the tokens (6.4 and later); before: in front of the names. */
  readonly kallsymsAddressesLast: boolean;
  /** Names longer than 127 tokens have a length of two bytes (6.1 and later). */
  readonly kallsymsLongNames: boolean;
  /** VMCOREINFO tells where kallsyms is (6.0 and later). */
  readonly vmcoreinfoHasKallsyms: boolean;
}

export const KERNEL_TRAITS: Readonly<Record<KernelStyle, KernelTraits>> = {
  '5.10': {
    release: '5.10.0-28-amd64',
    hasMapleTree: false,
    kallsymsAddressesLast: false,
    kallsymsLongNames: false,
    vmcoreinfoHasKallsyms: false,
  },
  '6.1': {
    release: '6.1.0-13-amd64',
    hasMapleTree: true,
    kallsymsAddressesLast: false,
    kallsymsLongNames: true,
    vmcoreinfoHasKallsyms: true,
  },
  '6.6': {
    release: '6.6.13-amd64',
    hasMapleTree: true,
    kallsymsAddressesLast: true,
    kallsymsLongNames: true,
    vmcoreinfoHasKallsyms: true,
  },
};
