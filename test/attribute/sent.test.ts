import { describe, expect, test } from '@jest/globals';
import { sentBy } from '../../src/attribute/sent.ts';
import { physical } from '../../src/memory/address.ts';
import type { SentRange } from '../../src/os/sent-range.ts';
import { fakeEngine, fakeMemory, occurrenceOf, processOf } from '../support/fake-engine.ts';

const range = (
  start: number,
  length: number,
  source: SentRange['source'] = 'page fragment',
): SentRange => ({
  start: physical(start),
  length,
  source,
});
const at = (address: number) =>
  occurrenceOf({ parts: [{ address: physical(address), length: 14 }] });
const sentIn = (text: string, ...ranges: SentRange[]) =>
  sentBy(
    fakeEngine({ sentRanges: () => ranges }),
    fakeMemory(0x4000, [{ at: 0x1000, bytes: text }]),
    [at(0x0fff), at(0x1000), at(0x10ff), at(0x1100), at(0x2000)],
  ).get(0);

describe('sent is', () => {
  test('what stands in the bytes of a range, its end excluded', () => {
    expect(sentIn('', range(0x1000, 0x100))?.last).toEqual([1, 2]);
  });

  test('what stands in the rest of the page apart, as earlier', () => {
    const sent = sentIn('', range(0x1000, 0x80), range(0x1080, 0x80, 'earlier fragment'));
    expect([sent?.last, sent?.earlier]).toEqual([[1], [2]]);
  });

  test('counted once where ranges overlap', () => {
    expect(sentIn('', range(0x1000, 0x100), range(0x1000, 0x100, 'send queue'))?.last).toEqual([
      1, 2,
    ]);
  });

  test('nothing for a process without ranges', () => {
    expect(sentIn('')).toBeUndefined();
  });
});

describe('a process asked for', () => {
  test.each([
    ['CONNECT evil.example:443 HTTP/1.1\r\n', ['evil.example']],
    ['GET http://joe:pw@Evil.Example:8080/a HTTP/1.1\r\n', ['evil.example']],
    ['GET / HTTP/1.1\r\nHost: a.example\r\n', ['a.example']],
    ['CONNECT [2001:db8::7]:443 HTTP/1.1', ['2001:db8::7']],
    ['POST https://b.example/ HTTP/1.1\r\nHost: b.example', ['b.example']],
    ['a page about http://c.example/', []],
    [
      Array.from({ length: 30 }, (_, n) => `Host: h${n}.example\r\n`).join(''),
      Array.from({ length: 16 }, (_, n) => `h${n}.example`),
    ],
  ])('%j: %j', (text, hosts) => {
    expect(sentIn(text, range(0x1000, 0x800))?.askedFor).toEqual(hosts);
  });

  test('no more is read than a bound, whatever the ranges claim', () => {
    const memory = fakeMemory(0x1000);
    let asked = 0;
    const counting = {
      ...memory,
      read(address: Parameters<typeof memory.read>[0], into: Uint8Array) {
        asked += into.length;
        return memory.read(address, into);
      },
    };
    const ranges = Array.from({ length: 10 }, () => range(0, 2 ** 40));
    sentBy(fakeEngine({ sentRanges: () => ranges, processes: [processOf()] }), counting, []);
    expect(asked).toBeLessThanOrEqual(2 ** 20);
  });
});
