/** The law of the index: whatever is asked, it says what a scan of the whole image says. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { buildIndex } from '../../src/index-file/build-index.ts';
import type { IndexKey } from '../../src/index-file/index-contents.ts';
import { openIndexFile } from '../../src/index-file/index-file.ts';
import { indexedScan } from '../../src/index-file/indexed-scan.ts';
import { parseIndicators } from '../../src/indicator/parse-indicator.ts';
import { patternsOf } from '../../src/indicator/patterns.ts';
import { type StoredRun, storedMemory } from '../../src/image/stored-memory.ts';
import { physical } from '../../src/memory/address.ts';
import { openFile } from '../../src/memory/byte-source.ts';
import { scan, type ScanInput, type ScanResult } from '../../src/scan/scan.ts';
import { filled, ram } from '../scan/ram.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = temporaryFolder('ip2process-index-');

/** More runs of the law: IP2PROCESS_LAW_RUNS. */
const RUNS = Number(process.env['IP2PROCESS_LAW_RUNS'] ?? 40);

const KEY: IndexKey = {
  tool: 'test',
  bytes: 0,
  modified: '0',
  inode: '0',
  samples: '0'.repeat(64),
  layout: '0'.repeat(64),
};
const ANCHORS = [{ name: 'mark', bytes: Buffer.from('MARK') }];

/** The answers to each question, from an index that was made before any of them, and from a scan. */
async function bothWays(input: ScanInput, questions: readonly (readonly string[])[]) {
  const path = join(folder, 'index');
  const facts = await scan(input, [], [], { anchors: ANCHORS, threads: 1 });
  await buildIndex(path, input, KEY, facts, null, null, { threads: 1 });
  const index = openIndexFile(path);
  if (!index) throw new Error('no index was written');
  const answers = [];
  for (const question of questions) {
    const indicators = parseIndicators(question);
    const patterns = patternsOf(indicators);
    const options = { anchors: ANCHORS, threads: 1 };
    answers.push({
      indexed: await indexedScan(index, input, patterns, indicators, options),
      whole: await scan(input, patterns, indicators, options),
    });
  }
  index.close();
  return answers;
}

/** All but how long it took. */
const plain = (result: ScanResult | null) => {
  if (!result) return null;
  const { spent: _, ...said } = result;
  return {
    ...said,
    tails: [...result.tails],
    heads: [...result.heads],
    larger: [...result.larger],
  };
};

const octet = fc.oneof(fc.constantFrom(0, 1, 10, 35, 48, 127, 255), fc.nat(255));
const indicator = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(octet, octet, octet, octet).map((octets) => octets.join('.')) },
  { weight: 2, arbitrary: fc.ipV6() },
  { weight: 2, arbitrary: fc.domain() },
  { weight: 1, arbitrary: fc.constantFrom('a.io', 'evil.example', 'xn--bcher-kva.example') },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      'http://evil.example/Path?q=1',
      'https://a.io/',
      'http://10.0.0.1/x',
    ),
  },
);

const accepted = indicator.filter((text) => {
  try {
    return parseIndicators([text]).length === 1;
  } catch {
    return false;
  }
});

/** Stretches of memory, some of them not in whole pages: [start, length]. */
const STRETCHES = [
  [0x1000, 0x6000],
  [0x9000, 0x2345],
  [0x1_0123, 0x3000],
  [0x10_0000, 0xa000],
] as const;
/** Pages that a run claims and the image cannot give. */
const DAMAGED = [0x3000, 0x10_4000];

/** A literal of a question somewhere, whole or cut at a page's edge, in either case. */
const plant = fc.record({
  question: fc.nat(),
  pattern: fc.nat(),
  stretch: fc.nat(STRETCHES.length - 1),
  page: fc.nat(9),
  at: fc.oneof(fc.nat(4095), fc.integer({ min: -40, max: 3 })),
  inCapitals: fc.boolean(),
});

const machine = fc
  .record({
    questions: fc.array(fc.array(accepted, { minLength: 1, maxLength: 3 }), {
      minLength: 1,
      maxLength: 3,
    }),
    plants: fc.array(plant, { maxLength: 25 }),
    /** By page: noise, text, digits or zeros. */
    fillings: fc.array(fc.nat(3), { minLength: 32, maxLength: 32 }),
    seed: fc.nat(),
    hasHoles: fc.boolean(),
  })
  .map(({ questions, plants, fillings, seed, hasHoles }) => {
    const stretches = STRETCHES.map(([start, length]) => {
      const bytes = new Uint8Array(length);
      let state = seed;
      for (let at = 0; at < length; at += 1) {
        const filling = fillings[Math.floor((start + at) / 4096) % fillings.length];
        state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
        const noise = state >>> 24;
        bytes[at] = [noise, 0x61 + (noise % 26), 0x2e + (noise % 12), 0][filling ?? 3] ?? 0;
      }
      return [start, bytes] as const;
    });
    const patterns = questions.map((question) => patternsOf(parseIndicators(question)));
    for (const { question, pattern, stretch, page, at, inCapitals } of plants) {
      const among = patterns[question % patterns.length] ?? [];
      const chosen = among[pattern % among.length];
      const [start, bytes] = stretches[stretch] ?? [0, new Uint8Array()];
      const from = page * 4096 + at - (start % 4096);
      for (const [index, value] of (chosen?.bytes ?? []).entries()) {
        const isSmall = inCapitals && chosen?.ignoresCase && value >= 0x61 && value <= 0x7a;
        if (from + index >= 0 && from + index < bytes.length) {
          bytes[from + index] = isSmall ? value - 0x20 : value;
        }
      }
    }
    return { stretches, hasHoles, questions };
  });

type Stretches = readonly (readonly [start: number, bytes: Uint8Array])[];

/** As LiME has it: each stretch behind a header, so that no page of memory is one of the file. The last one may be cut off. */
function onDisk(stretches: Stretches, isCut: boolean): ScanInput & { close(): void } {
  const path = join(folder, 'image');
  const runs: StoredRun[] = [];
  const parts: Uint8Array[] = [];
  let end = 0;
  for (const [start, bytes] of stretches) {
    parts.push(new Uint8Array(32), bytes);
    runs.push({ start: physical(start), length: bytes.length, fileOffset: end + 32 });
    end += 32 + bytes.length;
  }
  writeFileSync(path, Buffer.concat(parts).subarray(0, isCut ? end - 0x1800 : end));
  const source = openFile(path);
  return { source, memory: storedMemory(runs, source), close: () => source.close() };
}

const media: readonly [string, (stretches: Stretches, hasHoles: boolean) => Medium][] = [
  [
    'in memory',
    (stretches, hasHoles) => ({
      ...ram(stretches, hasHoles ? DAMAGED : []),
      close: () => undefined,
    }),
  ],
  ['in a file', onDisk],
];
type Medium = ScanInput & { close(): void };

test.each(media)(
  'hit for hit, edge for edge: the same answer with and without it, %s',
  async (_, on) => {
    let answered = 0;
    let hits = 0;
    await fc.assert(
      fc.asyncProperty(machine, async ({ stretches, hasHoles, questions }) => {
        const input = on(stretches, hasHoles);
        for (const { indexed, whole } of await bothWays(input, questions)) {
          hits += whole.hits.length;
          if (indexed === null) continue;
          answered += 1;
          expect(plain(indexed)).toEqual(plain(whole));
        }
        input.close();
      }),
      { numRuns: RUNS },
    );
    expect(answered).toBeGreaterThan(RUNS);
    expect(hits).toBeGreaterThan(RUNS / 2);
  },
  600_000,
);

describe('what the law might miss', () => {
  const IP = '35.178.122.152';
  const [part, rest] = [IP.slice(0, 6), IP.slice(6)];

  test.each<[string, ScanInput, number]>([
    ['over the edge of two pages', ram([[0, filled(0x4000, { 0x1ffa: IP })]]), 1],
    [
      'over the edge of two runs that touch',
      ram([
        [0, filled(0x1000, { 0xffa: IP })],
        [0x1000, filled(0x1000, { 0: rest })],
      ]),
      1,
    ],
    [
      'over the edge of two runs that touch within a page',
      ram([
        [0, filled(0x1800, { 0x17fa: IP })],
        [0x1800, filled(0x1000, { 0: rest })],
      ]),
      1,
    ],
    [
      'over a hole: none',
      ram([
        [0, filled(0x1000, { 0xffa: IP })],
        [0x2000, filled(0x1000, { 0: rest })],
      ]),
      0,
    ],
    [
      'into a page that cannot be read: none',
      ram([[0, filled(0x3000, { 0xffa: IP })]], [0x1000]),
      0,
    ],
    [
      'in the last bytes of a run that ends within a page',
      ram([[0, filled(0x1234, { 0x1226: IP })]]),
      1,
    ],
    ['in a run that begins within a page', ram([[0x1801, filled(0x1000, { 0: `${IP} ` })]]), 1],
    [
      'as bytes in zeros',
      ram([[0, filled(0x3000, { 0x1555: Uint8Array.of(35, 178, 122, 152) })]]),
      1,
    ],
  ])('%s', async (_, input, count) => {
    const [answer] = await bothWays(input, [[IP]]);
    expect(answer?.whole.hits).toHaveLength(count);
    expect(plain(answer?.indexed ?? null)).toEqual(plain(answer?.whole ?? null));
  });

  test('halves of a text at distant pages are known as such', async () => {
    const input = ram([[0, filled(0x9000, { [0x2000 - part.length]: part, 0x7000: rest })]]);
    const [answer] = await bothWays(input, [[IP]]);
    expect([...(answer?.indexed?.tails ?? [])]).toEqual([1]);
    expect([...(answer?.indexed?.heads ?? [])]).toEqual([7]);
  });

  test('pages of zeros can be the edge of an address with zeros', async () => {
    const input = ram([[0, filled(0x9000, { 0x1ffe: Uint8Array.of(0x0a, 0x0b) })]]);
    const [answer] = await bothWays(input, [['10.11.0.0']]);
    expect(answer?.whole.heads.size).toBe(9);
    expect(plain(answer?.indexed ?? null)).toEqual(plain(answer?.whole ?? null));
  });

  test('more indicators than a look at the index pays for: it declines', async () => {
    const many = Array.from({ length: 60 }, (_, n) => `198.51.100.${n}`);
    const [answer] = await bothWays(ram([[0, filled(0x3000, {})]]), [many]);
    expect(answer?.indexed).toBeNull();
  });

  test('no memory at all', async () => {
    const [answer] = await bothWays(ram([]), [[IP]]);
    expect(plain(answer?.indexed ?? null)).toEqual(plain(answer?.whole ?? null));
  });
});
