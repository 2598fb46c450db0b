import { describe, expect, test } from '@jest/globals';
import { CONTEXT_BYTES, frameWindow, ownerWindow } from '../../src/attribute/owner-window.ts';
import { physical, virtual } from '../../src/memory/address.ts';
import { fakeEngine, fakeMemory } from '../support/fake-engine.ts';

const textAt = ({ bytes, start }: { bytes: Uint8Array; start: number }, length: number): string =>
  Buffer.from(bytes.subarray(start, start + length)).toString('latin1');

describe('an owner’s window', () => {
  test('runs on over page ends as the owner maps them', () => {
    const engine = fakeEngine({}, [{ at: 0x10_0ff8n, bytes: 'the text over an edge' }]);
    const window = ownerWindow(engine, 0, virtual(0x10_0ffcn), 17);
    expect(textAt(window, 17)).toBe('text over an edge');
    expect(window.start).toBe(CONTEXT_BYTES);
    expect(window.bytes).toHaveLength(2 * CONTEXT_BYTES + 17);
  });

  test('begins with the text’s own page where the one before is not there', () => {
    const engine = fakeEngine({}, [{ at: 0x10_0010n, bytes: 'text' }]);
    const window = ownerWindow(engine, 0, virtual(0x10_0010n), 4);
    expect(window.start).toBe(0x10);
    expect(textAt(window, 4)).toBe('text');
  });

  test('ends with the last page that is there', () => {
    const engine = fakeEngine({}, [{ at: 0x10_0ff0n, bytes: 'text' }]);
    const window = ownerWindow(engine, 0, virtual(0x10_0ff0n), 4);
    expect(window.bytes).toHaveLength(CONTEXT_BYTES + 16);
  });
});

describe('a frame’s window', () => {
  const memory = fakeMemory(0x3000, [
    { at: 0x1004, bytes: 'text' },
    { at: 0x2000, bytes: 'next' },
  ]);

  test('stays inside the frame', () => {
    const window = frameWindow(memory, physical(0x1004), 4);
    expect([window.start, textAt(window, 4)]).toEqual([4, 'text']);
    expect(window.bytes).toHaveLength(8 + CONTEXT_BYTES);
  });

  test('holds what the image has, at the end of RAM', () => {
    const window = frameWindow(memory, physical(0x2ff8), 16);
    expect(window.bytes).toHaveLength(CONTEXT_BYTES + 8);
  });
});
