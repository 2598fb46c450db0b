import { afterEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseIndicator } from '../../src/indicator/parse-indicator.ts';
import { patternsOf } from '../../src/indicator/patterns.ts';
import { SYSTEM_ANCHORS, SYSTEM_PROBES } from '../../src/os/system-marks.ts';
import { halfAt, indexEdges, LARGER_HALF, NO_HALF } from '../../src/scan/edge-index.ts';
import type { Literal } from '../../src/scan/literal.ts';
import { tableOf } from '../../src/scan/literal-table.ts';
import { machineCode } from '../../src/machine-code/machine-code.ts';
import { scan } from '../../src/scan/scan.ts';
import { Sieve } from '../../src/scan/sieve.ts';
import { indexForSieve, type SieveIndex } from '../../src/scan/sieve-index.ts';
import { SET_BYTES } from '../../src/scan/window-filter.ts';
import { planted, soughtFor } from './literals.ts';
import { occurrences } from './naive.ts';
import { filled, ram } from './ram.ts';

const PAGE = 4096;
const sievePages = machineCode()?.sievePages ?? null;
/** Literals and three pages, with texts over their edges. */
const threePages = planted(3 * PAGE, [PAGE, 2 * PAGE, 3 * PAGE]);
/** What a look at thirds cannot tell from zeros everywhere. */
const NEAR_ZEROS: readonly [string, number[]][] = [
  ['8.0.0.0', [8, 0, 0, 0]],
  ['0.0.0.16', [0, 0, 0, 16]],
  ['2000::', [0x20, ...Array<number>(15).fill(0)]],
  ['::1', [...Array<number>(15).fill(0), 1]],
  ['one byte at the start', [1, ...Array<number>(40).fill(0)]],
  ['one byte at the end', [...Array<number>(31).fill(0), 1]],
  ['one byte between', [...Array<number>(25).fill(0), 1, ...Array<number>(150).fill(0)]],
];
const machine = sievePages === null ? describe.skip : describe;

machine.each([
  ['windows', Infinity],
  ['thirds', 0],
])('the sieve, looking for %s (needs Linux on x86-64 with AVX2)', (_, mostCost) => {
  const looked = (literals: readonly Literal[], ...where: Where): Looked =>
    lookedAt(literals, indexForSieve(literals, tableOf(literals), null, mostCost), ...where);

  test('finds each literal that begins there, once', () => {
    fc.assert(
      fc.property(
        threePages,
        fc.nat(2),
        fc.integer({ min: 1, max: 3 }),
        fc.nat(PAGE),
        ({ literals, text }, first, count, more) => {
          const from = first * PAGE;
          const until = Math.min(3, first + count) * PAGE;
          const end = Math.min(text.length, until + more);
          const { found, crowded } = looked(literals, text, from, until, end);
          const isTold = (place: string): boolean =>
            !crowded.includes(Math.floor((Number(place.split('@')[1]) - from) / PAGE));
          expect(found.filter(isTold)).toEqual(
            occurrences(literals, text, from, until, end).filter(isTold),
          );
          // There is room for so many.
          if (found.length < 4096) expect(crowded).toEqual([]);
        },
      ),
      { numRuns: 150 },
    );
  });

  test('finds it in any page of many', () => {
    fc.assert(
      fc.property(fc.nat(40 * PAGE - 14), (at) => {
        const text = filled(40 * PAGE, { [at]: '35.178.122.152' });
        const literals = [literalOf('35.178.122.152')];
        const { found } = looked(literals, text, 0, text.length, text.length);
        expect(found).toEqual([`0@${at}`]);
      }),
      { numRuns: 100 },
    );
  });

  // By groups of 96 bytes: at each place in two of them, and over their edges.
  test.each(NEAR_ZEROS)('finds what is nearly all zeros amid zeros: %s', (_name, bytes) => {
    const literals = [{ bytes: Uint8Array.from(bytes), ignoresCase: false }];
    for (let at = 0; at < 2 * 96; at += 1) {
      const text = new Uint8Array(2 * PAGE);
      text.set(bytes, at);
      expect(looked(literals, text, 0, PAGE, PAGE).found).toEqual([`0@${at}`]);
    }
  });

  test('finds even zeros', () => {
    const literals = [{ bytes: new Uint8Array(40), ignoresCase: false }];
    const text = new Uint8Array(2 * PAGE).fill(1, 300, 1300);
    const where = [text, 0, PAGE, PAGE + 20] as const;
    expect(looked(literals, ...where).found).toEqual(occurrences(literals, ...where));
  });

  test('tells page edges as the edge index does', () => {
    fc.assert(
      fc.property(threePages, ({ literals, text }) => {
        const { heads, tails, larger } = looked(literals, text, 0, text.length, text.length);
        const head = indexEdges(literals, 'head');
        const tail = indexEdges(literals, 'tail');
        const pages = [...Array(text.length / PAGE).keys()];
        const starts = pages.map((page) => halfAt(head, text, page * PAGE, PAGE));
        const ends = pages.map((page) => halfAt(tail, text, (page + 1) * PAGE - 1, PAGE));
        const either = (page: number): boolean =>
          starts[page] === LARGER_HALF || ends[page] === LARGER_HALF;
        expect(heads).toEqual(pages.filter((page) => starts[page] !== NO_HALF));
        expect(tails).toEqual(pages.filter((page) => ends[page] !== NO_HALF));
        expect(larger).toEqual(pages.filter(either));
      }),
      { numRuns: 100 },
    );
  });
});

machine('the sieve, looking for two sets of windows (needs Linux on x86-64 with AVX2)', () => {
  const addresses = [0x9e37, 0x3c6e, 0xdaa5, 0x78dc, 0x1713, 0xb54a, 0x5381, 0xf1b8].map(
    (group, number) => `2a0${number}:${group.toString(16)}::${17 * number + 1}`,
  );
  const literals = soughtFor(addresses);
  const index = indexForSieve(literals, tableOf(literals));

  test('has two', () => {
    expect(index.windows).toHaveLength(2 * SET_BYTES);
  });

  test('finds each literal, wherever it begins', () => {
    const text = new Uint8Array(8 * PAGE);
    for (const [number, { bytes }] of literals.entries()) {
      for (const start of [0, 4 * PAGE + 1]) text.set(bytes, start + 256 * number);
    }
    const where = [text, 0, 8 * PAGE, 8 * PAGE] as const;
    const expected = occurrences(literals, ...where);
    expect(new Set(expected.map((place) => place.split('@')[0])).size).toBe(literals.length);
    expect(lookedAt(literals, index, ...where).found).toEqual(expected);
  });
});

machine('a hole of the image’s file (needs Linux on x86-64 with AVX2)', () => {
  const evil = [parseIndicator('evil.example')];
  /** Blocks of two pages: data, three holes, data. */
  const withHoles = (text: string, indicator = evil) => {
    const bytes = filled(10 * PAGE, { [2 * PAGE - 5]: text, [8 * PAGE + 10]: text });
    const { memory, source } = ram([[0, bytes]]);
    const read: number[] = [];
    const sparse = {
      source,
      memory: {
        ...memory,
        read: (at: Parameters<typeof memory.read>[0], into: Uint8Array) => {
          read.push(at / PAGE);
          return memory.read(at, into);
        },
        isHole: (at: number, length: number) => at >= 2 * PAGE && at + length <= 8 * PAGE,
      },
    };
    const options = { blockBytes: 2 * PAGE };
    return scan(sparse, patternsOf(indicator), indicator, options).then((found) => ({
      found,
      read,
    }));
  };

  test('is not read, and texts around it are found', async () => {
    const { found, read } = await withHoles('evil.example');
    expect(read).toEqual([0, 8]);
    expect(found.hits.map(({ address }) => address)).toEqual([2 * PAGE - 5, 8 * PAGE + 10]);
    expect(found.bytesSearched).toBe(10 * PAGE);
    expect(found.unreadableBytes).toBe(0);
  });

  test('is read where zeros can be part of what is sought', async () => {
    const zeros = [parseIndicator('10.0.0.0')];
    const { found, read } = await withHoles('\x0a', zeros);
    expect(read).toEqual([0, 2, 4, 6, 8]);
    expect([...found.heads]).toContain(3);
  });
});

describe('a scan with machine code and one without', () => {
  const indicators = ['35.178.122.152', '10.0.0.1', 'evil.example'].map(parseIndicator);
  const patterns = patternsOf(indicators);
  const options = { anchors: SYSTEM_ANCHORS, probes: SYSTEM_PROBES, blockBytes: 2 * PAGE };
  afterEach(() => {
    delete process.env['IP2PROCESS_NATIVE'];
  });

  /** Texts, halves of them, and what a process and a top table of Windows look like. */
  const piece = fc.constantFrom(
    '35.178.122.152 ',
    Buffer.from('35.178.122.152', 'utf16le').toString('latin1'),
    '10.0.0.1,',
    'http://EVIL.example/',
    '\x23\xb2\x7a\x98',
    '%VSERSION%',
    'Linux version 6.1.0-18-amd64 (debian-kernel@lists.debian.org)',
  );

  test('find the same, whatever is held and wherever it ends', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(8 * PAGE), piece), { maxLength: 12 }),
        fc.constantFrom(8 * PAGE, 8 * PAGE - 100, 7 * PAGE + 1),
        fc.constantFrom(0, PAGE, 512),
        fc.array(fc.nat(7), { maxLength: 2 }),
        fc.array(fc.tuple(fc.nat(7), fc.nat(255)), { maxLength: 4 }),
        async (texts, length, start, damaged, objects) => {
          const bytes = filled(
            length,
            Object.fromEntries(texts.map(([at, text]) => [at % length, text])),
          );
          for (const [page, step] of objects) writeObject(bytes, page, 16 * step);
          writeTopTable(bytes, 5, start);
          const input = ram(
            [[start, bytes]],
            damaged.map((page) => page * PAGE + Math.ceil(start / PAGE) * PAGE),
          );
          const results = [];
          for (const wish of ['on', 'off']) {
            process.env['IP2PROCESS_NATIVE'] = wish;
            results.push(await scan(input, patterns, indicators, options));
          }
          const [one, other] = results.map((result) => ({
            ...result,
            spent: null,
            heads: [...result.heads],
            tails: [...result.tails],
            larger: [...result.larger],
          }));
          expect(one).toEqual(other);
        },
      ),
      { numRuns: 25 },
    );
  });
});

test('more texts than a sieve has room to tell are all found', async () => {
  const indicators = ['35.178.122.152', 'evil.example'].map(parseIndicator);
  const bytes = Uint8Array.from(Buffer.alloc(6 * PAGE, '\x23\xb2\x7a\x98', 'latin1'));
  bytes.set(Buffer.from(' evil.example '), 5 * PAGE + 100);
  const found = await scan(ram([[0, bytes]]), patternsOf(indicators), indicators);
  expect(found.hits).toHaveLength((6 * PAGE) / 4 - 4 + 1);
});

/** The text, and where to look. */
type Where = readonly [text: Uint8Array, from: number, until: number, end: number];

interface Looked {
  /** "literal@place", sorted. */
  readonly found: readonly string[];
  /** Numbers of pages, from the first that was looked at on. */
  readonly crowded: readonly number[];
  readonly heads: readonly number[];
  readonly tails: readonly number[];
  readonly larger: readonly number[];
}

function lookedAt(
  literals: readonly Literal[],
  index: SieveIndex,
  ...[text, from, until, end]: Where
): Looked {
  if (!sievePages) throw new Error('no machine code');
  const edges = { head: indexEdges(literals, 'head'), tail: indexEdges(literals, 'tail') };
  const capacity = Math.ceil(text.length / PAGE) * PAGE;
  const sieve = new Sieve(sievePages, index, edges, capacity);
  sieve.bytes.set(text);
  sieve.look(from, until, end, 0);
  const found = [...Array(sieve.foundCount).keys()].map(
    (number) => `${sieve.what(number)}@${sieve.where(number)}`,
  );
  const { crowded, heads, tails, larger } = sieve.sets;
  return {
    found: found.toSorted(),
    crowded: members(crowded),
    heads: members(heads),
    tails: members(tails),
    larger: members(larger),
  };
}

const members = (words: Uint32Array): number[] =>
  [...Array(32 * words.length).keys()].filter(
    (bit) => (((words[bit >> 5] ?? 0) >>> (bit & 31)) & 1) === 1,
  );

const literalOf = (text: string): Literal => ({ bytes: Buffer.from(text), ignoresCase: false });

/** A KPROCESS of Windows. */
function writeObject(bytes: Uint8Array, page: number, offset: number): void {
  const at = page * PAGE + offset;
  if (at + 0x30 > bytes.length) return;
  const view = new DataView(bytes.buffer);
  const list = 0xffff_8000_1234_0000n + BigInt(offset) + 0x18n;
  view.setUint8(at, 3);
  view.setBigUint64(at + 0x18, list, true);
  view.setBigUint64(at + 0x20, list, true);
  view.setBigUint64(at + 0x28, 0x1ad002n, true);
}

function writeTopTable(bytes: Uint8Array, page: number, start: number): void {
  const view = new DataView(bytes.buffer);
  view.setBigUint64(page * PAGE + 0x1ef * 8, 0x12_3063n, true);
  view.setBigUint64(page * PAGE + 0x1e0 * 8, BigInt(start + page * PAGE) | 3n, true);
}
