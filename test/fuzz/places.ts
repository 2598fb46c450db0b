const ENTRY_FRAME = 0x000f_ffff_ffff_f000n;

/** 8 bytes at a physical address; 0 beyond the end. */
export type Word = (at: number) => bigint;

export function words(bytes: Uint8Array): Word {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return (at) => (at >= 0 && at + 8 <= bytes.length ? view.getBigUint64(at, true) : 0n);
}

/** All page tables under these roots, each once; a table that leads to its root is no way down. */
export function tablesUnder(word: Word, roots: readonly number[], levels: 4 | 5): number[] {
  const found = new Set<number>();
  const visit = (table: number, level: number): void => {
    found.add(table);
    if (level === 1) return;
    for (let slot = 0; slot < 512; slot += 1) {
      const entry = word(table + slot * 8);
      const isTable = (entry & 0x81n) === 1n;
      const below = Number(entry & ENTRY_FRAME);
      if (isTable && !found.has(below)) visit(below, level - 1);
    }
  };
  for (const root of roots) visit(root, levels);
  return [...found];
}

/** Entries of page tables that say something. */
export const entriesOf = (word: Word, tables: readonly number[]): number[] =>
  tables.flatMap((table) =>
    Array.from({ length: 512 }, (_, slot) => table + slot * 8).filter((at) => word(at) !== 0n),
  );

/** One word in eight of all that is not zero. */
export function usedWords(bytes: Uint8Array): number[] {
  const word = words(bytes);
  const places: number[] = [];
  for (let at = 0; at + 8 <= bytes.length; at += 64) {
    if (word(at) !== 0n) places.push(at);
  }
  return places;
}
