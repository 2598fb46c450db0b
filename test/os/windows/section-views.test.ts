import { expect, test } from '@jest/globals';
import { SECTION_SHAPES } from '../../../src/os/windows/offsets/shapes.ts';
import { viewParts } from '../../../src/os/windows/section-views.ts';
import type { Vad } from '../../../src/os/windows/vads.ts';
import { FakeMemory } from './fake-memory.ts';

const layout = SECTION_SHAPES[0];
if (layout === undefined) throw new Error('no shape');
const ARRAY = 0xffff_8000_1000_0000n;
const SECOND = 0xffff_8000_2000_0000n;
const SUBSECTION = 0xffff_8000_3000_0000n;

const view = (fields: Partial<Vad>): Vad => ({
  address: 0xffff_8000_4000_0000n,
  start: 0x1000,
  end: 0x1007,
  type: 0,
  protection: 1,
  isPrivate: false,
  subsection: SUBSECTION,
  firstPrototype: ARRAY,
  lastPrototype: ARRAY + 7n * 8n,
  ...fields,
});

/** Subsections in a chain, each with an array of its own. */
function chain(...parts: readonly (readonly [base: bigint, count: number])[]): FakeMemory {
  const memory = new FakeMemory();
  parts.forEach(([base, count], index) => {
    const at = SUBSECTION + BigInt(index) * 0x100n;
    const next = index + 1 < parts.length ? at + 0x100n : 0n;
    memory
      .zeros(at, 0x38)
      .u64(at + 8n, base)
      .u64(at + 16n, next)
      .u32(at + 44n, count);
  });
  return memory;
}

test('a view within one array', () => {
  const { structures } = chain([ARRAY, 8]);
  expect(viewParts(structures, layout, view({}))).toEqual([
    { page: 0x1000, pages: 8, firstEntry: ARRAY },
  ]);
});

test('a view that goes on in the next subsection', () => {
  const { structures } = chain([ARRAY, 3], [SECOND, 100]);
  const parts = viewParts(structures, layout, view({ lastPrototype: ARRAY + 16n }));
  expect(parts).toEqual([
    { page: 0x1000, pages: 3, firstEntry: ARRAY },
    { page: 0x1003, pages: 5, firstEntry: SECOND },
  ]);
});

test("an image's subsections in one array are taken once", () => {
  const { structures } = chain([ARRAY, 3], [ARRAY + 24n, 5]);
  expect(viewParts(structures, layout, view({ lastPrototype: ARRAY + 16n }))).toEqual([
    { page: 0x1000, pages: 3, firstEntry: ARRAY },
    { page: 0x1003, pages: 5, firstEntry: ARRAY + 24n },
  ]);
  expect(viewParts(structures, layout, view({}))).toHaveLength(1);
});

test('subsections in a ring end', () => {
  const memory = chain([ARRAY, 1]).u64(SUBSECTION + 16n, SUBSECTION);
  expect(viewParts(memory.structures, layout, view({ lastPrototype: ARRAY }))).toHaveLength(1);
});

test.each<[string, Partial<Vad>]>([
  ['private', { isPrivate: true }],
  ['without entries', { firstPrototype: 0n }],
  ['with entries that end before they begin', { lastPrototype: ARRAY - 8n }],
  ['with entries that are not aligned', { firstPrototype: ARRAY + 4n }],
])('an area that is %s is no view', (_name, fields) => {
  expect(viewParts(chain([ARRAY, 8]).structures, layout, view(fields))).toEqual([]);
});
