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
          const text = isBefore ? beside + address : address + [...beside].toReversed().join('');
          expect(
            findText(address, `<${text}>`, encoding).filter(({ form }) => form === 'text'),
          ).toEqual([]);
        },
      ),
    );
  });
});

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

test('an address whose octets read the same backwards is one hit in its reverse name', () => {
  expect(formsIn('1.2.2.1', '1.2.2.1.in-addr.arpa')).toEqual(['reverse-name']);
});

describe('an IPv6 text', () => {
  test.each([
    '2001:db8::1',
    '2001:0DB8:0:0:0:0:0:1',
    '2001:0db8:0000:0000:0000:0000:0000:0001',
    '2001:db8::0.0.0.1',
    '2001:db8:0::1',
    '[2001:db8::1]:443',
    'peer:2001:db8::1: down',
    'node:2001:db8::1',
    'eth0:2001:db8::1',
    'to 2001:db8::1.',
    '2001:db8::1/64',
    '2001:db8::1%eth0',
    '%5B2001:db8::1%5D',
    '%5B2001%3Adb8%3A%3A1%5D%3A443',
    String.raw`\n2001:db8::1\n`,
    String.raw`\u00222001:db8::1\u0022`,
    String.raw`\x222001:db8::1\x22`,
    '1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa',
  ])('stands once in %j', (text) => expect(findText(IP6, text)).toHaveLength(1));

  test.each([
    '2001:db8::11',
    '2001:db8::1:1',
    '1:2001:db8::1',
    '12001:db8::1',
    'x2001:db8::1',
    'x1::2001:db8::1',
    'node::2001:db8::1',
    '2001:db8::1g',
    '2001:db8::1.5',
    '2001:db8:::1',
    '2001:db8::0::1',
    '2001:db8:1',
    '2001:db8:0:0:0:0:0:0:1',
    '2001:db8::0.0.0.256',
    '2001:db8::00001',
    `${'0:'.repeat(60)}2001:db8::1`,
  ])('does not stand in %j', (text) => expect(findText(IP6, text)).toEqual([]));

  test('is found whole, by whichever of its digits', () => {
    expect(findText('2001:db8:2001:db8::', 'a=2001:db8:2001:db8::,')).toMatchObject([
      { start: 3, length: 19 },
    ]);
  });

  const group = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff }));
  const groups = fc
    .tuple(group, group, group, group, group, group, group, group)
    .filter((all) => all.slice(0, 6).some((value) => value > 0))
    .filter((all) => !(all[5] === 0xffff && all.slice(0, 5).every((value) => value === 0)));

  test('is found in any spelling of any address', () => {
    fc.assert(
      fc.property(
        groups,
        fc.infiniteStream(fc.nat(1000)),
        fc.constantFrom('latin1' as const, 'utf16le' as const),
        (all, chance, encoding) => {
          const pick = (choices: number): number => Number(chance.next().value) % choices;
          const spelled = spell(all, pick);
          const given = all.map((value) => value.toString(16)).join(':');
          const [only] = findText(given, `[${spelled}]`, encoding);
          const width = encoding === 'latin1' ? 1 : 2;
          expect(only).toMatchObject({ start: 2 * width, length: spelled.length * width });
        },
      ),
      { numRuns: 1000 },
    );
  });
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
  const pieces = fc.constantFrom(
    ...[
      IP,
      '598899352',
      '0x23b27a98',
      '043.0262',
      '://',
      '//',
      '35%2E178%2E122%2E152',
      '::ffff:',
      '23b2:7a98',
    ],
    ...[
      '2001:db8::1',
      '2001%3Adb8%3A%3A1',
      '2001:0db8:0:0:0:0',
      ':0:1',
      'evil.example',
      'http',
      URL6,
    ],
    ...[
      '%22',
      '\\n',
      '\\u0022',
      '\\x22',
      '1',
      'a',
      'n',
      '.',
      ':',
      '/',
      '-',
      ' ',
      '\0',
      '%',
      '.in-addr.arpa',
      '?',
      '&',
      '2',
    ],
  );
  const text = fc.array(pieces, { minLength: 1, maxLength: 7 }).map((parts) => parts.join(''));

  test('never changes a firm answer', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...indicators),
        text,
        fc.boolean(),
        fc.nat(),
        fc.nat(),
        (given, middle, isWide, a, b) => {
          const encoding = isWide ? 'utf16le' : 'latin1';
          const whole = Buffer.from(`${' '.repeat(70)}${middle}${' '.repeat(70)}`, encoding);
          const indicator = parseIndicator(given);
          for (const pattern of patternsOf([indicator])) {
            const needle = Buffer.from(pattern.bytes);
            for (let at = whole.indexOf(needle); at >= 0; at = whole.indexOf(needle, at + 1)) {
              const full = recognise(pattern, indicator, whole, at);
              expect(full?.openBefore ?? false).toBe(false);
              expect(full?.openAfter ?? false).toBe(false);
              const from = at - (a % (BOUNDARY_BYTES / 8));
              const to = Math.min(at + needle.length + (b % (BOUNDARY_BYTES / 8)), whole.length);
              const cut = recognise(pattern, indicator, whole.subarray(from, to), at - from);
              if (cut?.openBefore || cut?.openAfter) continue;
              expect(cut && { ...cut, start: cut.start + from }).toEqual(full);
            }
          }
        },
      ),
      { numRuns: 4000 },
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

/** Prints groups in one of the ways of RFC 4291, 2.2. */
function spell(groups: readonly number[], pick: (choices: number) => number): string {
  const hasQuad = pick(4) === 0;
  const printed = groups.slice(0, hasQuad ? 6 : 8).map((value) => {
    const digits = value.toString(16);
    const padded = digits.padStart(digits.length + pick(5 - digits.length), '0');
    return pick(2) === 0 ? padded : padded.toUpperCase();
  });
  if (hasQuad)
    printed.push(
      groups
        .slice(6)
        .flatMap((value) => [value >> 8, value & 255])
        .join('.'),
    );

  const zeros = groups
    .slice(0, hasQuad ? 6 : 8)
    .flatMap((value, index) => (value === 0 ? [index] : []));
  const gap = pick(3) > 0 ? zeros[pick(zeros.length || 1)] : undefined;
  if (gap === undefined) return printed.join(':');
  let end = gap + 1;
  while (zeros.includes(end) && pick(3) > 0) end += 1;
  return `${printed.slice(0, gap).join(':')}::${printed.slice(end).join(':')}`;
}
