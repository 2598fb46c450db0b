import { expect, test } from '@jest/globals';
import { sectionOf, withSections } from './verdict-table.ts';

test('a section replaces the one of its name, the others stay in their order', () => {
  const first = withSections('', ['## a\n\nold\n', '## b\n\nkept\n']);
  const second = withSections(first, ['## a\n\nnew\n', '## c\n\nadded\n']);
  expect(second.match(/^## .*$/gm)).toEqual(['## a', '## b', '## c']);
  expect(sectionOf(second, 'a')).toContain('new');
  expect(sectionOf(second, 'b')).toContain('kept');
  expect(sectionOf(second, 'd')).toBeNull();
});

test('writing the same again changes nothing', () => {
  const document = withSections('', ['## a\n\ntext\n']);
  expect(withSections(document, ['## a\n\ntext\n'])).toBe(document);
});
