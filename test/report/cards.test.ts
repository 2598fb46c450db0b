import { describe, expect, test } from '@jest/globals';
import type { Occurrence } from '../../src/attribute/occurrence.ts';
import { cardsOf } from '../../src/report/cards.ts';
import { attributionOf, holdingsWith, occurrenceOf } from '../support/fake-engine.ts';

const IP = '35.178.122.152';
const cards = (occurrences: Occurrence[], sent: number[] = []) =>
  cardsOf(
    attributionOf({
      sent,
      holdings: holdingsWith({ occurrences: occurrences.map((_, index) => index) }),
    }),
    occurrences,
  );
const around = (
  before: string,
  after: string,
  encoding: 'ascii' | 'utf16le' = 'ascii',
): Occurrence => {
  const coding = encoding === 'ascii' ? 'latin1' : 'utf16le';
  return occurrenceOf({
    encoding,
    context: Buffer.from(before + IP + after, coding),
    contextStart: Buffer.from(before, coding).length,
    length: Buffer.from(IP, coding).length,
  });
};

describe('a card', () => {
  test.each(['ascii', 'utf16le'] as const)(
    'shows 64 units on either side in %s, the indicator marked',
    (encoding) => {
      const [card] = cards([around('a'.repeat(100), 'b'.repeat(100), encoding)]);
      expect(card?.text).toBe('a'.repeat(64) + IP + 'b'.repeat(64));
      expect(card?.text.slice(card.at, card.at + card.length)).toBe(IP);
      expect(card?.bytes).toHaveLength((card?.text.length ?? 0) * (encoding === 'ascii' ? 2 : 4));
    },
  );

  test('shows what is not printable as dots in the text, and as it is in the bytes', () => {
    const [card] = cards([around('\r\n\u001b', '\0é')]);
    expect(card?.text).toBe(`...${IP}..`);
    expect(card?.bytes.slice(0, 6)).toBe('0d0a1b');
  });

  test('of bytes that were sent says that they lie in the kernel', () => {
    const [card] = cards([occurrenceOf({ owners: [] })], [0]);
    expect(card).toMatchObject({ region: 'sent bytes, kept by the kernel', virtualAddress: null });
  });
});

test('what was sent comes first, and the same text is shown once', () => {
  const list = [around('x ', ''), around('x ', ''), around('sent ', '')];
  expect(cards(list, [2]).map(({ text }) => text)).toEqual([`sent ${IP}`, `x ${IP}`]);
});

test('there are five at most', () => {
  const list = Array.from({ length: 9 }, (_, index) => around(`${index} `, ''));
  expect(cards(list)).toHaveLength(5);
});
