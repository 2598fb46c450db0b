import { expect, test } from '@jest/globals';
import { seamTexts } from '../../src/attribute/seam-texts.ts';
import { parseIndicator } from '../../src/indicator/parse-indicator.ts';
import { patternsOf } from '../../src/indicator/patterns.ts';
import { frame, PAGE_BYTES, virtual } from '../../src/memory/address.ts';
import { fakeMemory } from '../support/fake-engine.ts';

const INDICATORS = [parseIndicator('35.178.122.152')];
const SEAM = { space: 0, address: virtual(0x10_0000n), first: frame(3), second: frame(9) };

/** What is found where this stands so many bytes before the seam. */
function texts(text: string | Uint8Array, before: number) {
  const bytes = typeof text === 'string' ? Buffer.from(text, 'latin1') : text;
  const memory = fakeMemory(16 * PAGE_BYTES, [
    { at: 4 * PAGE_BYTES - before, bytes: bytes.subarray(0, before) },
    { at: 9 * PAGE_BYTES, bytes: bytes.subarray(before) },
  ]);
  const question = { indicators: INDICATORS, patterns: patternsOf(INDICATORS) };
  return [...seamTexts(question, [SEAM], memory)].map(({ window, recognition, pattern }) => ({
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

test('of a seam whose second frame the image lacks nothing is told', () => {
  const memory = fakeMemory(4 * PAGE_BYTES, [{ at: 4 * PAGE_BYTES - 8, bytes: '35.178.1' }]);
  const question = { indicators: INDICATORS, patterns: patternsOf(INDICATORS) };
  expect([...seamTexts(question, [SEAM], memory)]).toEqual([]);
});
