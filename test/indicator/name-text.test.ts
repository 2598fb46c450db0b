import { expect, test } from '@jest/globals';
import { canonicalDomain, canonicalUrl } from '../../src/indicator/name-text.ts';

test.each([
  ['Evil.EXAMPLE.', 'evil.example'],
  ['bücher.example', 'xn--bcher-kva.example'],
  ['a_b.example', 'a_b.example'],
])('canonicalDomain(%j) is %j', (text, name) => expect(canonicalDomain(text)).toBe(name));

test.each([
  '',
  'com',
  'a..b',
  '-a.b',
  'a-.b',
  'a b.c',
  'a/b.c',
  'a?b.c',
  'a@b.c',
  'a%2eb.c',
  'xn--\u00fc.b',
  `${'a.'.repeat(127)}b`,
])('canonicalDomain(%j) throws', (text) => expect(() => canonicalDomain(text)).toThrow(RangeError));

test.each([
  ['HTTP://Evil.Example:80/A/../B?C=d#e', 'http://evil.example/B?C=d'],
  ['ws://evil.example', 'ws://evil.example/'],
])('canonicalUrl(%j) is %j', (text, url) => expect(canonicalUrl(text)).toBe(url));

test.each(['file:///etc/passwd', 'javascript://x', 'http://', 'http://a b/'])(
  'canonicalUrl(%j) throws',
  (text) => expect(() => canonicalUrl(text)).toThrow(RangeError),
);
