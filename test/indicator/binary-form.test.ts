import { describe, expect, test } from '@jest/globals';
import { find, formsIn } from './find.ts';

const IP = '35.178.122.152';
const NAME = 'evil.example';

const forms = (lead: string): string[] => formsIn(NAME, `${lead}\x04evil\x07example\0`);

describe('bytes', () => {
  const V4 = '23b27a98';
  const V6 = '20010db8000000000000000000000001';
  const MAPPED = `${'00'.repeat(10)}ffff${V4}`;

  test.each([
    [IP, `ff${V4}ff`, 'ipv4-bytes'],
    [IP, `020001bb${V4}${'00'.repeat(8)}`, 'sockaddr-in'],
    [IP, `02000000${V4}${'00'.repeat(8)}`, 'ipv4-bytes'],
    [IP, `020001bb${V4}${'00'.repeat(7)}01`, 'ipv4-bytes'],
    [IP, `020001bb${V4}`, 'ipv4-bytes'],
    [IP, `c00c000100010000003c0004${V4}`, 'dns-answer'],
    [IP, `c00c000100018000003c0004${V4}`, 'ipv4-bytes'],
    [IP, `c00c001c00010000003c0004${V4}`, 'ipv4-bytes'],
    [IP, `0a0001bb00000000${MAPPED}00000000`, 'sockaddr-in6'],
    [IP, `aa${MAPPED}`, 'ipv4-mapped'],
    ['2001:db8::1', `0a0001bb00000000${V6}00000000`, 'sockaddr-in6'],
    ['2001:db8::1', `170001bb00000000${V6}00000000`, 'sockaddr-in6'],
    ['2001:db8::1', `0a00000000000000${V6}00000000`, 'ipv6-bytes'],
    ['2001:db8::1', `c00c001c00010000003c0010${V6}`, 'dns-answer'],
    ['2001:db8::1', V6, 'ipv6-bytes'],
  ])('of %s in %s are one hit, %s', (given, bytes, form) => {
    expect(find(given, Buffer.from(bytes, 'hex'))).toMatchObject([{ form }]);
  });

  test('before a long name can be the lengths of a TLS server name', () => {
    for (const name of [NAME, `${'a'.repeat(50)}.${NAME}`]) {
      const head = Buffer.from([0, 0, 0, name.length + 5, 0, name.length + 3, 0, 0, name.length]);
      const hello = Buffer.concat([Buffer.alloc(8, 0xff), head, Buffer.from(`${name}\0\x17\0\0`)]);
      expect(find(name, hello)).toMatchObject([{ form: 'tls-sni', openBefore: false }]);
      hello[8 + 3] = 1;
      expect(find(name, hello)).toMatchObject([{ form: 'text' }]);
    }
  });

  test('before a name on the wire make it a subdomain only as a whole label', () => {
    expect(forms('\x03www')).toEqual(['subdomain']);
    expect(forms('\x04www')).toEqual(['dns-wire']);
    expect(forms('\0\0')).toEqual(['dns-wire']);
  });
});
