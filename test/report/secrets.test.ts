import { describe, expect, test } from '@jest/globals';
import { secretsIn } from '../../src/report/secrets.ts';

const found = (text: string, isCommandLine = false): string[] =>
  secretsIn(text, isCommandLine).map(({ start, end }) => text.slice(start, end));

describe('secrets in text', () => {
  test.each([
    ['Authorization: Basic abc=', 'Basic abc='],
    ['authorization:Bearer x.y', 'Bearer x.y'],
    ['x-session-token: 42', '42'],
    ['ftp://user:p@ss@host/', 'user:p@ss'],
    ['passwd=1', '1'],
    ['"access_token" : "a b"', 'a b'],
    ["PRIVATE_KEY='k'", 'k'],
    ['PHPSESSID=q; x=y', 'q'],
    ['ghp_0123456789abcdefghij0123', 'ghp_0123456789abcdefghij0123'],
  ])('%s', (text, secret) => expect(found(text)).toContain(secret));

  test.each([
    ['GET /index.html HTTP/1.1'],
    ['http://35.178.122.152/a?q=1@2'],
    ['User-Agent: curl/7.88.1'],
    ['/usr/share/fonts/truetype/dejavu/DejaVuSans'],
    ['-u joe'],
    ['abcdefghijklmnopqrstuvwxyzabcdef'],
  ])('none in %s', (text) => expect(found(text)).toEqual([]));

  test('options count in command lines only', () => {
    expect(found('mysql -psecret')).toEqual([]);
    expect(found('mysql -psecret', true)).toEqual(['secret']);
  });

  test('says whether a name or only the look betrays it', () => {
    expect(secretsIn('0123456789abcdef0123456789abcdef', false)[0]?.kind).toBe('random');
    expect(secretsIn('token=1', false)[0]?.kind).toBe('named');
  });
});
