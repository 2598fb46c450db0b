import { expect, test } from '@jest/globals';
import { Ip2ProcessError } from '../../src/errors.ts';
import { orElse } from '../../src/os/or-else.ts';

const warnings: string[] = [];
const kernel = { warn: (sentence: string) => void warnings.push(sentence) };

test('what can be made is given, without a word', () => {
  expect(orElse(kernel, 'Sockets are unknown', () => ['a socket'], null)).toEqual(['a socket']);
  expect(warnings).toEqual([]);
});

test('what cannot is a warning of what is lost and why, and something in its place', () => {
  expect(orElse(kernel, 'Sockets are unknown', failing, null)).toBeNull();
  expect(warnings).toEqual(['Sockets are unknown. Cannot read a list: it has no end']);
});

test('a bug is no gap of the image', () => {
  expect(() => orElse(kernel, 'Sockets are unknown', wrong, null)).toThrow(RangeError);
});

function failing(): never {
  throw new Ip2ProcessError('analysis', 'Cannot read a list: it has no end');
}

function wrong(): never {
  throw new RangeError('no');
}
