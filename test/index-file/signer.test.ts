import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { CLASS_BITS, rowBytes } from '../../src/index-file/signature.ts';
import { wasmSigner } from '../../src/index-file/signer.ts';
import { fromRoot } from '../support/requires.ts';
import { naiveSignature } from './naive-signer.ts';

/** Zeros, few bytes, text, a part of noise, noise: signatures of every class. */
const page = fc
  .record({ seed: fc.nat(), values: fc.constantFrom(1, 2, 8, 20, 40, 90, 256), end: fc.nat(4096) })
  .map(({ seed, values, end }) => {
    let state = seed;
    return Uint8Array.from({ length: 4096 }, (_, at) => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return at < end ? (state >>> 24) % values : 0;
    });
  });

test('signatures and rows are what their description says', () => {
  const signer = wasmSigner();
  const seen = new Set<number>();
  fc.assert(
    fc.property(fc.array(page, { minLength: 1, maxLength: 12 }), (pages) => {
      const expected = CLASS_BITS.map((): Set<number>[] => []);
      for (const one of pages) {
        signer.page.set(one);
        const kind = signer.sign();
        const naive = naiveSignature(one);
        expect(kind).toBe(naive?.kind ?? -1);
        if (!naive) continue;
        seen.add(kind);
        signer.add(kind, expected[kind]?.length ?? 0);
        expected[kind]?.push(naive.slots);
      }
      for (const [kind, signatures] of expected.entries()) {
        if (signatures.length === 0) continue;
        expect(slotsIn(signer.takeRows(kind, signatures.length), kind, signatures.length)).toEqual(
          signatures,
        );
      }
    }),
    { numRuns: 12 },
  );
  expect(seen.size).toBeGreaterThan(4);
});

test('a group of more than one batch', () => {
  const signer = wasmSigner();
  const many = Array.from({ length: 150 }, (_, n) => Uint8Array.of(n & 0xff, n >> 8, 7));
  for (const [number, start] of many.entries()) {
    signer.page.fill(0).set(start);
    expect(signer.sign()).toBe(6);
    signer.add(6, number);
  }
  const expected = many.map((start) => {
    const whole = new Uint8Array(4096);
    whole.set(start);
    return naiveSignature(whole)?.slots;
  });
  expect(slotsIn(signer.takeRows(6, 150), 6, 150)).toEqual(expected);
});

function slotsIn(rows: Uint8Array, kind: number, pages: number): Set<number>[] {
  const length = rowBytes(pages);
  return Array.from({ length: pages }, (_, number) => {
    const slots = Array.from({ length: CLASS_BITS[kind] ?? 0 }, (__, slot) => slot);
    return new Set(
      slots.filter(
        (slot) => ((rows[slot * length + (number >> 3)] ?? 0) & (1 << (number & 7))) !== 0,
      ),
    );
  });
}

test.each(['signer', 'asker'])('%s-binary.ts is what assembly compiles to', (name) => {
  // In a process of its own: the compiler leaves something running.
  const script = fromRoot('src/index-file/assembly/compile.ts');
  const compiled = execFileSync(process.execPath, ['--import', 'tsx', script, name], {
    encoding: 'utf8',
  });
  expect(compiled).toBe(readFileSync(fromRoot(`src/index-file/${name}-binary.ts`), 'utf8'));
});
