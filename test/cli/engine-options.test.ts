import { tmpdir } from 'node:os';
import { describe, expect, test } from '@jest/globals';
import { engineOf } from '../../src/cli/engine-options.ts';

test('nothing said, or native: the native engine, and nothing to choose', () => {
  expect(engineOf({})).toBeUndefined();
  expect(engineOf({ engine: 'native' })).toBeUndefined();
});

test('all that can be said', () => {
  expect(
    engineOf({
      engine: 'both',
      symbols: tmpdir(),
      volatility: '/opt/vol',
      'volatility-minutes': '1.5',
      'allow-download': true,
    }),
  ).toMatchObject({
    kind: 'both',
    volatility3: {
      command: '/opt/vol',
      symbols: tmpdir(),
      allowsDownload: true,
      limits: { timeMs: 90_000 },
    },
  });
});

test('offline unless allowed', () => {
  expect(engineOf({ engine: 'volatility3' })?.volatility3.allowsDownload).toBe(false);
});

describe('refused', () => {
  test.each([
    [{ engine: 'rekall' }, 'it should be native, volatility3, both'],
    [{ symbols: '/tmp' }, 'Cannot use --symbols: it speaks of Volatility 3'],
    [{ engine: 'native', 'allow-download': true }, 'Cannot use --allow-download'],
    [{ engine: 'both', symbols: '/nowhere' }, 'Cannot use the symbols "/nowhere"'],
    [{ engine: 'both', 'volatility-way': 'netscan' }, 'it should be plugin, vadyarascan, strings'],
    [{ engine: 'volatility3', 'volatility-way': 'strings' }, 'answer alone'],
    [{ engine: 'both', 'volatility-minutes': '0' }, 'a number from 0.1 to 1440'],
    [{ engine: 'both', 'volatility-minutes': '' }, 'a number from 0.1 to 1440'],
  ])('%j', (values, message) => {
    expect(() => engineOf(values)).toThrow(message);
  });
});
