import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { claimedRuns, type Claim } from '../../src/image/claimed-runs.ts';
import { readRuns } from '../../src/image/stored-memory.ts';
import { physical } from '../../src/memory/address.ts';

const STORED = 600;
const claims = fc.array(
  fc.record({ start: fc.nat(500), length: fc.nat(120), fileOffset: fc.nat(700) }),
  { maxLength: 20 },
);
/** The bytes of a claim that the file really has. */
const heldBytes = ({ length, fileOffset }: Claim): number =>
  Math.max(0, Math.min(length, STORED - fileOffset));

test('runs ascend, never overlap, and hold exactly the bytes that some claim has in the file', () => {
  fc.assert(
    fc.property(claims, (list) => {
      const { runs } = claimedRuns(list, STORED);
      const held = new Set<number>();
      for (const claim of list) {
        for (let skip = 0; skip < heldBytes(claim); skip += 1) held.add(claim.start + skip);
      }
      let end = -1;
      let bytes = 0;
      for (const { start, length, fileOffset } of runs) {
        expect(start).toBeGreaterThanOrEqual(end);
        expect(fileOffset + length).toBeLessThanOrEqual(STORED);
        for (let skip = 0; skip < length; skip += 1) expect(held.has(start + skip)).toBe(true);
        end = start + length;
        bytes += length;
      }
      expect(bytes).toBe(held.size);
    }),
  );
});

test('each byte comes from a place where a claim says it is', () => {
  fc.assert(
    fc.property(claims, fc.nat(620), (list, at) => {
      const { runs } = claimedRuns(list, STORED);
      const places = list
        .filter((claim) => at >= claim.start && at < claim.start + heldBytes(claim))
        .map((claim) => claim.fileOffset + at - claim.start);
      const seen: number[] = [];
      const count = readRuns(runs, physical(at), new Uint8Array(1), (offset) => seen.push(offset));
      expect(count).toBe(places.length === 0 ? 0 : 1);
      expect(seen.every((offset) => places.includes(offset))).toBe(true);
    }),
  );
});

test('a claim that wraps or passes 52 bits is left out, with a warning', () => {
  const { runs, warnings } = claimedRuns(
    [
      { start: 2 ** 52 - 10, length: 20, fileOffset: 0 },
      { start: 2 ** 64, length: 5, fileOffset: 0 },
      { start: 0, length: 5, fileOffset: 0 },
    ],
    STORED,
  );
  expect(runs).toEqual([{ start: 0, length: 5, fileOffset: 0 }]);
  expect(warnings).toEqual([expect.stringContaining('2 of 3 ranges lie beyond the 52 bits')]);
});
