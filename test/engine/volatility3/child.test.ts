import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { runChild, type ChildRun } from '../../../src/engine/volatility3/child.ts';

const LIMITS = { timeMs: 20_000, memoryBytes: 2 ** 34, outputBytes: 2 ** 20 };

/** Runs a shell script as the child. */
async function lines(script: string, changes: Partial<ChildRun> = {}): Promise<string[]> {
  const said: string[] = [];
  await runChild({
    command: 'sh',
    args: ['-c', script],
    limits: LIMITS,
    onLine: (line) => said.push(line),
    ...changes,
  });
  return said;
}

const refuse = (): void => {
  throw new Error('not a row');
};

const isAlive = (pid: number): boolean => {
  try {
    // A zombie answers to signal 0, too.
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
  } catch {
    return false;
  }
};

test('output comes line by line, whole characters, with or without a last line end', async () => {
  expect(await lines(String.raw`printf 'one\ntw\303'; sleep 0.05; printf '\266\n\nend'`)).toEqual([
    'one',
    'twö',
    'end',
  ]);
});

test('an end with a status is told with the last of its standard error', async () => {
  const end = await runChild({
    command: 'sh',
    args: ['-c', 'yes | head -c 100000 >&2; echo last words >&2; exit 7'],
    limits: LIMITS,
    onLine: () => undefined,
  });
  expect(end.code).toBe(7);
  expect(end.stderr.length).toBeLessThanOrEqual(2 ** 16);
  expect(end.stderr.endsWith('last words\n')).toBe(true);
});

test('arguments are arguments, whatever a shell would read in them', async () => {
  const said: string[] = [];
  const hostile = ['$(echo no)', '; exit 9', '"', "'", '*', '-n', ''];
  await runChild({
    command: 'printf',
    args: ['<%s>\n', ...hostile],
    limits: LIMITS,
    onLine: (line) => said.push(line),
  });
  expect(said).toEqual(hostile.map((text) => `<${text}>`));
});

test('a folder for caches is told to the program', async () => {
  expect(await lines('echo "$XDG_CACHE_HOME"', { cache: '/some where' })).toEqual(['/some where']);
});

test('a missing program ends with the status of the shell', async () => {
  const end = await runChild({
    command: '/nowhere/vol',
    args: [],
    limits: LIMITS,
    onLine: () => undefined,
  });
  expect(end.code).toBe(127);
});

describe('limits', () => {
  test.each<[string, string, Partial<ChildRun['limits']>]>([
    ['longer than 1 seconds', 'sleep 30', { timeMs: 1000 }],
    ['more than 1000 bytes of output', 'yes', { outputBytes: 1000 }],
    ['a line is longer', 'tr "\\0" x </dev/zero', { outputBytes: 2 ** 30 }],
  ])('%s ends it', async (message, script, limits) => {
    await expect(lines(script, { limits: { ...LIMITS, ...limits } })).rejects.toMatchObject({
      kind: 'system',
      message: expect.stringContaining(message),
    });
  });

  test('what the reader throws ends it and is thrown on', async () => {
    await expect(lines('yes', { onLine: refuse })).rejects.toThrow('not a row');
  });

  const onLinux = process.platform === 'linux' ? test : test.skip;
  onLinux('memory is bounded for the program', async () => {
    const [limit] = await lines('ulimit -v', { limits: { ...LIMITS, memoryBytes: 2 ** 31 } });
    expect(limit).toBe(String(2 ** 21));
  });
});

describe('cancellation', () => {
  test('before the start nothing is started', async () => {
    await expect(lines('echo no', { signal: AbortSignal.abort() })).rejects.toMatchObject({
      kind: 'cancelled',
    });
  });

  const onLinux = process.platform === 'linux' ? test : test.skip;
  onLinux('ends the whole group: what the child has started, too', async () => {
    const stop = new AbortController();
    const pids: number[] = [];
    const ended = lines('sleep 60 & echo $!; echo $$; wait', {
      signal: stop.signal,
      onLine: (line) => {
        pids.push(Number(line));
        if (pids.length === 2) stop.abort();
      },
    });
    await expect(ended).rejects.toMatchObject({ kind: 'cancelled' });
    for (let tries = 0; pids.some(isAlive) && tries < 100; tries += 1) await wait(20);
    expect(pids.map(isAlive)).toEqual([false, false]);
  });
});
