import { describe, expect, test } from '@jest/globals';
import { indicatorOf, indicatorsOf, roleOf } from '../../src/case/indicators.ts';
import { MAX_INDICATORS } from '../../src/indicator/parse-indicator.ts';
import type { Observable } from '../../src/thehive/thehive.ts';

const TAGS = ['memory-image'];

const observable = (changes: Partial<Observable> = {}): Observable => ({
  id: '~1',
  dataType: 'ip',
  data: '203.0.113.7',
  attachment: null,
  message: '',
  tags: [],
  tlp: 2,
  createdBy: 'ana',
  createdAt: 0,
  ...changes,
});

describe('the role of an observable', () => {
  test.each([
    ['ip', [], 'indicator'],
    ['domain', [], 'indicator'],
    ['fqdn', [], 'indicator'],
    ['hostname', [], 'indicator'],
    ['url', [], 'indicator'],
    ['url', ['Memory-Image '], 'image'],
    ['file', ['memory-image'], 'image'],
    ['file', [], null],
    ['mail', [], null],
    ['IP', [], null],
  ])('%s with tags %j: %s', (dataType, tags, role) => {
    expect(roleOf({ dataType, tags }, TAGS)).toBe(role);
  });
});

describe('the indicators of a case', () => {
  test('one spelling of each, but every observable that names it', () => {
    const { indicators, sources } = indicatorsOf(
      [
        observable({ id: '~1', data: '203[.]0[.]113[.]7' }),
        observable({ id: '~2', data: '203.0.113.7:443' }),
        observable({ id: '~3', dataType: 'domain', data: 'EVIL.example' }),
      ],
      TAGS,
    );
    expect(indicators.map(({ text }) => text)).toEqual(['203.0.113.7', 'evil.example']);
    expect(sources.map(({ indicator, observable: { id } }) => [indicator, id])).toEqual([
      ['203.0.113.7', '~1'],
      ['203.0.113.7', '~2'],
      ['evil.example', '~3'],
    ]);
  });

  test('our own findings are no questions', () => {
    const own = observable({ tags: ['ip2process'] });
    const judged = observable({ tags: ['ip2process:verdict=likely@web-1'] });
    expect(indicatorsOf([own], TAGS).indicators).toEqual([]);
    expect(indicatorsOf([judged], TAGS).indicators).toHaveLength(1);
  });

  test('what is none is told, a few by name', () => {
    const wrong = Array.from({ length: 8 }, (_, at) => observable({ data: `no ${at}\u001b[2J` }));
    const { indicators, warnings } = indicatorsOf([...wrong, observable()], TAGS);
    expect(indicators).toHaveLength(1);
    expect(warnings).toHaveLength(6);
    expect(warnings.join('\n')).not.toContain('\u001b');
    expect(warnings[5]).toBe('3 more observables were not looked for either');
  });

  test('more than one scan takes are left out, and counted', () => {
    const many = Array.from({ length: MAX_INDICATORS + 5 }, (_, at) =>
      observable({ data: `10.${at >> 8}.${at & 255}.1` }),
    );
    const { indicators, warnings } = indicatorsOf(many, TAGS);
    expect(indicators).toHaveLength(MAX_INDICATORS);
    expect(warnings.join()).toContain('5 indicators were not looked for');
  });
});

test('a click on what is no indicator says what is wrong with it', () => {
  expect(() => indicatorOf(observable({ data: '300.1.1.1' }))).toThrow(/octet 300 is above 255/);
});
