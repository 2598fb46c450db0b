import { WriteStream } from 'node:tty';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { progressBar } from '../../src/cli/progress-bar.ts';

const MIB = 2 ** 20;

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

test('says no time left before anything has moved', () => {
  const { stream, shown } = terminal();
  const bar = progressBar(stream);
  bar.update('scan', 0, 100 * MIB);
  jest.advanceTimersByTime(500);
  bar.update('scan', 0, 100 * MIB);
  jest.advanceTimersByTime(500);
  bar.stop();
  expect(shown()).toContain('0% · 0 of 100 MiB');
  expect(shown()).not.toContain('left');
  expect(shown()).not.toMatch(/NULL|INF|NaN|LLs/);
});

test.each([
  [1, '9 s left'],
  [10, '1 min 30 s left'],
  [1000, '2 h 30 min left'],
])('a tenth done in %i s leaves %s', (seconds, expected) => {
  const { stream, shown } = terminal();
  const bar = progressBar(stream);
  bar.update('scan', 0, 100 * MIB);
  jest.advanceTimersByTime(seconds * 1000);
  bar.update('scan', 10 * MIB, 100 * MIB);
  jest.advanceTimersByTime(200);
  bar.stop();
  expect(shown()).toContain(`10% · 10 of 100 MiB · ${expected}`);
});

test('writes nothing where there is no terminal', () => {
  const { stream, shown } = terminal(false);
  const bar = progressBar(stream);
  bar.update('scan', 1, 2);
  bar.stop();
  expect(shown()).toBe('');
});

/** A terminal of 100 columns, and what it was sent. */
function terminal(isTTY = true): { stream: WriteStream; shown: () => string } {
  let text = '';
  const stream: WriteStream = Object.assign(Object.create(WriteStream.prototype), {
    isTTY,
    columns: 100,
    on: () => stream,
    write: (part: string) => {
      text += part;
      return true;
    },
  });
  return { stream, shown: () => text };
}
