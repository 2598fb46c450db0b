import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { findText } from './find.ts';

const IP6 = '2001:db8::1';

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
