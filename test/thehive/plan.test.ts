import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { findingObservables, oneLine, processText } from '../../src/thehive/finding-observables.ts';
import { keepOldest, oldest } from '../../src/thehive/oldest.ts';
import { markOf, planOf, questionKey, shortened } from '../../src/thehive/plan.ts';
import { hostOf, type PostingContext } from '../../src/thehive/posting.ts';
import type { Observable } from '../../src/thehive/thehive.ts';
import { sampleProcess, sampleReport } from '../support/sample-report.ts';
import { INDICATOR, notFound, report } from '../support/thehive/posting.ts';

const source: Observable = {
  id: '~1',
  dataType: 'ip',
  data: INDICATOR,
  attachment: null,
  message: '',
  tags: [],
  tlp: 1,
  createdBy: 'ana@example.org',
  createdAt: 1,
};

const context = (changes: Partial<PostingContext> = {}): PostingContext => ({
  case: { id: '~2', number: 57, title: 't', tags: [], tlp: 2, pap: 2, isClosed: false },
  sources: [{ indicator: INDICATOR, observable: source }],
  clicked: source,
  image: { name: 'WS-12.raw', sha256: 'ab'.repeat(32), isInCase: true },
  ...changes,
});

const keyOf = (texts: string[], sha256: string | null = 'a', name = 'n', fileBytes = 1) =>
  questionKey(
    { indicators: texts.map((text) => ({ text })), image: { fileBytes } },
    { sha256, name },
  );

const of = (...args: Parameters<typeof findingObservables>) =>
  findingObservables(...args).wanted.map(({ dataType, data, tlp }) => [dataType, data, tlp]);

const textOf = (changes: object) => processText(sampleProcess(changes), 'web-1');

describe('questionKey()', () => {
  test('is of image and indicators, whatever their order', () => {
    expect(keyOf(['x', 'y'])).toBe(keyOf(['y', 'x']));
    expect(keyOf(['x'])).not.toBe(keyOf(['x', 'y']));
    expect(keyOf(['x'], 'a')).not.toBe(keyOf(['x'], 'b'));
    expect(keyOf(['x'], 'a', 'one', 1)).toBe(keyOf(['x'], 'a', 'two', 2));
    expect(keyOf(['x'], null, 'n', 1)).not.toBe(keyOf(['x'], null, 'n', 2));
  });

  test('is the same with what followed from pivots', () => {
    const more = sampleReport();
    more.indicators.push({
      kind: 'domain',
      text: 'a.example',
      given: 'a.example',
      origin: 'pivot',
      hits: 1,
    });
    expect(planOf(more, context()).key).toBe(planOf(sampleReport(), context()).key);
  });
});

describe('planOf()', () => {
  test('shows the image by its name in the case, not by where it lay', () => {
    const given = sampleReport();
    const plan = planOf(
      { ...given, image: given.image && { ...given.image, path: '/scratch/job-1/x.lime' } },
      context(),
    );
    const all = JSON.stringify(plan);
    expect(all).toContain('WS-12.raw');
    expect(all).not.toContain('/scratch');
  });

  test('is redacted', () => {
    const secret = 'GET / HTTP/1.1..Authorization: Bearer s3cr3tT0ken..Host: 35.178.122.152..';
    const bytes = Buffer.from(secret.replaceAll('..', '\r\n')).toString('hex');
    const [card] = sampleProcess().cards;
    if (!card) throw new Error('no card');
    const cards = [
      { ...card, text: secret, bytes, at: secret.indexOf(INDICATOR), length: INDICATOR.length },
    ];
    const processes = [sampleProcess({ cards, commandLine: 'x --password=s3cr3tT0ken' })];
    expect(JSON.stringify(planOf(sampleReport({ processes }), context()))).not.toContain(
      's3cr3tT0ken',
    );
  });

  test('the last line of the text names the question', () => {
    const { key, markdown, title } = planOf(report(), context());
    expect(markdown.trimEnd().endsWith(markOf(key))).toBe(true);
    expect(title).toBe(`ip2process: 35[.]178[.]122[.]152 in WS-12.raw [${key}]`);
  });

  test.each([
    [
      report(),
      [
        'ip2process:verdict=responsible@endpoint',
        'ip2process:pid=299@endpoint',
        'ip2process:pid=412@endpoint',
      ],
    ],
    [notFound(), ['ip2process:verdict=not-found@endpoint']],
    [sampleReport({ processes: [] }), ['ip2process:verdict=no-owner@endpoint']],
    [
      sampleReport({ processes: [sampleProcess({ verdict: 'carrier-only' })] }),
      ['ip2process:verdict=carrier-only@endpoint'],
    ],
  ])('tags of the indicator: row %#', (given, tags) => {
    expect(planOf(given, context()).indicatorTags).toEqual([{ observable: source, tags }]);
  });

  test('an indicator that the report does not know gets no tags', () => {
    expect(
      planOf(report(), context({ sources: [{ indicator: 'x', observable: source }] }))
        .indicatorTags,
    ).toEqual([]);
  });
});

describe('findingObservables()', () => {
  test("have the strictest TLP of those who asked, else the case's", () => {
    const strict = { indicator: INDICATOR, observable: { ...source, tlp: 3 } };
    const asked = context({ sources: [...context().sources, strict] });
    expect(of(report(), asked)[0]).toEqual([
      'process',
      'beacond (299) @ endpoint, started 2026-11-22T09:00:00Z',
      3,
    ]);
    expect(of(report(), context({ sources: [] }))[0]?.[2]).toBe(2);
  });

  test('the hash of an image that is not in the case is one of them', () => {
    const image = { name: 'a.raw', sha256: 'cd'.repeat(32), isInCase: false };
    expect(of(report(), context({ image }))).toContainEqual(['hash', image.sha256, 2]);
    expect(of(report(), context()).map(([type]) => type)).not.toContain('hash');
  });

  test('what is the same twice is there once, the first of them', () => {
    const processes = [sampleProcess(), sampleProcess({ rank: 2, pid: 300 })];
    expect(
      of(sampleReport({ processes }), context()).filter(([type]) => type === 'filename'),
    ).toHaveLength(1);
  });

  test('the same process of the same image is the same text, another one another', () => {
    expect(textOf({ score: 3, verdict: 'possible' })).toBe(textOf({}));
    expect(
      new Set([
        textOf({}),
        textOf({ pid: 300 }),
        textOf({ startTime: '2026-11-22T09:00:01.000Z' }),
        textOf({ startTime: null }),
      ]).size,
    ).toBe(4);
  });

  test('any name is one line', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 400 }),
        fc.integer({ min: 1, max: 100 }),
        (text, longest) => {
          const line = oneLine(text, longest);
          expect(line.length).toBeLessThanOrEqual(longest);
          expect(line).toBe(line.trim());
          // eslint-disable-next-line no-control-regex
          expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u202e]/);
        },
      ),
    );
  });
});

describe('hostOf()', () => {
  test.each([
    ['web-1', 'a.raw', 'web-1'],
    [null, 'WS-12.raw', 'WS-12'],
    [' ', '.raw', 'host'],
  ])('%j and image %s: %s', (hostName, name, expected) => {
    const { system } = sampleReport();
    const given = sampleReport({ system: system && { ...system, hostName } });
    expect(hostOf(given, context({ image: { name, sha256: null, isInCase: true } }))).toBe(
      expected,
    );
  });
});

describe('shortened()', () => {
  test('cuts between lines, fits, and keeps the mark', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ maxLength: 80 }), { maxLength: 60 }),
        fc.integer({ min: 200, max: 1000 }),
        (lines, longest) => {
          const text = `${lines.join('\n')}\n\n${markOf('k')}\n`;
          const short = shortened(text, longest, 'k');
          expect(short.length).toBeLessThanOrEqual(longest);
          expect(short.trimEnd().endsWith(markOf('k'))).toBe(true);
          if (text.length <= longest) expect(short).toBe(text);
        },
      ),
    );
  });
});

describe('oldest()', () => {
  const item = fc.record({
    id: fc.bigInt({ min: 2n ** 53n, max: 2n ** 53n + 200n }).map((id) => `~${id}`),
    createdAt: fc.integer({ min: 0, max: 3 }),
  });

  test('two that look at the same list in any order keep the same one', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(item, { selector: ({ id }) => id, minLength: 1, maxLength: 6 }),
        async (items) => {
          expect(oldest(items.toReversed())).toEqual(oldest(items));
          const removed: string[] = [];
          const kept = await Promise.all(
            items.map((mine) =>
              keepOldest(
                mine,
                async () => items,
                async (id) => void removed.push(id),
              ),
            ),
          );
          expect(new Set(kept.map((one) => one.kept.id)).size).toBe(1);
          expect(removed).toHaveLength(items.length - 1);
        },
      ),
    );
  });
});
