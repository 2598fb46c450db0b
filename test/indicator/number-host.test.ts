import { expect, test } from '@jest/globals';
import { formsIn } from './find.ts';

const IP = '35.178.122.152';

test.each([
  ['http://598899352/', ['url-decimal']],
  ['http://me@598899352:80', ['url-decimal']],
  ['id 598899352', []],
  ['a/598899352', []],
  ['http://5988993520/', []],
  ['http://598899352.example/', []],
  ['http://0x23b27a98/', ['url-hex']],
  ['HTTP://0X23B27A98', ['url-hex']],
  ['http://0x0023b27a98:8080/', ['url-hex']],
  ['http://0x23.0xb2.0x7a.0x98/x', ['url-hex']],
  ['http://0x23.178.0172.152./', ['url-hex']],
  ['http://0x23.0xb27a98', ['url-hex']],
  ['http://043.0262.0172.0230/', ['url-octal']],
  ['http://0043.0262.0172.0230/', ['url-octal']],
  ['http://04354475230/', ['url-octal']],
  ['http://0x23b27a98.example/', []],
  ['http://0x23b27a98@host/', []],
  ['http://0x23b27a9801/', []],
  ['http://0x23b27a99/', []],
  ['http://0x23.0xb2.0x7a.0x98.1/', []],
  ['http://00000000000000000000000000000000043.0262.0172.0230/', []],
  ['ptr 0x23b27a98', []],
  ['http://35%2E178%2e122%2E152/', ['url-percent']],
  ['http://%33%35%2e%31%37%38%2E%31%32%32%2e%31%35%32/', ['url-percent']],
  ['152.122.178.35.in-addr.arpa', ['reverse-name']],
  ['152.122.178.35.IN-ADDR.ARPA.', ['reverse-name']],
  ['5.152.122.178.35.in-addr.arpa', []],
  ['1152.122.178.35.in-addr.arpa', []],
  ['152.122.178.35.in-addr.arpa.example', []],
  ['\x03152\x03122\x03178\x0235\x07in-addr\x04arpa\0\0\x0c\0\x01', ['reverse-name']],
  ['::ffff:23b2:7a98', ['ipv4-mapped']],
  ['0:0:0:0:0:FFFF:23B2:7A98', ['ipv4-mapped']],
  ['::fffe:23b2:7a98', []],
  ['#\u0023\u00b2\u007a\u0098', ['ipv4-bytes']],
] as const)('an IPv4 address in %j is %j', (text, forms) =>
  expect(formsIn(IP, text)).toEqual(forms),
);

test.each([
  ['http://598899352/', ['url-decimal']],
  ['http://0x23b27a98/', ['url-hex']],
  ['http://043.0262.0172.0230/', ['url-octal']],
] as const)('an IPv4 address in UTF-16 in %j is %j', (text, forms) =>
  expect(formsIn(IP, text, 'utf16le')).toEqual(forms),
);
