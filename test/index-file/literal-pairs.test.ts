import { expect, test } from '@jest/globals';
import { literalName } from '../../src/index-file/candidates.ts';
import { slotsOf } from '../../src/index-file/literal-pairs.ts';
import { naiveSignature } from './naive-signer.ts';

const literal = (text: string, ignoresCase = false) => ({
  bytes: Buffer.from(text, 'utf16le'),
  ignoresCase,
});

/** Whether a page with only this text in UTF-16 is a candidate. */
function isCandidate(sought: ReturnType<typeof literal>, text: string): boolean {
  const page = new Uint8Array(4096);
  page.set(Buffer.from(text, 'utf16le'), 101);
  const { kind, slots } = naiveSignature(page) ?? { kind: 0, slots: new Set<number>() };
  const places = slotsOf(sought)?.[kind] ?? [];
  return places.every((either) => either.some((slot) => slots.has(slot)));
}

test('a page of UTF-16 with the same letters in another order is no candidate', () => {
  const address = literal('203.0.113.77');
  expect(isCandidate(address, 'at 203.0.113.77 now')).toBe(true);
  expect(isCandidate(address, '35.178.122.150 and 192.168.47.6')).toBe(false);
});

test('letters in either case are candidates where case does not matter', () => {
  const name = literal('c2.example', true);
  for (const text of ['c2.example', 'C2.EXAMPLE', 'see http://C2.eXample/']) {
    expect([literalName(name), text, isCandidate(name, text)]).toEqual([
      literalName(name),
      text,
      true,
    ]);
  }
  expect(isCandidate(name, 'pm.a2x cel.e')).toBe(false);
});
