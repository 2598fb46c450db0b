import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseIndicator } from '../../src/indicator/parse-indicator.ts';
import { patternsOf } from '../../src/indicator/patterns.ts';
import { BOUNDARY_BYTES, recognise } from '../../src/indicator/recognise.ts';
import { find, findText, formsIn } from './find.ts';

const IP = '35.178.122.152';
const IP6 = '2001:db8::1';
const URL6 = 'http://evil.example/Path?x=1';

describe('an IPv4 text', () => {
  test.each([
    'v35.178.122.152:',
    'from 35.178.122.152.',
    'x=35.178.122.152;',
    '::ffff:35.178.122.152',
    'ip=%2235.178.122.152%22',
    String.raw`"\n35.178.122.152"`,
    String.raw`\u002235.178.122.152\u0022`,
    String.raw`\x2235.178.122.152`,
    '10.0.0.1-35.178.122.152',
    '35.178.122.152.nip.io',
    '...35.178.122.152...',
  ])('stands once in %j', (text) => {
    for (const encoding of ['latin1', 'utf16le'] as const) {
      const [only, ...others] = findText(IP, text, encoding);
      const own = text.indexOf(IP) + 1;
      const width = encoding === 'latin1' ? 1 : 2;
      expect(only).toMatchObject({ start: own * width, length: IP.length * width });
      expect(only).toMatchObject({ openBefore: false, openAfter: false });
      expect(others).toEqual([]);
    }
  });

  test.each([
    '135.178.122.152',
    '35.178.122.1520',
    '5.35.178.122.152',
    '35.178.122.152.7',
    '035.178.122.152',
    '35.178.122.152.in-addr.arpa',
    '35.178.122.152.IN-ADDR.ARPA.',
    '35.178.122',
    '35x178x122x152',
    '5%2e35%2e178%2e122%2e152',
    '%3135%2e178%2e122%2e152',
  ])('does not stand in %j', (text) => {
    expect(findText(IP, text)).toEqual([]);
    expect(findText(IP, text, 'utf16le')).toEqual([]);
  });

  test('is found in big-endian UTF-16 too, a character of which follows', () => {
    const text = Buffer.from(` ${IP} `, 'utf16le').swap16();
    expect(find(IP, text)).toHaveLength(1);
    expect(
      find(IP, Buffer.from(`1${IP} `, 'utf16le').swap16()).filter((hit) => !hit.openBefore),
    ).toEqual([]);
  });

  test('no digit beside it, near or behind a dot, is overlooked', () => {
    const near = fc.constantFrom('0', '1', '9', '1.', '25.');
    fc.assert(
      fc.property(
        fc.ipV4(),
        near,
        fc.boolean(),
        fc.constantFrom('latin1' as const, 'utf16le' as const),
        (address, beside, isBefore, encoding) => {
          fc.pre(!address.startsWith('0.'));
          const text = isBefore
            ? beside + address
            : address + beside.split('').toReversed().join('');
          expect(
            findText(address, `<${text}>`, encoding).filter(({ form }) => form === 'text'),
          ).toEqual([]);
        },
      ),
    );
  });
});

test('an address whose octets read the same backwards is one hit in its reverse name', () => {
  expect(formsIn('1.2.2.1', '1.2.2.1.in-addr.arpa')).toEqual(['reverse-name']);
});

describe('a domain', () => {
  test.each([
    ['evil.example', ['text']],
    ['EVIL.Example.', ['text']],
    ['https://evil.example/x', ['url']],
    ['https%3A%2F%2Fevil.example%2F', ['text']],
    [String.raw`"\nevil.example"`, ['text']],
    ['www.evil.example', ['subdomain']],
    ['me@evil.example', ['text']],
    ['.evil.example', ['text']],
    ['\x04evil\x07example\0', ['dns-wire']],
    ['\x03www\x04EVIL\x07example\0', ['subdomain']],
    ['devil.example', []],
    ['d-evil.example', []],
    ['_evil.example', []],
    ['evil.example.org', []],
    ['evil.examples', []],
    ['evil.example-x', []],
    ['\x04evil\x07example\x03org\0', []],
    ['\x05devil\x07example\0', []],
  ] as const)('in %j is %j', (text, forms) => expect(formsIn('evil.example', text)).toEqual(forms));

  test('is found in Unicode as well as in punycode', () => {
    for (const text of ['xn--bcher-kva.example', 'bücher.example']) {
      expect(formsIn('bücher.example', text, 'utf8')).toEqual(['text']);
      expect(formsIn('bücher.example', text, 'utf16le')).toEqual(['text']);
    }
  });
});

describe('a URL', () => {
  test.each([
    [URL6, 1],
    ['HTTP://EVIL.example/Path?x=1', 1],
    [`"${URL6}".`, 1],
    [`see ${URL6}, or`, 1],
    [`${URL6}#top`, 1],
    [encodeURIComponent(URL6), 1],
    [encodeURIComponent(URL6).toLowerCase().replace('path', 'Path'), 1],
    ['http://evil.example/path?x=1', 0],
    [encodeURIComponent('http://evil.example/path?x=1'), 0],
    [`${URL6}2`, 0],
    [`${URL6}&y=2`, 0],
    [`${URL6}.5`, 0],
    [`${encodeURIComponent(URL6)}%26y`, 0],
    [`x${URL6}`, 0],
  ])('with a path stands in %j %d times', (text, times) => {
    expect(findText(URL6, text)).toHaveLength(times);
    if (!text.includes('%')) expect(findText(URL6, text, 'utf16le')).toHaveLength(times);
  });

  test.each([
    ['http://evil.example', 1],
    ['http://evil.example/ HTTP/1.1', 1],
    ['u=http://evil.example&v=', 1],
    ['http://evil.example:8080/', 0],
    ['http://evil.example/a', 0],
    ['http://evil.example.org/', 0],
  ])('without a path stands in %j %d times', (text, times) =>
    expect(findText('http://evil.example/', text)).toHaveLength(times),
  );
});

describe('a window that ends', () => {
  const indicators = [IP, '10.8.0.1', IP6, 'evil.example', URL6, 'http://evil.example/'];
  const numbers = '://598899352 ://0x23b27a98 ://0x23.0xb2.0x7a.0x98 ://043.0262.0172.0230'.split(
    ' ',
  );
  const coded = '35%2E178%2E122%2E152 ::ffff:23b2:7a98 2001%3Adb8%3A%3A1 2001:0db8:0:0:0:0'.split(
    ' ',
  );
  const own = fc.constantFrom(...indicators, ...numbers, ...coded, ':0:1');
  const marks = String.raw`% %22 %2E \n \u0022 \x22 n x 1 2 a . : ::ffff: / // @ - ? & .in-addr.arpa`;
  const beside = fc.constantFrom(...marks.split(' '), ' ', '\0');
  const some = fc.array(beside, { maxLength: 3 }).map((parts) => parts.join(''));
  const text = fc.tuple(some, own, some).map((parts) => parts.join(''));

  test('never changes a firm answer', () => {
    fc.assert(
      fc.property(fc.constantFrom(...indicators), text, fc.boolean(), (given, middle, isWide) => {
        const padding = ' '.repeat(BOUNDARY_BYTES);
        const whole = Buffer.from(padding + middle + padding, isWide ? 'utf16le' : 'latin1');
        const indicator = parseIndicator(given);
        for (const pattern of patternsOf([indicator])) {
          const at = whole.indexOf(Buffer.from(pattern.bytes));
          if (at < 0) continue;
          const full = recognise(pattern, indicator, whole, at);
          expect([full?.openBefore ?? false, full?.openAfter ?? false]).toEqual([false, false]);
          const end = at + pattern.bytes.length;
          for (let before = 0; before < 16; before += 1) {
            for (let after = 0; after < 16; after += 1) {
              const window = whole.subarray(at - before, end + after);
              const cut = recognise(pattern, indicator, window, before);
              if (cut?.openBefore || cut?.openAfter) continue;
              const placed = cut && { ...cut, start: cut.start + at - before };
              if (placed?.start !== full?.start || placed?.length !== full?.length) {
                throw new Error(`${pattern.spelling} with ${before} and ${after} bytes around it`);
              }
            }
          }
        }
      }),
      { numRuns: 5000 },
    );
  });

  test.each([
    [`${IP} `, IP, true, false],
    [` ${IP}`, IP, false, true],
    [` ${IP}.`, IP, false, true],
    [`.${IP} `, IP, true, false],
    [` ${IP}.in-addr`, IP, false, true],
    ['db8::1 2001:db8', IP6, false, false],
    ['2001:db8::1 ', IP6, true, false],
    [' 2001:db8:', IP6, false, true],
    [' http://0x23b2', IP, false, true],
  ])('in %j leaves it open where it must', (cut, given, openBefore, openAfter) => {
    const found = find(given, Buffer.from(cut));
    if (!openBefore && !openAfter) expect(found.every((hit) => hit.openAfter)).toBe(true);
    else expect(found).toMatchObject([{ openBefore, openAfter }]);
  });
});
