import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { printHtml } from '../../src/report/print-html.ts';
import type { ReportProcess } from '../../src/report/report.ts';
import { attributeOf, elementsOf, ofClass, shapeOf, textOf } from '../support/parsed-page.ts';
import { eventfulReport } from '../support/eventful-report.ts';
import { PAYLOADS, REDIRECT } from '../support/hostile-text.ts';
import { sampleHit, sampleProcess, sampleReport } from '../support/sample-report.ts';
import { withText } from '../support/with-text.ts';

const page = printHtml(eventfulReport());

/** Any text, made of payloads and of whatever characters there are. */
const anyText = fc
  .array(
    fc.oneof(
      fc.constantFrom(...PAYLOADS, REDIRECT),
      fc.string({ unit: 'binary', minLength: 1 }),
      fc.string({ unit: 'grapheme', minLength: 1 }),
    ),
    { minLength: 1, maxLength: 4 },
  )
  .map((pieces) => pieces.join(''));

describe('text of the report', () => {
  test.each([...PAYLOADS, REDIRECT])('%j in every field changes no element', (payload) => {
    expect(shapeOf(printHtml(withText(eventfulReport(), payload)))).toEqual(
      shapeOf(printHtml(withText(eventfulReport(), 'x'))),
    );
  });

  test('of any kind in every field changes no element', () => {
    const plain = shapeOf(printHtml(withText(eventfulReport(), 'x')));
    fc.assert(
      fc.property(anyText, (text) => {
        expect(shapeOf(printHtml(withText(eventfulReport(), text)))).toEqual(plain);
      }),
      { numRuns: 30 },
    );
  });

  test('even where a closed word or an address should stand brings no foreign element or attribute', () => {
    const known = new Set(shapeOf(page).map((one) => one.replace(/^.*>/, '')));
    fc.assert(
      fc.property(anyText, (text) => {
        for (const one of shapeOf(printHtml(withText(eventfulReport(), text, true)))) {
          expect(known).toContain(one.replace(/^.*>/, ''));
        }
      }),
      { numRuns: 15 },
    );
  });

  test('holds no control or reordering character on the page', () => {
    const hostile = printHtml(withText(eventfulReport(), PAYLOADS.join('')));
    expect(hostile.replaceAll('\n', '')).not.toMatch(
      /\p{Control}|\p{Bidi_Control}|[\u200b\ufeff]/u,
    );
    expect(hostile).not.toMatch(/\p{Surrogate}/u);
  });
});

describe('the page', () => {
  test('has one script and one style, both ours, and no attribute that runs or loads', () => {
    const elements = elementsOf(page);
    const named = (tag: string) => elements.filter(({ tagName }) => tagName === tag);
    expect(named('script')).toHaveLength(1);
    expect(named('style')).toHaveLength(1);
    for (const tag of ['img', 'iframe', 'object', 'embed', 'form', 'base']) {
      expect(named(tag)).toEqual([]);
    }
    const attributes = elements.flatMap(({ attrs }) => attrs);
    expect(attributes.filter(({ name }) => /^on|^style$|^src/.test(name))).toEqual([]);
    for (const { name, value } of attributes) {
      if (name === 'href') expect(value).toMatch(/^(#[a-z0-9]+|data:,)$/);
    }
  });

  test('allows by policy its own script and style alone', () => {
    const policy = elementsOf(page).find(
      (one) => attributeOf(one, 'http-equiv') === 'Content-Security-Policy',
    );
    expect(policy && attributeOf(policy, 'content')).toMatch(
      /^default-src 'none'; style-src 'sha256-[\w+/=]+'; script-src 'sha256-[\w+/=]+'; img-src data:; base-uri 'none'; form-action 'none'$/,
    );
  });

  test('gives every id once, and links only to ids that exist', () => {
    const elements = elementsOf(page);
    const ids = elements.flatMap((one) => attributeOf(one, 'id') ?? []);
    expect(new Set(ids).size).toBe(ids.length);
    const links = elements.flatMap((one) => attributeOf(one, 'href') ?? []);
    for (const link of links.filter((one) => one !== 'data:,'))
      expect(ids).toContain(link.slice(1));
  });

  test('begins with the verdict, the score, the process, why and the doubt', () => {
    const [answer] = ofClass(page, 'answer');
    expect(answer && textOf(answer).replace(/\s+/g, ' ')).toContain(
      'responsible 93 of 100 points beacond (PID 299) is responsible for 35[.]178[.]122[.]152 (93/100). Why It has a socket to the proxy. Doubt The image is cut off. Second agent (PID 300) has 50, 43 points behind the first: a tie.',
    );
  });

  test('defangs indicators and pivots in all that is read, but for bytes and commands', () => {
    const [hostile] = eventfulReport().processes;
    const named = 'evil.example/35.178.122.152';
    const report = eventfulReport({
      processes: [
        {
          ...(hostile ?? sampleProcess()),
          name: named,
          path: named,
          commandLine: named,
          parentName: named,
        },
        sampleProcess({
          rank: 2,
          name: named,
          verdict: 'carrier-only',
          reasons: [named],
          user: named,
        }),
      ],
      tree: [{ pid: 1, ppid: 0, name: named, verdict: null }],
      orphans: [{ pageState: 'page-cache', pageDetail: named, hits: 1, byForm: { text: 1 } }],
      warnings: [named],
    });
    const text = textOf(
      printHtml(report)
        .replace(/<pre\s+class="dump".*?<\/pre>/gs, '')
        .replace(/<div class="command">.*?<\/pre>/gs, ''),
    );
    expect(text).not.toContain('35.178.122.152');
    expect(text).not.toContain('evil.example');
    expect(text).toContain('evil[.]example/35[.]178[.]122[.]152');
  });

  test('leaves out sections that have nothing to tell', () => {
    const empty = printHtml(
      sampleReport({
        processes: [],
        hits: [],
        orphans: [],
        connections: [],
        tree: [],
        otherProcesses: [],
        nextActions: [],
        answer: { ...sampleReport().answer, verdict: 'not-found' },
      }),
    );
    const sections = elementsOf(empty).filter(({ tagName }) => tagName === 'section');
    expect(sections.map((one) => attributeOf(one, 'id'))).toEqual(['coverage', 'reproduce']);
    const [skip] = ofClass(empty, 'skip');
    expect(skip && attributeOf(skip, 'href')).toBe('#coverage');
  });

  test('stays under 300 kB with 20 processes and 500 hits, and within bounds with far more', () => {
    const normal = printHtml(
      sampleReport({
        processes: processes(20),
        hits: Array.from({ length: 500 }, () => sampleHit()),
      }),
    );
    expect(normal.length).toBeLessThan(300_000);
    const tree = Array.from({ length: 5000 }, (_, pid) => ({
      pid,
      ppid: pid - 1,
      name: 'x',
      verdict: null,
    }));
    const large = printHtml(
      sampleReport({
        processes: processes(600),
        tree,
        warnings: Array.from({ length: 5000 }, () => 'x'.repeat(10_000)),
        connections: Array.from({ length: 5000 }, () => sampleReport().connections).flat(),
      }),
    );
    expect(large.length).toBeLessThan(1_000_000);
    expect(large).toContain('more in the JSON report');
  });
});

const processes = (count: number): ReportProcess[] =>
  Array.from({ length: count }, (_, index) =>
    sampleProcess({ rank: index + 1, pid: index, commandLine: 'x'.repeat(count * 1000) }),
  );
