import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseIndicator, parseIndicators } from '../../src/indicator/parse-indicator.ts';
import { MAX_PATTERN_BYTES, patternsOf } from '../../src/indicator/patterns.ts';

const literalsOf = (given: string): string[] =>
  patternsOf([parseIndicator(given)])
    .filter(({ encoding }) => encoding !== 'utf16le')
    .map(({ bytes }) => Buffer.from(bytes).toString('latin1'));

test.each([
  ['35.178.122.152', 12],
  ['2001:db8::1', 6],
  ['evil.example', 3],
  ['bücher.example', 5],
  ['http://evil.example/x', 3],
])('%s costs %d literals', (given, count) => {
  expect(patternsOf([parseIndicator(given)])).toHaveLength(count);
});

test('an IPv4 address is looked for in these literals, and some of them in UTF-16', () => {
  expect(literalsOf('35.178.122.152')).toEqual([
    '35.178.122.152',
    '35%2e178%2e122%2e152',
    '%33%35%2e%31%37%38%2e%31%32%32%2e%31%35%32',
    '598899352',
    '://0',
    '152.122.178.35.in-addr.arpa',
    '\x03152\x03122\x03178\x0235\x07in-addr\x04arpa\0',
    ':ffff:23b2:7a98',
    '\x23\xb2\x7a\x98',
  ]);
});

test.each([
  ['2001:db8::1', '2001:'],
  ['2a00:1450:4009:81f::200e', '2a00:1450:4009:'],
  ['64:ff9b::1', '64:ff9b:'],
  ['64:0:ff9b::1', ':ff9b:'],
  ['1::', '1:'],
  ['fe80::1234:5678:9abc:def0', ':1234:5678:'],
])('%s is anchored by %s', (given, run) => {
  const literals = literalsOf(given);
  expect(literals[0]).toBe(run);
  expect(literals[1]).toBe(run.replaceAll(':', '%3a'));
});

test('a literal is in lower case where case is ignored, and within the scan’s bounds', () => {
  const given = fc.oneof(fc.ipV4(), fc.domain(), fc.webUrl({ withQueryParameters: true }));
  fc.assert(
    fc.property(fc.array(given), (texts) => {
      const indicators = parseIndicators(texts.filter((text) => !text.startsWith('0.')));
      const patterns = patternsOf(indicators);
      expect(patternsOf(indicators)).toEqual(patterns);
      for (const { indicator, bytes, ignoresCase, cased } of patterns) {
        expect(indicator).toBeLessThan(indicators.length);
        expect(bytes.length).toBeGreaterThanOrEqual(2);
        expect(bytes.length).toBeLessThanOrEqual(MAX_PATTERN_BYTES);
        expect(ignoresCase && bytes.some((byte) => byte >= 0x41 && byte <= 0x5a)).toBe(false);
        expect(cased?.bytes.length ?? bytes.length).toBe(bytes.length);
      }
    }),
  );
});

test('a URL too long for a page in one spelling is still looked for in the others', () => {
  const patterns = patternsOf([parseIndicator(`http://evil.example/${'?'.repeat(2000)}`)]);
  expect(patterns.map(({ spelling }) => spelling)).toEqual(['text', 'text']);
});
