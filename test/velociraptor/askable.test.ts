import { expect, test } from '@jest/globals';
import { parseIndicator } from '../../src/indicator/parse-indicator.ts';
import { askable } from '../../src/velociraptor/askable.ts';

const all = (...texts: string[]) => texts.map((text) => parseIndicator(text));

test('addresses are asked for, and what is none is named', () => {
  expect(askable(all('evil.example', '203.0.113.7', '2001:db8::7', 'http://x.example/a'))).toEqual({
    addresses: ['203.0.113.7', '2001:db8::7'],
    notAsked: ['evil.example', 'http://x.example/a'],
  });
});

test('sixteen at once, and the rest is named', () => {
  const { addresses, notAsked } = askable(
    all(...Array.from({ length: 18 }, (_, last) => `203.0.113.${last}`)),
  );
  expect(addresses).toHaveLength(16);
  expect(notAsked).toEqual(['203.0.113.16', '203.0.113.17']);
});

test('without any address there is nothing to ask', () => {
  expect(() => askable(all('evil.example'))).toThrow(/IP addresses only/);
});
