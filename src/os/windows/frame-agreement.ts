import { frameOf, virtual, type Frame, type VirtualAddress } from '../../memory/address.ts';
import { PAGE_BYTES } from '../../memory/address.ts';
import type { AddressSpace } from '../../translate/address-space.ts';
import type { Agreement } from '../agreement.ts';
import type { FrameEntry, SelfMap } from './former-owner.ts';
import { isKernelAddress } from './process-header.ts';
import type { ProcessAreas } from './shared-pages.ts';
import { vadAt } from './vads.ts';

/** A set of user tables, and the areas of the process that runs on them; null: they are not known. */
export interface CheckedSpace {
  readonly space: AddressSpace;
  readonly areas: ProcessAreas | null;
}

/** The two kinds of pages are checked by different fields, so each must prove itself. */
export interface FrameAgreement {
  readonly by: 'own entry' | 'prototype';
  readonly agreement: Agreement;
}

/** MMPFN.u3.e1.PageLocation of frames that no entry holds: zeroed, free, bad. */
const LOOSE = new Set([0, 1, 5]);
/** "No table", as driver-locked and large pages have it: all ones, less a few. */
const FEWEST_SPECIAL = 0xf_ffff_fff0;
/** Around KUSER_SHARED_DATA: pages of the kernel and of the hypervisor that every process sees. */
const MACHINE_PAGES = { first: 0x7ffe0, last: 0x7ffef } as const;
/** MI_VAD_TYPE none, image, write-watch: others hold frames of a driver's, or of several views. */
const CHECKABLE_TYPES = new Set([0, 2, 4]);

/**
 * Checks from the other side what page tables say: whether a frame's own entry in the books (MMPFN) names the page-table
 * entry that maps it. A private page: PteAddress is where that entry shows in the self map, and u4.PteFrame the very table
 * that the walk went through. A section's page: PteAddress is the prototype entry that the process' area has for the page.
 *
 * Source: the kernel's public symbols; on genuine entries of build 17763 PteAddress and PteFrame were seen to do so.
 */
export function frameAgreement(
  selfMap: SelfMap,
  entryOf: (frame: number) => FrameEntry | null,
): (where: CheckedSpace, address: VirtualAddress, frame: Frame) => FrameAgreement {
  return ({ space, areas }, address, frame) => {
    const page = Number(address >> 12n);
    const vad = areas && vadAt(areas.tree.vads, page);
    const isOwn = vad === null || vad.isPrivate;
    const say = (agreement: Agreement, by = isOwn): FrameAgreement => ({
      by: by ? 'own entry' : 'prototype',
      agreement,
    });
    const entry = entryOf(frame);
    const found = space.translate(address);
    const isOfMachine = page >= MACHINE_PAGES.first && page <= MACHINE_PAGES.last;
    const isOther = vad !== null && !CHECKABLE_TYPES.has(vad.type);
    if (entry === null || found === null || isOfMachine || isOther) return say('unchecked');
    if (LOOSE.has(entry.location)) return say('contradicted');
    if (found.pageBytes !== PAGE_BYTES) return say('unchecked');

    const { pteAddress, parent } = entry;
    if (selfMap.placeOf(pteAddress) !== null) {
      if (pteAddress !== selfMap.entryOf(address)) return say('contradicted');
      const table = space.translate(virtual(pteAddress));
      if (table === null || parent >= FEWEST_SPECIAL) return say('unchecked', true);
      return say(frameOf(table.physical) === parent ? 'confirmed' : 'contradicted', true);
    }
    if (!isKernelAddress(pteAddress) || vad === null) return say('unchecked');
    if (isOwn) return say('contradicted');
    const expected = areas?.prototypeOf(page) ?? 0n;
    if (expected === 0n) return say('unchecked');
    return say(expected === pteAddress ? 'confirmed' : 'contradicted');
  };
}
