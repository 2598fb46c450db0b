import { expect, test } from '@jest/globals';
import { standsInList } from '../../src/attribute/lists.ts';
import { virtual } from '../../src/memory/address.ts';
import { fakeEngine, occurrenceOf, ownerOf } from '../support/fake-engine.ts';

const list = (count: number, separator: string): string =>
  Array.from({ length: count }, (_, index) => `10.0.${index}.1`).join(separator);

const stands = (text: string, at = 0x10_0000n): boolean =>
  standsInList(
    fakeEngine({}, [{ at, bytes: text }]),
    occurrenceOf(),
    ownerOf({ address: virtual(at + 100n) }),
  );

test.each([
  ['seventeen addresses', list(17, '\n'), true],
  ['sixteen addresses', list(16, '\n'), false],
  ['the same address again and again', '10.0.0.1 '.repeat(100), false],
  ['addresses in UTF-16', Buffer.from(list(20, ' '), 'utf16le').toString('latin1'), true],
  ['version numbers of five parts', '1.2.3.4.5 '.repeat(30), false],
])('%s: %s', (_, text, isList) => expect(stands(text)).toBe(isList));

test('what lies before the text counts too, over the page’s end', () => {
  const text = `${list(20, ' ')} `.padEnd(400);
  const engine = fakeEngine({}, [
    { at: 0x10_0000n, bytes: new Uint8Array(0x800) },
    { at: 0x10_0e80n, bytes: text },
  ]);
  expect(standsInList(engine, occurrenceOf(), ownerOf({ address: virtual(0x10_1000n) }))).toBe(
    true,
  );
});
