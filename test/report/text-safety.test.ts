import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  defang,
  forCsv,
  forMarkdown,
  forMarkdownCode,
  forTerminal,
} from '../../src/report/text-safety.ts';

describe('forTerminal()', () => {
  test.each([
    ['\u001b[31mred', '\\x1b[31mred'],
    ['a\r\nb', 'a\\x0d\\x0ab'],
    ['evil\u202etxt.exe', 'evil\\u202etxt.exe'],
    ['\u009b2J', '\\x9b2J'],
    ['lone \ud800 half', 'lone \\ud800 half'],
    ['whole \u{1f600} pair', 'whole \u{1f600} pair'],
    ['zero\u200bwidth', 'zero\\u200bwidth'],
  ])('%j is shown as %j', (text, shown) => expect(forTerminal(text)).toBe(shown));

  test('shows no control character, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        // eslint-disable-next-line no-control-regex
        expect(forTerminal(text)).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u);
      }),
    );
  });

  test('cuts a run of a megabyte', () => {
    expect(forTerminal('x'.repeat(2 ** 20)).length).toBeLessThan(5000);
  });
});

describe('forCsv()', () => {
  test.each([
    ['=cmd|calc', `"'=cmd|calc"`],
    ['+1', `"'+1"`],
    ['-1', `"'-1"`],
    ['@x', `"'@x"`],
    ['\t=1', '"\\x09=1"'],
    ['a "quoted" word', '"a ""quoted"" word"'],
  ])('%j is the field %s', (text, field) => expect(forCsv(text)).toBe(field));

  test('a field never ends before its last quote', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(forCsv(text).slice(1, -1).replaceAll('""', '')).not.toContain('"');
      }),
    );
  });
});

describe('Markdown', () => {
  test.each([
    ['[link](http://evil)', '\\[link\\]\\(http\\://evil\\)'],
    ['a | b', 'a \\| b'],
    ['<img src=x onerror=alert(1)>', '&lt;img src=x onerror=alert\\(1\\)\\>'],
    ['# head', '\\# head'],
  ])('%j is prose as %j', (text, shown) => expect(forMarkdown(text)).toBe(shown));

  test.each([
    ['plain', '` plain `'],
    ['tick ` inside', '`` tick ` inside ``'],
    ['a ``` fence', '```` a ``` fence ````'],
    ['cell | border', '` cell \\| border `'],
    ['two\nlines', '` two\\x0alines `'],
  ])('%j is code as %j', (text, shown) => expect(forMarkdownCode(text)).toBe(shown));
});

test.each([
  ['35.178.122.152', '35[.]178[.]122[.]152'],
  ['http://evil.example/a', 'hxxp://evil[.]example/a'],
  ['https://evil.example:8443/a', 'hxxps://evil[.]example:8443/a'],
  ['2001:db8::1', '2001[:]db8[:][:]1'],
  ['evil.example', 'evil[.]example'],
])('defang(%j) is %j', (indicator, shown) => expect(defang(indicator)).toBe(shown));
