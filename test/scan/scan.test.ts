import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseIndicator } from '../../src/indicator/parse-indicator.ts';
import { patternsOf } from '../../src/indicator/patterns.ts';
import { recognise } from '../../src/indicator/recognise.ts';
import { physical } from '../../src/memory/address.ts';
import { bytesSource } from '../../src/memory/byte-source.ts';
import { scan, type ScanInput, type ScanOptions, type ScanResult } from '../../src/scan/scan.ts';
import { stands } from './naive.ts';
import { filled, ram } from './ram.ts';

const IP = '35.178.122.152';
const indicators = [IP, '2001:db8::1234:5678', 'evil.example'].map((text) => parseIndicator(text));
const patterns = patternsOf(indicators);

const search = (input: ScanInput, options: ScanOptions = {}): Promise<ScanResult> =>
  scan(input, patterns, indicators, options);

/** "address indicator spelling encoding length flags" */
const told = ({ hits }: ScanResult): string[] =>
  hits.map((hit) => {
    const pattern = patterns[hit.pattern];
    const flags =
      (hit.openBefore ? '<' : '') + (hit.openAfter ? '>' : '') + (hit.crossesFrames ? '+' : '');
    return `${hit.address} ${pattern?.indicator} ${pattern?.spelling} ${pattern?.encoding} ${hit.length} ${flags}`;
  });

describe('hits', () => {
  test.each<[string, number, string | Uint8Array, string[]]>([
    ['at the very first byte', 0, `${IP} `, ['0 0 text ascii 14 <']],
    ['at the very last byte', 16_384 - 14, IP, ['16370 0 text ascii 14 >']],
    ['inside a page', 5000, `${IP},`, ['5000 0 text ascii 14 ']],
    ['at a page’s end', 4096 - 14, `${IP},`, ['4082 0 text ascii 14 >']],
    ['across two frames', 4090, `"${IP},`, ['4091 0 text ascii 14 +']],
    ['as bytes', 4094, Uint8Array.of(35, 178, 122, 152), ['4094 0 bytes binary 4 +']],
    ['in UTF-16', 101, Buffer.from(IP, 'utf16le'), ['101 0 text utf16le 28 ']],
    ['in UTF-16 across frames', 4085, Buffer.from(IP, 'utf16le'), ['4085 0 text utf16le 28 +']],
    ['in capitals', 99, '/EVIL.Example/', ['100 2 text ascii 12 ']],
    ['in a longer number', 200, `1${IP}`, []],
  ])('%s', async (_, at, text, expected) => {
    const memory = filled(16_384, { [at]: text });
    expect(told(await search(ram([[0, memory]])))).toEqual(expected);
  });

  test.each([1, 3, 27])(
    'a UTF-16 text whose last %d bytes lie beyond the page is found',
    async (cut) => {
      const text = Buffer.from(IP, 'utf16le');
      const at = 4096 - text.length + cut;
      const [hit, ...more] = (await search(ram([[0, filled(8192, { [at]: text })]]))).hits;
      expect(more).toEqual([]);
      expect(hit).toMatchObject({ address: at, crossesFrames: cut > 1 });
      // Only its last zero is missing: the neighbouring page will tell.
      expect(hit).toMatchObject(cut === 1 ? { length: 27, openAfter: true } : { length: 28 });
    },
  );

  test('a text over the edge of two runs counts where they touch, not over a hole', async () => {
    const [first, second] = [filled(4096, { 4090: IP }), filled(4096, { 0: IP.slice(6) })];
    expect(
      told(
        await search(
          ram([
            [0, first],
            [4096, second],
          ]),
        ),
      ),
    ).toEqual(['4090 0 text ascii 14 +']);
    expect(
      told(
        await search(
          ram([
            [0, first],
            [8192, second],
          ]),
        ),
      ),
    ).toEqual([]);
  });

  test('an address far above 4 GiB is exact, in runs that begin inside a page', async () => {
    const result = await search(ram([[2 ** 40 + 100, filled(9000, { 5: ` ${IP} ` })]]));
    expect(told(result)).toEqual([`${2 ** 40 + 106} 0 text ascii 14 `]);
    expect(result.bytesSearched).toBe(9000);
  });

  test('what cannot be read is counted, and the rest is searched', async () => {
    const memory = filled(40_960, {
      100: ` ${IP} `,
      4090: ` ${IP} `,
      20_000: ` ${IP} `,
      40_900: ` ${IP} `,
    });
    for (const blockBytes of [4096, 8192, 65_536]) {
      const result = await search(ram([[0, memory]], [4096, 16_384]), { blockBytes });
      expect(told(result).map((hit) => hit.split(' ')[0])).toEqual(['101', '40901']);
      expect(result.unreadableBytes).toBe(8192);
      expect(result.bytesSearched).toBe(32_768);
    }
  });

  test('two readings of one place as one indicator are one hit', async () => {
    const twice = [...patterns, ...patterns];
    const input = ram([[0, filled(4096, { 10: ` ${IP} ` })]]);
    const { hits } = await scan(input, twice, indicators, {});
    expect(hits).toMatchObject([{ address: 11, pattern: 0 }]);
  });
});

test('the size of a block changes no result', async () => {
  const pieces = [
    IP,
    Buffer.from(IP, 'utf16le').toString('latin1'),
    '\x23\xb2\x7a\x98',
    'evil.example',
    '2001:db8::1234:5678',
    '://0x23b27a98/',
    '35%2e178%2e122%2e152',
  ];
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(6), fc.nat(32_700)), { maxLength: 30 }),
      fc.array(fc.tuple(fc.nat(6), fc.nat(7), fc.integer({ min: -40, max: 4 })), { maxLength: 10 }),
      async (anywhere, atEdges) => {
        const bytes = new Uint8Array(32_768 + 700);
        for (const [piece, at] of [
          ...anywhere,
          ...atEdges.map(([number, page, shift]): [number, number] => [
            number,
            Math.max(0, page * 4096 + shift),
          ]),
        ]) {
          bytes.set(Buffer.from(pieces[piece] ?? '', 'latin1'), at);
        }
        const input = ram([
          [0x10_0200, bytes.subarray(0, 9000)],
          [0x20_0000, bytes.subarray(9000)],
        ]);
        const whole = await search(input, { blockBytes: 65_536 });
        for (const blockBytes of [4096, 12_288]) {
          const parted = await search(input, { blockBytes });
          expect(told(parted)).toEqual(told(whole));
          expect([...parted.tails]).toEqual([...whole.tails]);
          expect([...parted.heads]).toEqual([...whole.heads]);
          expect([...parted.larger]).toEqual([...whole.larger]);
        }
      },
    ),
    { numRuns: 25 },
  );
});

test('finds what a look at every byte of every page finds', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.tuple(
          fc.constantFrom('35.178.122.152', '35.178', '.122.152', '\0', '1', '://0x23b27a98 '),
          fc.nat(8100),
        ),
        { maxLength: 20 },
      ),
      async (texts) => {
        const bytes = filled(8192, Object.fromEntries(texts.map(([text, at]) => [at, text])));
        const expected = new Set<number>();
        for (const pattern of patterns) {
          for (let at = 0; at < 8192; at += 1) {
            const page = at - (at % 4096);
            if (!stands(pattern, bytes, at)) continue;
            const isInPage = at + pattern.bytes.length <= page + 4096;
            const window = bytes.subarray(page, isInPage ? page + 4096 : page + 8192);
            const indicator = indicators[pattern.indicator];
            const found = indicator && recognise(pattern, indicator, window, at - page);
            if (found) expected.add(page + found.start);
          }
        }
        const { hits } = await search(ram([[0, bytes]]));
        expect(hits.map(({ address }) => address)).toEqual([...expected].toSorted((a, b) => a - b));
      },
    ),
    { numRuns: 30 },
  );
});

test('a text cut between two frames that are not neighbours leaves a tail and a head', async () => {
  const pieces = [
    IP,
    Buffer.from(IP, 'utf16le').toString('latin1'),
    '\x23\xb2\x7a\x98',
    'EVIL.example',
  ];
  for (const piece of pieces) {
    const text = Buffer.from(piece, 'latin1');
    // The last zero byte of UTF-16 is not looked for: without it the text is a hit already.
    for (let cut = 1; cut < text.length - (text.at(-1) === 0 ? 1 : 0); cut += 1) {
      const memory = filled(5 * 4096, {
        [2 * 4096 - cut]: text.subarray(0, cut),
        [4 * 4096]: text.subarray(cut),
      });
      const { tails, heads, larger } = await search(ram([[0, memory]]));
      expect([...tails]).toEqual([1]);
      expect([...heads]).toEqual([4]);
      expect(larger.has(2 * cut >= text.length ? 1 : 4)).toBe(true);
    }
  }
});

describe('limits', () => {
  const many = ram([
    [
      0,
      filled(
        65_536,
        Object.fromEntries(Array.from({ length: 100 }, (_, index) => [index * 600, ` ${IP} `])),
      ),
    ],
  ]);

  test('of more hits than wanted the lowest are kept and the rest counted', async () => {
    const { hits, truncated } = await search(many, { maxHits: 30, blockBytes: 4096 });
    expect(hits.map(({ address }) => address)).toEqual(
      Array.from({ length: 10 }, (_, index) => index * 600 + 1),
    );
    expect(truncated).toEqual([90, 0, 0]);
  });

  test('nothing is counted as truncated where all hits are kept', async () => {
    expect((await search(many)).truncated).toEqual([0, 0, 0]);
  });

  test('of anchors, those at the wanted offsets in a page are kept, 4,096 at most', async () => {
    const input = ram([[0, new Uint8Array(65_536).fill(0x61)]]);
    const anchors = [
      { name: 'everywhere', bytes: Buffer.from('aaaa') },
      { name: 'at 8', bytes: Buffer.from('aaaa'), pageOffsets: [8] },
    ];
    const result = await search(input, { anchors, blockBytes: 4096 });
    expect(result.anchors.filter(({ name }) => name === 'everywhere')).toHaveLength(4096);
    expect(
      result.anchors.filter(({ name }) => name === 'at 8').map(({ address }) => address),
    ).toEqual(Array.from({ length: 16 }, (_, page) => page * 4096 + 8));
  });

  test('memory claimed above 4 TiB is searched, with a warning about texts over a page’s edge', async () => {
    const input = ram([[2 ** 51, filled(8192, { 10: ` ${IP} `, 4090: IP.slice(0, 6) })]]);
    const { hits, tails, warnings } = await search(input);
    expect(hits).toMatchObject([{ address: 2 ** 51 + 11 }]);
    expect(tails.size).toBe(0);
    expect(warnings).toEqual([
      expect.stringContaining('The image claims memory up to 0x8000000002000'),
    ]);
  });
});

test('progress ends with all bytes', async () => {
  const seen: number[][] = [];
  await search(ram([[0, new Uint8Array(20_000)]]), { onProgress: (...step) => seen.push(step) });
  expect(seen.at(-1)).toEqual([20_000, 20_000]);
});

test.each([
  ['before', (stop: AbortController) => stop.abort()],
  ['during', (stop: AbortController) => setTimeout(() => stop.abort(), 50)],
])('a signal %s the scan stops it', async (_, act) => {
  const stop = new AbortController();
  // Memory that never ends: only the signal does.
  const memory = {
    runs: [{ start: physical(0), length: 2 ** 46, fileOffset: null }],
    read: (__: number, into: Uint8Array) => into.length,
  };
  act(stop);
  const scanning = search(
    { source: bytesSource(new Uint8Array()), memory },
    { signal: stop.signal },
  );
  await expect(scanning).rejects.toMatchObject({ kind: 'cancelled' });
});
