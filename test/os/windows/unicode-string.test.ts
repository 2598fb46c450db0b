import { expect, test } from '@jest/globals';
import { unicodeString } from '../../../src/os/windows/unicode-string.ts';
import { FakeMemory } from './fake-memory.ts';

const AT = 0xffff_8000_0000_1000n;
const TEXT = 0xffff_8000_0000_2000n;

test('reads what it says, up to a NUL', () => {
  const { structures } = new FakeMemory().unicode(AT, TEXT, 'C:\\a\0b');
  expect(unicodeString(structures, AT)).toBe('C:\\a');
});

test('reads a text whose address is relative to its block', () => {
  const { structures } = new FakeMemory().unicode(AT, TEXT + 0x400n, 'relative', 0x400n);
  expect(unicodeString(structures, AT, TEXT)).toBe('relative');
});

test.each<[string, (memory: FakeMemory) => FakeMemory]>([
  ['nothing', (memory) => memory],
  ['an odd length', (memory) => memory.u32(AT, 3 | (8 << 16))],
  ['more text than room', (memory) => memory.u32(AT, 8 | (4 << 16))],
  ['a text that is not in the image', (memory) => memory.u64(AT + 8n, TEXT + 0x9000n)],
])('%s is no text', (_name, bend) => {
  const memory = bend(new FakeMemory().unicode(AT, TEXT, 'text'));
  expect(unicodeString(memory.structures, _name === 'nothing' ? 0n : AT)).toBeNull();
});
