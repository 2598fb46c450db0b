import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  pluginFolder,
  volatility3Cache,
  volatility3Command,
} from '../../../src/engine/volatility3/installation.ts';

let root = '';
let home = '';
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'ip2process-'));
  home = mkdtempSync(join(tmpdir(), 'ip2process-'));
});
afterAll(() => {
  for (const folder of [root, home]) rmSync(folder, { recursive: true });
});

function put(path: string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, '');
  return path;
}

test('the checkout before the user before the shell', () => {
  expect(volatility3Command(root, home)).toBe('vol');
  const ofUser = put(join(home, '.local/share/ip2process/volatility3/bin/vol'));
  expect(volatility3Command(root, home)).toBe(ofUser);
  const ofCheckout = put(join(root, '.volatility3/bin/vol'));
  expect(volatility3Command(root, home)).toBe(ofCheckout);
});

test('our plugins lie where they are looked for', () => {
  for (const file of ['ip2process_rows.py', 'windows/ip2process.py', 'linux/ip2process.py']) {
    expect(existsSync(join(pluginFolder(), file))).toBe(true);
  }
});

test('the cache is the user’s own', () => {
  expect(volatility3Cache('/home/ann')).toBe('/home/ann/.cache/ip2process/volatility3');
});
