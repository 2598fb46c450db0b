import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { layoutStrip } from '../../../src/report/html/strip-layout.ts';
import type { ReportProcess } from '../../../src/report/report.ts';

type Region = ReportProcess['regions'][number];

const region = (start: bigint, bytes: bigint, hits = 0, kind = 'file'): Region => ({
  start: `0x${start.toString(16)}`,
  end: `0x${(start + bytes).toString(16)}`,
  kind,
  name: null,
  protection: 'r--p',
  hits,
});

/** Regions that do not overlap, from a page to terabytes, with gaps of any size. */
const regions = fc
  .array(
    fc.record({
      gap: fc.bigInt(0n, 2n ** 41n),
      pages: fc.bigInt(1n, 2n ** 30n),
      hits: fc.oneof(fc.constant(0), fc.nat(5000)),
      kind: fc.constantFrom('heap', 'file', 'stack'),
    }),
    { maxLength: 60 },
  )
  .map((all) => {
    let at = 0x1000n;
    return all.map(({ gap, pages, hits, kind }) => {
      const one = region(at + gap, pages * 4096n, hits, kind);
      at += gap + pages * 4096n;
      return one;
    });
  });

describe('layoutStrip()', () => {
  test('fills the strip from end to end, in the order of addresses', () => {
    fc.assert(
      fc.property(regions, (all) => {
        const segments = layoutStrip(all.toReversed());
        let x = 0;
        let before = 0n;
        for (const segment of segments) {
          expect(segment.x).toBeCloseTo(x, 6);
          expect(segment.start >= before).toBe(true);
          x += segment.width;
          before = segment.end;
        }
        if (segments.length > 0) expect(x).toBeCloseTo(100, 6);
      }),
    );
  });

  test('draws every region with hits by itself, none narrower than half of its fair share', () => {
    fc.assert(
      fc.property(regions, (all) => {
        const segments = layoutStrip(all);
        const held = segments.filter(({ hits }) => hits > 0);
        expect(held.map(({ hits }) => hits)).toEqual(
          all.filter(({ hits }) => hits > 0).map(({ hits }) => hits),
        );
        for (const { width, regions: shown } of held) {
          expect(shown).toHaveLength(1);
          expect(width).toBeGreaterThan((100 / segments.length) * 0.15);
        }
      }),
    );
  });

  test('joins neighbours of a kind without hits, and tells a gap of a gigabyte', () => {
    const segments = layoutStrip([
      region(0x1000n, 0x1000n),
      region(0x3000n, 0x1000n),
      region(0x4000n, 0x1000n, 3),
      region(2n ** 46n, 0x1000n),
    ]);
    expect(segments.map(({ kind, hits, regions: shown }) => [kind, hits, shown.length])).toEqual([
      ['file', 0, 2],
      ['file', 3, 1],
      [null, 0, 0],
      ['file', 0, 1],
    ]);
  });

  test('leaves out what has no place: an end before the start, an address that is none', () => {
    expect(
      layoutStrip([
        { ...region(0x1000n, 0x1000n), end: '0x1000' },
        { ...region(0x1000n, 0x1000n), start: 'nowhere' },
      ]),
    ).toEqual([]);
  });

  test('takes no more regions than a report holds', () => {
    const many = Array.from({ length: 2000 }, (_, index) =>
      region(BigInt(index) * 0x2000n, 0x1000n, 1),
    );
    expect(layoutStrip(many)).toHaveLength(400);
  });
});
