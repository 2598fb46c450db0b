/** What the kernel tells crash tools about itself, as text. Source: kernel/vmcore_info.c, Documentation/admin-guide/kdump/vmcoreinfo.rst. */
import { PAGE_BYTES } from '../../../src/memory/address.ts';
import { integer } from './kernel-objects.ts';
import type { KernelSpace } from './kernel-space.ts';
import type { KernelTraits } from './kernel-style.ts';
import type { KernelTypes } from './struct-layout.ts';

export function vmcoreinfoText(
  traits: KernelTraits,
  space: KernelSpace,
  types: KernelTypes,
  symbols: Readonly<Record<string, bigint>>,
): string {
  const named = ['init_uts_ns', 'swapper_pg_dir', '_stext', 'vmap_area_list', 'node_online_map'];
  if (traits.vmcoreinfoHasKallsyms) {
    const tables = ['names', 'num_syms', 'token_table', 'token_index', 'offsets', 'relative_base'];
    named.push(...tables.map((table) => `kallsyms_${table}`));
  }
  const lines = [
    `OSRELEASE=${traits.release}`,
    'BUILD-ID=7b1f5c8e0a3d49c2b6e4d15f908a72c3e1b0d4f6',
    `PAGESIZE=${PAGE_BYTES}`,
    ...named
      .filter((name) => symbols[name] !== undefined)
      .map((name) => `SYMBOL(${name})=${(symbols[name] ?? 0n).toString(16)}`),
    `SIZE(page)=${types.sizeOf('page')}`,
    ...['flags', '_refcount', 'mapping', 'lru', '_mapcount', 'private', 'compound_head'].map(
      (member) => `OFFSET(page.${member})=${types.field('page', member).offset}`,
    ),
    ...['lru', 'private', 'swapbacked', 'slab', 'head_mask'].map((flag) =>
      flag === 'head_mask'
        ? `NUMBER(PG_head_mask)=${2 ** types.enumValue('PG_head')}`
        : `NUMBER(PG_${flag})=${types.enumValue(`PG_${flag}`)}`,
    ),
    'NUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)=-129',
    `NUMBER(phys_base)=${space.physBase}`,
    `SYMBOL(init_top_pgt)=${(symbols['init_top_pgt'] ?? 0n).toString(16)}`,
    `NUMBER(pgtable_l5_enabled)=${space.levels === 5 ? 1 : 0}`,
    `KERNELOFFSET=${space.slide.toString(16)}`,
    'NUMBER(KERNEL_IMAGE_SIZE)=1073741824',
    'NUMBER(sme_mask)=0',
  ];
  return `${lines.join('\n')}\n`;
}

/** The same text as an ELF note, as crash tools and hypervisors get it: the text starts at byte 0x18. */
export function vmcoreinfoNote(text: string): Uint8Array {
  const body = new TextEncoder().encode(text);
  const name = Buffer.from('VMCOREINFO\0\0', 'latin1');
  return new Uint8Array(
    Buffer.concat([integer(11, 4), integer(body.length, 4), integer(0, 4), name, body]),
  );
}
