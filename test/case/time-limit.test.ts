import { describe, expect, test } from '@jest/globals';
import { eitherOf, withinLimit } from '../../src/case/time-limit.ts';
import { Ip2ProcessError } from '../../src/errors.ts';

const cancelled = new Ip2ProcessError('cancelled', 'it was stopped');
const broken = new Ip2ProcessError('image', 'it is broken');

/** Struck and stopped as said, by what is run. */
function endings() {
  const [user, time] = [new AbortController(), new AbortController()];
  const limit = { signal: time.signal, text: 'the time is over' };
  return { user, time, options: { signal: user.signal, limit } };
}

const begin = (): never => {
  throw new Error('it was begun');
};

describe('what runs within a limit', () => {
  test('gives its answer, also where the limit struck before it ended', async () => {
    const { time, options } = endings();
    const run = async (): Promise<number> => {
      time.abort();
      return 7;
    };
    expect(await withinLimit(run, options)).toBe(7);
  });

  test.each([
    ['the limit struck and ended it', ['time'], cancelled, { kind: 'system', cause: cancelled }],
    ['it failed by itself meanwhile', ['time'], broken, broken],
    ['somebody stopped it', ['user'], cancelled, cancelled],
    ['both', ['time', 'user'], cancelled, cancelled],
    ['neither: it was ended by something else', [], cancelled, cancelled],
  ] as const)('%s', async (_, ends, thrown, expected) => {
    const { user, time, options } = endings();
    const run = async (): Promise<never> => {
      for (const end of ends) ({ user, time })[end].abort();
      throw thrown;
    };
    await expect(withinLimit(run, options)).rejects.toMatchObject(
      expected instanceof Error ? { kind: expected.kind, message: expected.message } : expected,
    );
  });

  test('is not begun after it struck', async () => {
    const { time, options } = endings();
    time.abort();
    await expect(withinLimit(begin, options)).rejects.toMatchObject({
      message: 'the time is over',
    });
  });
});

test.each(['user', 'time'] as const)('both as one: %s ends it', (end) => {
  const { user, time, options } = endings();
  const { signal } = eitherOf(options);
  expect(signal?.aborted).toBe(false);
  ({ user, time })[end].abort();
  expect(signal?.aborted).toBe(true);
});

test('none of both is none', () => {
  expect(eitherOf({})).toEqual({});
});
