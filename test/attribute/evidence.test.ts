import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { evidenceOf, type Facts } from '../../src/attribute/evidence.ts';
import { POINTS } from '../../src/attribute/weights.ts';
import { holdingsWith } from '../support/fake-engine.ts';

const facts = (changes: Partial<Facts> = {}): Facts => ({
  process: { commandLine: null },
  holdings: holdingsWith({ units: 1 }),
  sentLast: 0,
  sentEarlier: 0,
  askedFor: [],
  isConnectedToProxy: false,
  isConnectedToIndicator: false,
  carrier: null,
  httpLibrary: null,
  names: ['35.178.122.152'],
  ...changes,
});
const kinds = (changes: Partial<Facts>): string[] =>
  evidenceOf(facts(changes)).map(({ kind }) => kind);
const NOTHING = holdingsWith({ units: 0, occurrences: [], byForm: new Map(), exclusive: 0 });

describe('what counts', () => {
  test.each<[string, Partial<Facts>, string[]]>([
    ['holding alone', {}, ['holding']],
    ['what was sent last', { sentLast: 2 }, ['sent-bytes', 'holding']],
    ['what was sent earlier', { sentEarlier: 1 }, ['sent-earlier', 'holding']],
    [
      'earlier requests not beside later ones',
      { sentLast: 1, sentEarlier: 1 },
      ['sent-bytes', 'holding'],
    ],
    [
      'the proxy, for whoever holds it',
      { isConnectedToProxy: true },
      ['socket-to-proxy', 'holding'],
    ],
    ['not the proxy for whoever does not', { isConnectedToProxy: true, holdings: NOTHING }, []],
    [
      'a connection to itself',
      { isConnectedToIndicator: true, holdings: NOTHING },
      ['socket-to-indicator'],
    ],
    [
      'a request in own memory',
      { holdings: holdingsWith({ units: 1, requests: 1 }) },
      ['holding', 'request-text'],
    ],
    [
      'private code',
      { holdings: holdingsWith({ units: 1, inPrivateCode: 1 }) },
      ['private-code', 'holding'],
    ],
    [
      'an unusual library',
      { httpLibrary: { name: 'winhttp.dll', why: 'no use' } },
      ['holding', 'http-library'],
    ],
    [
      'no library of whoever holds nothing',
      { httpLibrary: { name: 'winhttp.dll', why: 'no use' }, holdings: NOTHING },
      [],
    ],
    [
      'the command line',
      { process: { commandLine: 'curl 35.178.122.152' } },
      ['holding', 'command-line'],
    ],
    [
      'three forms',
      {
        holdings: holdingsWith({
          units: 1,
          byForm: new Map([
            ['text', 1],
            ['url', 1],
            ['ip-port', 1],
          ]),
        }),
      },
      ['holding', 'several-forms'],
    ],
  ])('%s', (_, changes, expected) =>
    expect(kinds(changes).toSorted()).toEqual(expected.toSorted()),
  );
});

describe('discounts', () => {
  const carrier = { kind: 'terminal or shell', factor: 0.25, reason: 'typed' };

  test('of a browser only what it merely holds counts less', () => {
    const browser = { ...carrier, isOfContent: true, discountsBehaviour: false };
    const found = evidenceOf(
      facts({
        carrier: browser,
        holdings: holdingsWith({ units: 1, requests: 1 }),
        process: { commandLine: 'chrome 35.178.122.152' },
      }),
    );
    const discounted = found.filter(({ discount }) => discount !== null);
    expect(discounted.map(({ kind }) => kind)).toEqual(['holding']);
    expect(found).toHaveLength(3);
  });

  test('a carrier’s holdings count less, its behaviour does not', () => {
    const [sent, holding] = evidenceOf(facts({ carrier, sentLast: 1 }));
    expect([sent?.points, sent?.discount]).toEqual([POINTS['sent-bytes'].points, null]);
    expect([holding?.points, holding?.discount]).toEqual([15 * 0.25, '× 0.25: typed']);
  });

  test('a local proxy’s behaviour counts less too', () => {
    const [sent] = evidenceOf(
      facts({ carrier: { ...carrier, discountsBehaviour: true }, sentLast: 1 }),
    );
    expect(sent?.points).toBe(10);
  });

  test('a connection to the proxy counts less where the last requests were for others', () => {
    const [socket] = evidenceOf(facts({ isConnectedToProxy: true, askedFor: ['other.example'] }));
    expect(socket?.points).toBe(5);
    expect(socket?.discount).toContain('other.example');
  });

  test('but not where one of them was for the indicator', () => {
    const [socket] = evidenceOf(
      facts({ isConnectedToProxy: true, askedFor: ['other.example', '35.178.122.152'] }),
    );
    expect([socket?.points, socket?.discount]).toEqual([25, null]);
  });
});

test('behaviour stands first, then the largest; points never exceed their bound', () => {
  fc.assert(
    fc.property(
      fc.float({ min: 0, max: 1000, noNaN: true }),
      fc.nat(9),
      fc.boolean(),
      (units, requests, proxy) => {
        const list = evidenceOf(
          facts({
            holdings: holdingsWith({ units, requests }),
            isConnectedToProxy: proxy,
            sentLast: requests,
          }),
        );
        const order = list.map(({ kind, points }) => [Number(POINTS[kind].behaviour), points]);
        expect(order).toEqual(order.toSorted(([a = 0, b = 0], [c = 0, d = 0]) => c - a || d - b));
        for (const { kind, points } of list) {
          expect(points).toBeGreaterThanOrEqual(0);
          expect(points).toBeLessThanOrEqual(POINTS[kind].points);
        }
      },
    ),
  );
});

const pointsOf = (units: number): number =>
  evidenceOf(facts({ holdings: holdingsWith({ units }) }))[0]?.points ?? 0;

test('holding more never counts less', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0.01, max: 1e6, noNaN: true }),
      fc.double({ min: 0, max: 1e6, noNaN: true }),
      (units, more) => {
        expect(pointsOf(units + more)).toBeGreaterThanOrEqual(pointsOf(units));
      },
    ),
  );
});
