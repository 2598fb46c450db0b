import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { inForeground } from '../../src/cli/foreground.ts';
import { type ErrorKind, Ip2ProcessError } from '../../src/errors.ts';

let stderr = '';
beforeEach(() => {
  stderr = '';
  jest.spyOn(process.stderr, 'write').mockImplementation((text) => {
    stderr += String(text);
    return true;
  });
});
afterEach(() => {
  jest.restoreAllMocks();
});

test('what the command returns is its status', async () => {
  expect(await inForeground(async () => 'partial')).toBe('partial');
  expect(stderr).toBe('');
});

test.each<[ErrorKind, string]>([
  ['request', 'failed'],
  ['image', 'failed'],
  ['analysis', 'failed'],
  ['system', 'failed'],
  ['cancelled', 'interrupted'],
])('a failure of kind %s is one sentence, and the status %s', async (kind, status) => {
  const failing = async () => {
    throw new Ip2ProcessError(kind, 'Cannot go on: \u001b[31m');
  };
  expect(await inForeground(failing)).toBe(status);
  expect(stderr).toBe('ip2process: Cannot go on: \\x1b[31m\n');
});

test('a bug is no failure that was foreseen: it is thrown on', async () => {
  const wrong = inForeground(async () => {
    throw new TypeError('no');
  });
  await expect(wrong).rejects.toThrow(TypeError);
  expect(stderr).toBe('');
});

test('what is said on the way is one line each, and nothing in it reaches the terminal', async () => {
  await inForeground(async ({ say }) => {
    say('Live', 'flow F.1: running');
    say('Note', 'two\nlines');
  });
  expect(stderr).toBe('Live: flow F.1: running\nNote: two\\x0alines\n');
});

test.each(['SIGINT', 'SIGTERM'] as const)(
  '%s asks to stop, a second one ends it at once',
  async (name) => {
    const listeners = process.listenerCount(name);
    const exit = jest.spyOn(process, 'exit').mockImplementation(() => {
      throw new Ip2ProcessError('cancelled', 'ended');
    });
    const status = inForeground(async ({ signal }) => {
      expect(signal.aborted).toBe(false);
      process.emit(name);
      expect(signal.aborted).toBe(true);
      expect(exit).not.toHaveBeenCalled();
      process.emit(name);
    });
    expect(await status).toBe('interrupted');
    expect(exit).toHaveBeenCalledWith(130);
    expect(process.listenerCount(name)).toBe(listeners);
  },
);
