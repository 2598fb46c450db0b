import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { machineCode } from '../../src/machine-code/machine-code.ts';
import {
  type Edge,
  HALF,
  halfAt,
  indexEdges,
  LARGER_HALF,
  NO_HALF,
} from '../../src/scan/edge-index.ts';
import type { Literal } from '../../src/scan/literal.ts';
import { literal, planted } from './literals.ts';
import { stands } from './naive.ts';

test('a literal cut at any place leaves a tail on one side and a head on the other', () => {
  fc.assert(
    fc.property(fc.array(literal, { minLength: 1, maxLength: 8 }), fc.nat(), (literals, seed) => {
      const tail = indexEdges(literals, 'tail');
      const head = indexEdges(literals, 'head');
      for (const { bytes } of literals) {
        for (let cut = 1; cut < bytes.length; cut += 1) {
          const first = new Uint8Array(256).fill(seed);
          const second = new Uint8Array(256).fill(seed);
          first.set(bytes.subarray(0, cut), 256 - cut);
          second.set(bytes.subarray(cut));
          const kinds = [halfAt(tail, first, 255, 256), halfAt(head, second, 0, 256)];
          expect(kinds).not.toContain(NO_HALF);
          expect(kinds).toContain(LARGER_HALF);
        }
      }
    }),
  );
});

test.each<Edge>(['tail', 'head'])('a %s is told exactly where there is one', (edge) => {
  fc.assert(
    fc.property(
      planted(64, [0, 64]),
      fc.integer({ min: 3, max: 64 }),
      ({ literals, text }, held) => {
        const nearest = edge === 'head' ? 0 : 63;
        expect(halfAt(indexEdges(literals, edge), text, nearest, held)).toBe(
          Math.max(...literals.map((one) => halfOf(one, edge, text, held))),
        );
      },
    ),
    { numRuns: 500 },
  );
});

(machineCode() === null ? test.skip : test).each<Edge>(['tail', 'head'])(
  'machine code makes the very same tables of a %s (needs Linux on x86-64)',
  (edge) => {
    fc.assert(
      fc.property(fc.array(literal, { maxLength: 40 }), (literals) => {
        const plain = indexEdges(literals, edge, undefined, null);
        const made = indexEdges(literals, edge);
        for (const table of ['near', 'isNear', 'isMore', 'heads', 'halves'] as const) {
          expect(Buffer.from(made[table].buffer).equals(Buffer.from(plain[table].buffer))).toBe(
            true,
          );
        }
      }),
    );
  },
);

test('an empty page is no half of an IPv4 address', () => {
  const bytes = Uint8Array.from(Buffer.from('35.178.122.152'));
  const page = new Uint8Array(4096);
  for (const edge of ['tail', 'head'] as const) {
    const index = indexEdges([{ bytes, ignoresCase: false }], edge);
    expect(halfAt(index, page, edge === 'head' ? 0 : 4095, 4096)).toBe(NO_HALF);
  }
});

test('where fewer than three bytes are known, the larger half is assumed', () => {
  const index = indexEdges([{ bytes: Uint8Array.of(1, 2, 3, 4), ignoresCase: false }], 'tail');
  expect(halfAt(index, Uint8Array.of(0, 9), 1, 2)).toBe(LARGER_HALF);
});

function halfOf(
  { bytes, ignoresCase }: Literal,
  edge: Edge,
  text: Uint8Array,
  held: number,
): number {
  let found: number = NO_HALF;
  for (let length = 1; length < Math.min(bytes.length, held + 1); length += 1) {
    const half = edge === 'head' ? bytes.slice(-length) : bytes.slice(0, length);
    const at = edge === 'head' ? 0 : text.length - length;
    if (!stands({ bytes: half, ignoresCase }, text, at)) continue;
    found = 2 * length >= bytes.length ? LARGER_HALF : HALF;
  }
  return found;
}
