import { expect, test } from '@jest/globals';
import { seamTexts } from '../../src/attribute/seam-texts.ts';
import { parseIndicator } from '../../src/indicator/parse-indicator.ts';
import { patternsOf } from '../../src/indicator/patterns.ts';
import { frame, virtual } from '../../src/memory/address.ts';
import { fakeEngine } from '../support/fake-engine.ts';

const INDICATORS = [parseIndicator('35.178.122.152')];
const SEAM = { space: 0, address: virtual(0x10_0000n), first: frame(3), second: frame(9) };

/** What is found where this stands so many bytes before the seam. */
function texts(text: string | Uint8Array, before: number) {
  const engine = fakeEngine({}, [
    { at: 0x10_1000n - BigInt(before), bytes: text },
    // The second page is there in any case.
    { at: 0x10_1ff0n, bytes: 'end' },
  ]);
  const question = { indicators: INDICATORS, patterns: patternsOf(INDICATORS) };
  return [...seamTexts(question, [SEAM], engine)].map(({ window, recognition, pattern }) => ({
    from: recognition.start - window.edge,
    length: recognition.length,
    encoding: pattern.encoding,
  }));
}

test.each([1, 5, 13])('a text that begins %d bytes before the seam is found', (before) => {
  expect(texts(' 35.178.122.152 ', before + 1)).toEqual([
    { from: -before, length: 14, encoding: 'ascii' },
  ]);
});

test.each([
  ['ends with the page', 14],
  ['begins with the next page', 0],
])('one that %s is the scan’s', (_, before) => {
  expect(texts(' 35.178.122.152 ', before + 1)).toEqual([]);
});

test('UTF-16 over a seam is found', () => {
  expect(texts(Buffer.from(' 35.178.122.152 ', 'utf16le'), 12)).toEqual([
    { from: -10, length: 28, encoding: 'utf16le' },
  ]);
});

test('a longer number over a seam is none', () => {
  expect(texts('135.178.122.152', 6)).toEqual([]);
});
