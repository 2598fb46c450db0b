import type { Indicator } from '../indicator/indicator.ts';
import type { BytePattern } from '../indicator/pattern.ts';
import type { Anchor } from './anchor.ts';
import type { Edge, EdgeIndex } from './edge-index.ts';
import type { Literal } from './literal.ts';
import type { LiteralIndex } from './literal-index.ts';
import type { ProbeName } from './page-shape.ts';
import type { SieveIndex } from './sieve-index.ts';

/** What every thread of a scan is told: plain data and shared memory, so that it can be sent to a worker. */
export interface ScanTask {
  readonly patterns: readonly BytePattern[];
  readonly literals: readonly SharedLiteral[];
  /** Of `soughtBy`; null where a thread makes its own if it needs it at all. */
  readonly index: LiteralIndex | null;
  /** Of the same; null where there is no machine code, or too little to look at. */
  readonly sieve: SieveIndex | null;
  readonly edges: Readonly<Record<Edge, EdgeIndex>>;
  readonly indicators: readonly Indicator[];
  readonly anchors: readonly Anchor[];
  readonly probes: readonly ProbeName[];
  /** Hits kept of each indicator. */
  readonly hitsPerIndicator: number;
  /** Bytes of a block of work; a multiple of the page size. */
  readonly blockBytes: number;
  /** Blocks from it on are left alone. */
  readonly endBlock: number;
  /** Frames at and above it are in no set of edges. */
  readonly frameLimit: number;
  /** Buffers of the `FrameSet`s. */
  readonly tails: SharedArrayBuffer;
  readonly heads: SharedArrayBuffer;
  readonly larger: SharedArrayBuffer;
  /** Buffer of the `ScanState`. */
  readonly state: SharedArrayBuffer;
}

/** A literal and the patterns, by index, that it stands for: the spellings of many indicators can begin alike. */
export interface SharedLiteral extends Literal {
  readonly patterns: readonly number[];
}

/** All literals, then all anchors. */
export const soughtBy = ({
  literals,
  anchors,
}: Pick<ScanTask, 'literals' | 'anchors'>): Literal[] => [
  ...literals,
  ...anchors.map(({ bytes }) => ({ bytes, ignoresCase: false })),
];

/** What the matcher is to find for the patterns, each literal once. */
export function literalsOf(patterns: readonly BytePattern[]): SharedLiteral[] {
  const shared = new Map<string, { bytes: Uint8Array; ignoresCase: boolean; patterns: number[] }>();
  for (const [number, { bytes: whole, ignoresCase }] of patterns.entries()) {
    const bytes = hasSpareZero(whole) ? whole.subarray(0, -1) : whole;
    const shown = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
    const name = `${ignoresCase ? 'i' : 'x'}${shown}`;
    const known = shared.get(name);
    if (known) known.patterns.push(number);
    else shared.set(name, { bytes, ignoresCase, patterns: [number] });
  }
  return [...shared.values()];
}

/**
 * The zero that ends UTF-16LE text of ASCII letters, or a DNS name, tells little, but as the first byte of a page it
 * would make every empty page the possible rest of a text. So it is not sought: `recognise()` sees whether it is there.
 */
const hasSpareZero = (bytes: Uint8Array): boolean =>
  bytes.length > 4 && bytes.at(-1) === 0 && bytes.at(-2) !== 0;
