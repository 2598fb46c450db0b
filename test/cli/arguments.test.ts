import { expect, test } from '@jest/globals';
import { argumentsOf, refusal } from '../../src/cli/arguments.ts';

const OPTIONS = { out: { type: 'string', multiple: true }, quiet: { type: 'boolean' } } as const;

test('options by their table, and what stands between them', () => {
  const { values, positionals } = argumentsOf(['a', '--out', 'x', '--quiet', 'b'], OPTIONS);
  expect({ ...values }).toEqual({ out: ['x'], quiet: true });
  expect(positionals).toEqual(['a', 'b']);
});

test.each([
  [['--bad'], "Unknown option '--bad'"],
  [['--out'], "Option '--out <value>' argument missing"],
  [['--\u001b[31m'], "Unknown option '--\\x1b[31m'"],
])('%j is refused in one sentence', (argv, said) => {
  const message = expect.stringMatching(/^Cannot start: [^.]+$/);
  expect(() => argumentsOf(argv, OPTIONS)).toThrow(
    expect.objectContaining({ kind: 'request', message }),
  );
  expect(() => argumentsOf(argv, OPTIONS)).toThrow(said);
});

const inOwnWords = (why: string) => refusal(`not read: ${why}`);

test('in the words of the caller, where it has its own', () => {
  expect(() => argumentsOf(['--bad'], OPTIONS, inOwnWords)).toThrow(/^Cannot start: not read: /);
});
