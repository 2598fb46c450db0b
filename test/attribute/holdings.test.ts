import { describe, expect, test } from '@jest/globals';
import { holdingsOf, isBare } from '../../src/attribute/holdings.ts';
import type { Occurrence } from '../../src/attribute/occurrence.ts';
import { FACTORS, PLACES } from '../../src/attribute/weights.ts';
import { virtual } from '../../src/memory/address.ts';
import { fakeEngine, occurrenceOf, ownerOf, regionOf } from '../support/fake-engine.ts';

const hold = (...occurrences: Occurrence[]) =>
  holdingsOf(
    0,
    occurrences.map((_, index) => index),
    occurrences,
    fakeEngine(),
  );
const inRegion = (kind: Parameters<typeof regionOf>[0], changes: Partial<Occurrence> = {}) =>
  occurrenceOf({ owners: [ownerOf({ region: regionOf(kind) })], ...changes });

describe('units', () => {
  const TEXT = 0.4;
  test.each<[string, Occurrence[], number]>([
    ['a text in a heap', [inRegion('heap')], TEXT * PLACES.heap.factor],
    ['in a mapped file', [inRegion('file')], TEXT * PLACES.file.factor],
    [
      'in a region that could not be read',
      [occurrenceOf({ owners: [ownerOf({ region: null })] })],
      TEXT * PLACES.unknown.factor,
    ],
    [
      'four alike: the root of four',
      Array.from({ length: 4 }, () => inRegion('heap')),
      2 * TEXT * PLACES.heap.factor,
    ],
    [
      'two places add up',
      [inRegion('heap'), inRegion('file')],
      TEXT * (PLACES.heap.factor + PLACES.file.factor),
    ],
    [
      'shared with another process',
      [occurrenceOf({ owners: [ownerOf(), ownerOf({ process: 1 })] })],
      TEXT * PLACES.heap.factor * FACTORS.shared.factor,
    ],
    [
      'where the kernel’s books contradict',
      [occurrenceOf({ owners: [ownerOf({ agreement: 'contradicted' })] })],
      TEXT * PLACES.heap.factor * FACTORS.contradicted.factor,
    ],
    ['bare bytes', [inRegion('heap', { form: 'ipv4-bytes', encoding: 'binary' })], 0],
  ])('%s', (_, occurrences, units) => expect(hold(...occurrences).units).toBeCloseTo(units, 10));
});

describe('counts', () => {
  test('forms, regions and what no other process maps', () => {
    const { byForm, byRegion, exclusive } = hold(
      inRegion('heap'),
      inRegion('stack', { form: 'url' }),
      occurrenceOf({ owners: [ownerOf(), ownerOf({ process: 3 })] }),
    );
    expect([...byForm]).toEqual([
      ['url', 1],
      ['text', 2],
    ]);
    expect([...byRegion]).toEqual([
      ['stack', 1],
      ['heap', 2],
    ]);
    expect(exclusive).toBe(2);
  });

  test.each<[string, Occurrence, number]>([
    ['a request in the heap', inRegion('heap', { form: 'connect-request' }), 1],
    ['a request in a mapped log', inRegion('file', { form: 'connect-request' }), 0],
    [
      'a request that others map too',
      occurrenceOf({ form: 'host-header', owners: [ownerOf(), ownerOf({ process: 1 })] }),
      0,
    ],
    ['a URL', inRegion('heap', { form: 'url' }), 0],
  ])('%s: %#', (_, occurrence, requests) => expect(hold(occurrence).requests).toBe(requests));

  test.each<[string, Occurrence, number]>([
    ['executable anonymous memory', occurrenceOf({ owners: [ownerOf({ isExecutable: true })] }), 1],
    [
      'executable file memory',
      occurrenceOf({ owners: [ownerOf({ isExecutable: true, region: regionOf('file') })] }),
      0,
    ],
    ['plain heap', inRegion('heap'), 0],
  ])('private code: %s', (_, occurrence, count) =>
    expect(hold(occurrence).inPrivateCode).toBe(count),
  );

  test('what stands in a list of addresses counts a fifth, and is no request', () => {
    const text = Array.from({ length: 40 }, (_, index) => `CONNECT 10.0.0.${index}:443 `).join('');
    const engine = fakeEngine({}, [{ at: 0x10_0000n, bytes: text }]);
    const occurrence = occurrenceOf({
      form: 'connect-request',
      owners: [ownerOf({ address: virtual(0x10_0100n) })],
    });
    const { inLists, requests, units } = holdingsOf(0, [0], [occurrence], engine);
    expect([inLists, requests]).toEqual([1, 0]);
    expect(units).toBeCloseTo(PLACES.heap.factor * FACTORS.list.factor);
  });

  test('the most telling form comes first', () => {
    expect(
      hold(inRegion('heap'), inRegion('heap', { form: 'connect-request' })).occurrences,
    ).toEqual([1, 0]);
  });
});

test('bare are the forms that chance makes', () => {
  expect(isBare('ipv4-bytes')).toBe(true);
  expect(isBare('text')).toBe(false);
});
