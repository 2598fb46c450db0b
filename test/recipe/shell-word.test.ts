import { execFileSync } from 'node:child_process';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fileWord, shellWord } from '../../src/recipe/shell-word.ts';

/** What bash hands to a program for these words. */
const handedOn = (words: readonly string[]): string[] =>
  execFileSync('bash', ['-c', `printf '%s\\0' ${words.join(' ')}`], { encoding: 'utf8' })
    .split('\0')
    .slice(0, -1);

const text = fc
  .string({ unit: 'binary', minLength: 1, maxLength: 40 })
  .map((one) => Buffer.from(one.replaceAll('\0', '')).toString())
  .filter((one) => one !== '');

test('whatever a text holds, bash hands it on as it is', () => {
  fc.assert(
    fc.property(fc.array(text, { minLength: 1, maxLength: 50 }), (texts) => {
      expect(handedOn(texts.map(shellWord))).toEqual(texts);
    }),
    { numRuns: 30 },
  );
});

test.each([
  ['memory.raw', 'memory.raw'],
  ['', "''"],
  ['a b', "'a b'"],
  ["it's $(id) `id`", String.raw`'it'\''s $(id) ${'`'}id${'`'}'`],
  ['\u001b[2Jx', String.raw`$'\x1b[2Jx'`],
  ["two\nlines'", String.raw`$'two\x0alines\''`],
  ['\u202egpj', String.raw`$'\xe2\x80\xaegpj'`],
])('%j is written as %s', (given, word) => expect(shellWord(given)).toBe(word));

test.each([
  ['-rf', './-rf'],
  ['http:x', './http:x'],
  ['/a/b', '/a/b'],
])('the file %j is no option and no URL: %s', (path, word) => expect(fileWord(path)).toBe(word));
