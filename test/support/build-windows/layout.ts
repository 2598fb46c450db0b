import { LAYOUT_TABLE } from './layout-table.ts';

/** Kernel builds that the builder knows. Those with witness "derived" have no symbol table to be checked with. */
export const BUILDS = [7601, 9600, 14393, 17763, 18362, 19041, 22000, 22621, 26100] as const;
export type Build = (typeof BUILDS)[number];

/** First bit and count of a bit field. */
export type Bits = readonly [first: number, count: number];

/** Where the kernel of one build has what the builder writes. */
export interface Layout {
  readonly build: Build;
  /** Like "10.0.17763.5933". */
  readonly version: string;
  readonly isWitnessed: boolean;
  /** Of the kernel's PDB: 32 hexadecimal digits; its age is 1. */
  readonly guid: string;
  /** Offset of `STRUCT.Field`; an error where the build has no such field. */
  at(name: string): number;
  has(name: string): boolean;
  /** Null: the build has no such field. */
  bits(name: string): Bits | null;
  sizeOf(struct: string): number;
  /** Address of a kernel symbol, relative to the kernel image; null where unknown. */
  symbol(name: string): number | null;
}

export function layoutOf(build: Build): Layout {
  const cells = COLUMNS.get(build);
  if (!cells) throw new Error(`Cannot build Windows ${build}: known are ${BUILDS.join(', ')}`);
  const known = (name: string): string | null => {
    const cell = cells.get(name);
    return cell === undefined || cell === '-' ? null : cell;
  };
  const needed = (name: string): string => {
    const cell = known(name);
    if (cell === null) throw new Error(`Cannot write "${name}": Windows ${build} has none`);
    return cell;
  };
  return {
    build,
    version: needed('version'),
    isWitnessed: needed('witness') === 'ISF',
    guid: needed('guid'),
    at: (name) => parseInt(needed(`offset ${name}`), 16),
    has: (name) => known(`offset ${name}`) !== null,
    bits: (name) => {
      const [first, count] = (known(`bits ${name}`) ?? '').split('+').map(Number);
      return first === undefined || count === undefined ? null : [first, count];
    },
    sizeOf: (struct) => parseInt(needed(`size ${struct}`), 16),
    symbol: (name) => {
      const cell = known(`symbol ${name}`);
      return cell === null ? null : parseInt(cell, 16);
    },
  };
}

/** build → (name → text in its column) */
const COLUMNS = columnsOf(LAYOUT_TABLE);

function columnsOf(table: string): ReadonlyMap<number, ReadonlyMap<string, string>> {
  const [heads = [], ...rows] = table
    .trim()
    .split('\n')
    .map((line) => line.split('|').map((cell) => cell.trim()));
  const column = (at: number) =>
    new Map(rows.map((cells) => [cells[0] ?? '', cells[at] ?? '-'] as const));
  return new Map(heads.slice(1).map((head, index) => [Number(head), column(index + 1)] as const));
}
