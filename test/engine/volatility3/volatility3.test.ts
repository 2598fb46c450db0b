import { describe, expect, test } from '@jest/globals';
import type { Volatility3Knowledge } from '../../../src/engine/volatility3/ask.ts';
import { PageMap } from '../../../src/engine/volatility3/page-map.ts';
import { volatility3Engine } from '../../../src/engine/volatility3/volatility3.ts';
import { frame, physical, virtual } from '../../../src/memory/address.ts';
import { bytesSource } from '../../../src/memory/byte-source.ts';
import { FrameSet } from '../../../src/memory/frame-set.ts';
import { raw } from '../../../src/image/raw.ts';
import { processOf, regionOf } from '../../support/fake-engine.ts';

const PAGE = 4096;
/** Eight frames, each filled with its number. */
const bytes = new Uint8Array(8 * PAGE).map((_, index) => Math.floor(index / PAGE));
const { memory } = raw.open(bytesSource(bytes));

const knowledge: Volatility3Knowledge = {
  version: '2.28.2',
  system: null,
  processes: [
    processOf({ pid: 1, pageTable: physical(0x1000) }),
    processOf({ pid: 2, pageTable: physical(0x1000) }),
    processOf({ pid: 3, pageTable: physical(0x2000), state: 'exited' }),
    processOf({ pid: 4, pageTable: null }),
    processOf({ pid: 5, pageTable: physical(0x3000) }),
  ],
  regions: [
    [regionOf('heap', { start: virtual(0x1_0000n), end: virtual(0x1_1000n), protection: 'rwxp' })],
    [],
    [],
    [],
    [],
  ],
  pages: new Map([
    [0x1000, new PageMap(Float64Array.of(0x10, 3, 1, 0x11, 6, 1, 0x20, 100, 1))],
    [0x2000, new PageMap(Float64Array.of(0x10, 3, 1))],
    [0x3000, new PageMap(Float64Array.of(0x50, 3, 2))],
  ]),
  seconds: {},
  peakBytes: null,
  warnings: [],
};
const engine = volatility3Engine(memory, knowledge);
const all = new FrameSet(8);
for (let at = 0; at < 8; at += 1) all.add(frame(at));
const owners = engine.owners({ interest: all, tails: all, heads: all });

describe('owners()', () => {
  test('every space that has the frame; who has ended owns nothing', () => {
    const found = owners.mappingsOf(frame(3));
    expect(found.map(({ space, page }) => [engine.processesOf(space), page])).toEqual([
      [[0, 1], 0x10],
      [[4], 0x50],
    ]);
  });

  test('rights are those of the region, none where there is no region', () => {
    const [first, second] = owners.mappingsOf(frame(3));
    expect([first?.isWritable, first?.isExecutable]).toEqual([true, true]);
    expect([second?.isWritable, second?.isExecutable]).toEqual([false, false]);
  });

  test('seams are told with the address of their first page', () => {
    expect(owners.seams).toEqual([{ space: 0, address: 0x1_0000n, first: 3, second: 6 }]);
    expect(owners.unreadableTables).toEqual([0, 0]);
  });
});

describe('read() and physicalOf()', () => {
  test('go across pages in the order of the space', () => {
    const into = new Uint8Array(4);
    expect(engine.read(0, virtual(0x1_0ffen), into)).toBe(4);
    expect([...into]).toEqual([3, 3, 6, 6]);
    expect(engine.physicalOf(0, virtual(0x1_1008n))).toBe(6 * PAGE + 8);
  });

  test('stop where no page is, and where the image ends', () => {
    expect(engine.read(0, virtual(0x1_1ffen), new Uint8Array(4))).toBe(2);
    expect(engine.read(0, virtual(0x2_0000n), new Uint8Array(4))).toBe(0);
    expect(engine.physicalOf(0, virtual(0x3_0000n))).toBeNull();
    expect(engine.read(9, virtual(0x1_0000n), new Uint8Array(4))).toBe(0);
  });
});

test('what it cannot know it does not say', () => {
  expect(engine.pageState(frame(3))).toEqual({ kind: 'unknown', detail: null });
  expect(engine.sentRanges(processOf())).toEqual([]);
  expect(engine.regions(processOf())).toEqual([]);
});
