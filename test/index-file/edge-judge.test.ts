import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Asker } from '../../src/index-file/asker.ts';
import { EdgeJudge } from '../../src/index-file/edge-judge.ts';
import { bucketOf, EDGE_BYTES, ENTRY_WORDS } from '../../src/index-file/edge-section.ts';
import { type Edge, halfAt, indexEdges, LARGER_HALF, NO_HALF } from '../../src/scan/edge-index.ts';

/** Few different bytes, so that halves stand often. */
const byte = fc.constantFrom(0, 0x2e, 0x31, 0x61, 0xff);
const literals = fc.array(
  fc.record({
    bytes: fc
      .uint8Array({ minLength: 1, maxLength: 40 })
      .chain(({ length }) =>
        fc.array(byte, { minLength: length, maxLength: length }).map((all) => Uint8Array.from(all)),
      ),
    ignoresCase: fc.boolean(),
  }),
  { minLength: 1, maxLength: 4 },
);
/** From the edge inwards; capitals too. */
const edges = fc.array(
  fc.array(fc.oneof(byte, fc.constant(0x41)), { minLength: 64, maxLength: 64 }),
  { minLength: 1, maxLength: 40 },
);

test.each<Edge>(['head', 'tail'])('%s: says what the whole edge says', (edge) => {
  fc.assert(
    fc.property(literals, edges, fc.boolean(), (sought, random, isCut) => {
      const pages = random.map((bytes, number) => {
        const { bytes: whole } = sought[number % sought.length] ?? { bytes: new Uint8Array() };
        const length = 1 + (number % whole.length);
        const half = edge === 'head' ? whole.slice(-length) : whole.slice(0, length).toReversed();
        return isCut ? [...half, ...bytes] : bytes;
      });
      const index = indexEdges(sought, edge);
      const judge = new EdgeJudge(index, sought);
      const asker = new Asker(pages.length);
      const inMemory = pages.map((page) =>
        Uint8Array.from(edge === 'head' ? page : page.toReversed()),
      );
      const said = pages.map((page, number) =>
        saidBy(judge, asker, page, number, inMemory[number] ?? new Uint8Array()),
      );
      const isHead = edge === 'head';
      const right = inMemory.map((bytes) =>
        halfAt(index, bytes, isHead ? 0 : bytes.length - 1, bytes.length),
      );
      expect(said).toEqual(right);
    }),
  );
});

function saidBy(
  judge: EdgeJudge,
  asker: Asker,
  page: readonly number[],
  number: number,
  inMemory: Uint8Array,
): number {
  const [nearest = 0, second = 0] = page;
  if (judge.wanted[bucketOf(nearest, second)] === 0) return NO_HALF;
  const { room, half, larger } = asker.places;
  const entry = room;
  const open = entry + ENTRY_WORDS * 4;
  const halves = open + 16;
  asker.haveRoom(halves - room + judge.halves.length);
  asker.bytes.set(judge.halves, halves);
  asker.words[entry / 4] = number;
  asker.bytes.set(page.slice(1, EDGE_BYTES), entry + 4);
  const isIn = (set: number): boolean =>
    ((asker.bytes[set + (number >> 3)] ?? 0) & (1 << (number & 7))) !== 0;
  if (asker.judge(entry, 1, judge.halvesWith(nearest, halves), open) > 0) {
    return judge.half((edge) => {
      edge.fill(0x7f);
      const isHead = judge.edge === 'head';
      const part = isHead ? inMemory.subarray(0, edge.length) : inMemory.subarray(-edge.length);
      edge.set(part, isHead ? 0 : edge.length - part.length);
      return true;
    });
  }
  return isIn(larger) ? LARGER_HALF : Number(isIn(half));
}

test('an edge that cannot be read may be any half', () => {
  const sought = [{ bytes: Uint8Array.from([1, 2, 3, 4]), ignoresCase: false }];
  const judge = new EdgeJudge(indexEdges(sought, 'head'), sought);
  expect(judge.half(() => true)).toBe(NO_HALF);
  expect(judge.half(() => false)).toBe(LARGER_HALF);
});
