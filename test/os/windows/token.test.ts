import { expect, test } from '@jest/globals';
import { userOf } from '../../../src/os/windows/token.ts';
import { FakeMemory } from './fake-memory.ts';

const TOKEN = 0xffff_8000_0000_1000n;
const GROUPS = 0xffff_8000_0000_2000n;
const SID = 0xffff_8000_0000_3000n;

const withSid = (offset: number, bytes: Uint8Array): FakeMemory =>
  new FakeMemory()
    .zeros(TOKEN, 0x100)
    .u64(TOKEN + BigInt(offset), GROUPS)
    .u64(GROUPS, SID)
    .bytes(SID, bytes);

/** S-1-5-… */
function sid(...parts: number[]): Uint8Array {
  const bytes = Buffer.alloc(8 + parts.length * 4 + 8);
  bytes.set([1, parts.length, 0, 0, 0, 0, 0, 5]);
  parts.forEach((part, index) => bytes.writeUInt32LE(part, 8 + index * 4));
  return bytes;
}

test.each([0x90, 0x98])('the user of a token, groups at 0x%d', (offset) => {
  // The low bits of the reference count.
  expect(userOf(withSid(offset, sid(18)).structures, TOKEN + 7n)).toBe('S-1-5-18');
  const person = sid(21, 3676644706, 2410286525, 693652655, 1001);
  expect(userOf(withSid(offset, person).structures, TOKEN)).toBe(
    'S-1-5-21-3676644706-2410286525-693652655-1001',
  );
});

test.each<[string, Uint8Array]>([
  ['another revision', Uint8Array.of(2, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0)],
  ['no parts', Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0)],
  ['more parts than there can be', Uint8Array.of(1, 16, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0)],
  ['parts that are missing', Uint8Array.of(1, 4, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0)],
])('a SID with %s is none', (_name, bytes) => {
  expect(userOf(withSid(0x98, bytes).structures, TOKEN)).toBeNull();
});

test('a token in user memory is none', () => {
  expect(userOf(new FakeMemory().structures, 0x1234n)).toBeNull();
});
