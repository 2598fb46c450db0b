/**
 * struct page, 64 bytes per frame, whose fields mean different things by use.
 *
 * Source: Linux, include/linux/mm_types.h and include/linux/page-flags.h.
 */
import { Ip2ProcessError } from '../../errors.ts';
import type { Btf } from './btf.ts';

export type PageType = 'buddy' | 'table' | 'slab' | null;

export interface PageLayout {
  /** Size of struct page. */
  readonly bytes: number;
  readonly flags: number;
  readonly compoundHead: number;
  readonly mapping: number;
  /** Which page of the mapping it is. */
  readonly index: number | null;
  readonly references: number;
  /** page_type, where the page is not mapped: the same bytes as _mapcount. */
  readonly type: number;
  /** Of a block of free pages. */
  readonly order: number;
  readonly list: number;
  readonly slabCache: number | null;
  isReserved(flags: number): boolean;
  /** Bit of slab pages in `flags`; 0 where they have a page type instead (since 6.10). */
  readonly slabFlag: number;
  readonly typeOf: (type: number) => PageType;
}

/** @param release - of the kernel: "6.1.0-50-amd64" */
export function pageLayout(btf: Btf, release: string): PageLayout {
  const at = (...names: readonly string[]): number => {
    for (const name of names) {
      const offset = btf.offsetOrNull('page', name);
      if (offset !== null) return offset;
    }
    throw new Ip2ProcessError(
      'analysis',
      `Cannot tell the state of frames: the kernel's struct page has no member ${names[0]}`,
    );
  };
  const reserved = 1 << (btf.enumValue('pageflags', 'PG_reserved') ?? 0);
  const slab = btf.enumValue('pageflags', 'PG_slab');
  return {
    bytes: btf.size('page'),
    flags: at('flags'),
    compoundHead: at('compound_head', 'compound_info'),
    mapping: at('mapping'),
    // Of folios alone since 6.15.
    index: btf.offsetOrNull('page', 'index') ?? btf.offsetOrNull('page', '__folio_index'),
    references: at('_refcount'),
    type: at('page_type', '_mapcount'),
    order: at('private'),
    list: at('lru'),
    slabCache: btf.offsetOrNull('slab', 'slab_cache') ?? btf.offsetOrNull('page', 'slab_cache'),
    isReserved: (flags) => (flags & reserved) !== 0,
    slabFlag: slab === null ? 0 : 1 << slab,
    typeOf: pageTypes(btf, release),
  };
}

export function typeOfPage(layout: PageLayout, flags: number, type: number): PageType {
  return (flags & layout.slabFlag) !== 0 ? 'slab' : layout.typeOf(type);
}

/**
 * How the kernel encodes page types: in the top byte since 6.12; before that as a negative number whose top bits stay set
 * and in which the bit of the type is cleared.
 */
function pageTypes(btf: Btf, release: string): (type: number) => PageType {
  const number = (name: string): number | null => btf.enumValue('pagetype', name);
  const buddy = number('PGTY_buddy');
  if (buddy !== null) {
    const byTop = new Map<number | null, PageType>([
      [buddy, 'buddy'],
      [number('PGTY_table'), 'table'],
      [number('PGTY_slab'), 'slab'],
    ]);
    return (type) => byTop.get(type >>> 24) ?? null;
  }

  // 6.11 names the bits in its type information; before, they are macros: PG_table moved in 5.11, PG_slab came in 6.10.
  const isNamed = number('PG_buddy') !== null;
  const base = isNamed ? 0x8000_0000 : 0xf000_0000;
  const bits: readonly (readonly [PageType, number])[] = [
    ['buddy', number('PG_buddy') ?? 0x80],
    ['table', number('PG_table') ?? (isBefore511(release) ? 0x400 : 0x200)],
    ['slab', number('PG_slab') ?? 0x1000],
  ];
  return (type) => bits.find(([, bit]) => (type & (base | bit)) >>> 0 === base)?.[0] ?? null;
}

function isBefore511(release: string): boolean {
  const [major = 0, minor = 0] = release.split('.').map((part) => Number.parseInt(part, 10));
  return major < 5 || (major === 5 && minor < 11);
}
