import { describe, expect, test } from '@jest/globals';
import { locate } from '../../src/attribute/locate.ts';
import type { Engine, FrameOwners } from '../../src/engine/engine.ts';
import { parseIndicator } from '../../src/indicator/parse-indicator.ts';
import { patternsOf } from '../../src/indicator/patterns.ts';
import { frame, physical, virtual, virtualPage } from '../../src/memory/address.ts';
import type { PageStateKind } from '../../src/os/page-state.ts';
import type { Hit } from '../../src/scan/hit.ts';
import type { Mapping } from '../../src/translate/mapping.ts';
import { fakeEngine, fakeMemory, processOf, regionOf } from '../support/fake-engine.ts';

const IP = '35.178.122.152';
const indicators = [parseIndicator(IP)];
const patterns = patternsOf(indicators);
const asText = patterns.findIndex(
  ({ spelling, encoding }) => spelling === 'text' && encoding === 'ascii',
);

const hitAt = (address: number, changes: Partial<Hit> = {}): Hit => ({
  pattern: asText,
  address: physical(address),
  length: IP.length,
  openBefore: false,
  openAfter: false,
  crossesFrames: false,
  ...changes,
});

/** Page 0x100 of space 0 lies in frame 3, page 0x101 in `next`; page 0x200 of space 1 is frame 3 too where `isShared`. */
interface Scene {
  readonly memory: readonly { readonly at: number; readonly bytes: string }[];
  readonly next?: number;
  readonly isShared?: boolean;
  readonly isMapped?: boolean;
  readonly state?: PageStateKind;
  readonly states?: readonly [PageStateKind, PageStateKind];
  readonly hits: readonly Hit[];
}

function located({
  memory,
  next = 9,
  isShared = false,
  isMapped = true,
  state = 'anonymous',
  states,
  hits,
}: Scene) {
  const ram = fakeMemory(0x10_000, memory);
  const pages = new Map([
    ['0 256', 3],
    ['0 257', next],
    ...(isShared ? ([['1 512', 3]] as const) : []),
  ]);
  const place = (space: number, address: bigint) => {
    const page = pages.get(`${space} ${Number(address >> 12n)}`);
    return page === undefined ? null : physical(page * 4096 + Number(address & 0xfffn));
  };
  const read: Engine['read'] = (space, address, into) => {
    for (let done = 0; done < into.length;) {
      const at = place(space, address + BigInt(done));
      if (at === null) return done;
      done += ram.read(at, into.subarray(done, done + 4096 - (at % 4096)));
    }
    return into.length;
  };
  const engine = fakeEngine({
    processes: [processOf({ pid: 7 }), processOf({ pid: 8 })],
    read,
    physicalOf: place,
    regions: () => [regionOf('heap')],
    pageState: (at) => ({ kind: states?.[at === 3 ? 0 : 1] ?? state, detail: null }),
  });
  const owners: FrameOwners = {
    mappingsOf: (at) =>
      at === 3 && isMapped ? [mapping(0, 256), ...(isShared ? [mapping(1, 512)] : [])] : [],
    seams:
      next === 4 || !isMapped
        ? []
        : [{ space: 0, address: virtual(0x10_0000n), first: frame(3), second: frame(next) }],
    unreadableTables: [],
    dropped: 0,
  };
  return locate({ indicators, patterns }, hits, owners, engine, ram);
}

const mapping = (space: number, page: number): Mapping => ({
  space,
  page: virtualPage(page),
  frame: frame(3),
  pageBytes: 4096,
  isWritable: true,
  isUser: true,
  isExecutable: false,
  state: 'valid',
});

describe('a text inside a page', () => {
  const memory = [{ at: 0x3100, bytes: `GET http://${IP}/ ` }];
  const hits = [hitAt(0x310b)];

  test('belongs to whoever maps it, at the owner’s address, in its region and most specific form', () => {
    const [one, ...others] = located({ memory, hits }).occurrences;
    expect(others).toEqual([]);
    expect(one).toMatchObject({
      form: 'absolute-uri-request',
      owners: [{ process: 0, address: 0x10_010bn, region: { kind: 'heap' }, state: 'valid' }],
      parts: [{ address: 0x310b, length: IP.length }],
      flags: [],
    });
    const { context, contextStart, length } = one ?? {
      context: new Uint8Array(),
      contextStart: 0,
      length: 0,
    };
    expect(Buffer.from(context.subarray(contextStart, contextStart + length)).toString()).toBe(IP);
  });

  test('of two owners is one text', () => {
    const { occurrences } = located({ memory, hits, isShared: true });
    expect(occurrences.map(({ owners }) => owners.map(({ process }) => process))).toEqual([[0, 1]]);
  });

  test('of nobody is told with the state of its page', () => {
    const [one] = located({ memory, hits, isMapped: false, state: 'free' }).occurrences;
    expect(one).toMatchObject({ owners: [], pageState: { kind: 'free' }, flags: [] });
  });

  test('of an owner in a frame that the kernel calls free is contradicted', () => {
    expect(located({ memory, hits, state: 'free' }).occurrences[0]?.flags).toEqual([
      'contradicted',
    ]);
  });

  test('is called mapped where the kernel’s books are not known', () => {
    expect(located({ memory, hits, state: 'unknown' }).occurrences[0]?.pageState.kind).toBe(
      'mapped',
    );
  });
});

describe('a text at the start of an owner’s first page', () => {
  const digits = [{ at: 0x3000, bytes: `1${IP} ` }];

  test('is another one where a digit stands before it', () => {
    const hits = [hitAt(0x3001, { openBefore: true })];
    expect(located({ memory: digits, hits })).toMatchObject({ occurrences: [], nearMisses: 1 });
  });

  test('is found where it begins with the page', () => {
    const memory = [{ at: 0x3000, bytes: `${IP} ` }];
    expect(
      located({ memory, hits: [hitAt(0x3000, { openBefore: true })] }).occurrences,
    ).toHaveLength(1);
  });
});

describe('a text at a page’s end', () => {
  const at = 0x4000 - IP.length;
  const hits = [hitAt(at, { openAfter: true })];

  test('is judged by the owner’s next page, not by the next frame', () => {
    const memory = [
      { at: at - 1, bytes: ` ${IP}` },
      { at: 0x4000, bytes: '9' },
      { at: 0x9000, bytes: ' ' },
    ];
    expect(located({ memory, hits }).occurrences).toHaveLength(1);
  });

  test('is a near miss where the owner’s next page runs on with a digit', () => {
    const memory = [
      { at: at - 1, bytes: ` ${IP}` },
      { at: 0x9000, bytes: '9' },
    ];
    expect(located({ memory, hits })).toMatchObject({ occurrences: [], nearMisses: 1 });
  });

  test('of nobody has an unproven boundary', () => {
    const memory = [{ at: at - 1, bytes: ` ${IP}` }];
    expect(located({ memory, hits, isMapped: false, state: 'free' }).occurrences[0]?.flags).toEqual(
      ['boundary-unproven'],
    );
  });
});

describe('a text over two frames', () => {
  const crossing = [hitAt(0x3ffa, { crossesFrames: true })];

  test('that follow each other in RAM and in the owner’s order is one part', () => {
    const memory = [{ at: 0x3ff9, bytes: ` ${IP} ` }];
    const [one] = located({ memory, next: 4, hits: crossing }).occurrences;
    expect(one).toMatchObject({ parts: [{ address: 0x3ffa, length: IP.length }], flags: [] });
  });

  test('that are distant in RAM is found at the seam, in two parts', () => {
    const memory = [
      { at: 0x3ff9, bytes: ` ${IP.slice(0, 6)}` },
      { at: 0x9000, bytes: `${IP.slice(6)} ` },
    ];
    const [one] = located({ memory, hits: [] }).occurrences;
    expect(one).toMatchObject({
      parts: [
        { address: 0x3ffa, length: 6 },
        { address: 0x9000, length: 8 },
      ],
      flags: ['straddles-frames'],
      owners: [{ address: 0x10_0ffan }],
    });
  });

  test('that only RAM puts together is a phantom, and given to nobody', () => {
    const memory = [
      { at: 0x3ff9, bytes: ` ${IP} ` },
      { at: 0x9000, bytes: 'other' },
    ];
    const [one] = located({ memory, hits: crossing }).occurrences;
    expect(one).toMatchObject({ owners: [], flags: ['phantom'] });
  });

  test.each<[PageStateKind, PageStateKind, string]>([
    ['free', 'free', 'boundary-unproven'],
    ['free', 'kernel', 'phantom'],
    ['page-cache', 'page-cache', 'phantom'],
  ])('of nobody, %s and %s: %s', (first, second, flag) => {
    const memory = [{ at: 0x3ff9, bytes: ` ${IP} ` }];
    const [one] = located({
      memory,
      isMapped: false,
      states: [first, second],
      hits: crossing,
    }).occurrences;
    expect(one?.flags).toEqual([flag]);
  });
});

test('a hit of a pattern that was not asked is passed over', () => {
  expect(located({ memory: [], hits: [hitAt(0x3100, { pattern: 999 })] }).occurrences).toEqual([]);
});
