import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { constant, html } from '../../../src/report/html/html.ts';
import { forTerminal } from '../../../src/report/text-safety.ts';
import { attributeOf, elementsOf, textOf } from '../../support/parsed-page.ts';

describe('html``', () => {
  test.each([
    ['<b>', '&lt;b&gt;'],
    [`"'&`, '&quot;&#39;&amp;'],
    ['\u202e\u0000\n', '\\u202e\\x00\\x0a'],
  ])('writes %j as %s', (text, written) => {
    expect(html`<i>${text}</i>`.toString()).toBe(`<i>${written}</i>`);
  });

  test('shows any text as it is told to a terminal, in an element as in an attribute', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        const page = html`<p title="${text}">${text}</p>`.toString();
        const shown = forTerminal(text);
        expect(textOf(page)).toBe(shown);
        const [paragraph] = elementsOf(page).filter(({ tagName }) => tagName === 'p');
        expect(paragraph && attributeOf(paragraph, 'title')).toBe(shown);
      }),
    );
  });

  test('cuts a run of a megabyte', () => {
    expect(html`${'<'.repeat(2 ** 20)}`.toString().length).toBeLessThan(10_000);
  });

  test('keeps markup of its own, alone and in lists, and leaves null out', () => {
    const list = [html`<li>a</li>`, html`<li>${'<'}</li>`];
    expect(
      html`<ul>
          ${list}
        </ul>
        ${null}`
        .toString()
        .replace(/\n/g, ''),
    ).toBe('<ul><li>a</li><li>&lt;</li></ul>');
    expect(html`${constant('<hr>')}`.toString()).toBe('<hr>');
  });

  test.each([
    ['inside a tag', () => html`<p ${'hidden'}></p>`],
    ['as the name of a tag', () => html`<${'p'}></p>`],
    ['in an attribute without quotes', () => html`<p title=${'x'}></p>`],
    ['in an attribute that runs', () => html`<p onclick="${'x'}"></p>`],
    ['in a style', () => html`<p style="color: ${'x'}"></p>`],
    ['in a source', () => html`<img src="${'x'}" />`],
    ['as a whole link', () => html`<a href="${'x'}"></a>`],
    ['as a link beyond the page', () => html`<a href="https://${'x'}"></a>`],
    ['of markup in an attribute', () => html`<p title="${html`x`}"></p>`],
  ])('refuses a hole %s', (_, template) => expect(template).toThrow(/^Cannot/));

  test('takes a hole in a link within the page', () => {
    expect(html`<a href="#p${1}">x</a>`.toString()).toBe('<a href="#p1">x</a>');
  });
});
