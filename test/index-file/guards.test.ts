import { expect, test } from '@jest/globals';
import {
  byName,
  integer,
  list,
  matching,
  nullOr,
  object,
  oneOf,
  text,
  tuple,
} from '../../src/index-file/guards.ts';

const small = integer(0, 9);

test.each([
  ['an integer', small, [0, 9], [-1, 10, 0.5, NaN, Infinity, '1', null]],
  ['a text', text(2), ['', 'ab'], ['abc', 1, null, ['a']]],
  ['a pattern', matching(/^a+$/), ['aa'], ['ab', 'a\nb', 1]],
  ['one of some', oneOf('head', 'tail'), ['head', 'tail'], ['Head', 0, null]],
  ['null, or a number', nullOr(small), [null, 1], [undefined, '']],
  ['a list', list(small, 2), [[], [1, 2]], [[1, 2, 3], [10], { length: 1, 0: 1 }, '1']],
  ['a tuple', tuple(small, text(1)), [[1, 'a']], [[1], [1, 'a', 1], ['a', 1], { 0: 1, 1: 'a' }]],
  ['names', byName(2, small), [{}, { ab: 1 }], [{ abc: 1 }, { a: 10 }, [1], null]],
  [
    'an object',
    object({ a: small, b: nullOr(small) }),
    [{ a: 1, b: null }],
    [{ a: 1 }, { a: 1, b: 1, c: 1 }, { a: 1, c: 1 }, { a: 10, b: 1 }, [1, 2], null, 'ab'],
  ],
])('%s: what passes, and what does not', (_, guard, right, wrong) => {
  expect(right.filter((value) => !guard(value))).toEqual([]);
  expect(wrong.filter((value) => guard(value))).toEqual([]);
});

test('what every object has is none of its properties', () => {
  const guard = object({ toString: text(9) });
  expect([guard({}), guard({ a: '' }), guard({ toString: '' })]).toEqual([false, false, true]);
});
