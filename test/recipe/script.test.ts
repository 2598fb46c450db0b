import { spawnSync } from 'node:child_process';
import { describe, expect, test } from '@jest/globals';
import { parseIndicator } from '../../src/indicator/parse-indicator.ts';
import type { ImageLook } from '../../src/recipe/image-look.ts';
import { recipeOf, type RecipeOptions } from '../../src/recipe/recipe.ts';
import { scriptOf } from '../../src/recipe/script.ts';

const RAW: ImageLook = {
  path: 'memory.raw',
  format: 'raw',
  container: null,
  isPhysical: true,
  isPlain: true,
  system: 'windows',
};
const LIME: ImageLook = { ...RAW, path: 'm.lime', format: 'LiME', isPhysical: false };
const VOL: RecipeOptions = { program: 'vol', symbols: null, system: null };

const script = (look: ImageLook, indicator = '203.0.113.7', options = VOL): string =>
  scriptOf(recipeOf(parseIndicator(indicator), look, options));

const commands = (text: string): string[] =>
  text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));

const LOOKS: Readonly<Record<string, ImageLook>> = {
  raw: RAW,
  LiME: { ...LIME, system: 'linux' },
  'a raw image of no known system': { ...RAW, system: null },
  'a gzip': { ...LIME, path: 'm.raw.gz', format: null, container: 'gzip', system: null },
  'a compressed kdump': { ...LIME, format: 'kdump', isPlain: false, system: 'linux' },
  'a hostile name': { ...RAW, path: "-x'\n$(touch pwned) `id`;\u001b[2J#" },
};

describe.each(Object.entries(LOOKS))('%s', (_, look) => {
  test.each([
    '203.0.113.7',
    '2001:db8::7',
    'evil.example',
    String.raw`http://evil.example/?a="b';$(touch pwned)\c`,
  ])('the script for %s is one that bash can read', (indicator) => {
    const text = script(look, indicator);
    const { status, stderr } = spawnSync('bash', ['-n'], { input: text, encoding: 'utf8' });

    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(text.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
  });
});

test('a raw image: the offsets of strings are what Volatility wants', () => {
  const lines = commands(script(RAW));
  expect(lines).toContain(
    String.raw`strings -a -td -el ./memory.raw | LC_ALL=C grep -aF -e 203.0.113.7 | sed -E 's/^ *([0-9]+) /\1:/' > hits.utf16.txt`,
  );
  expect(lines).toContain('cat hits.ascii.txt hits.utf16.txt > hits.txt; wc -l < hits.txt');
  expect(lines.filter((line) => line.includes('--strings-file'))).toEqual(
    Array.from({ length: 2 }, () => expect.stringContaining('--strings-file hits.txt >')),
  );
});

test('an image whose offsets are no addresses: says so, and takes the hits from us', () => {
  const text = script(LIME);
  expect(text).toContain('wants physical addresses: in LiME');
  expect(commands(text)).toContain(
    'ip2process recipe 203.0.113.7 --image ./m.lime --strings-file hits.txt',
  );
  expect(commands(text).join('\n')).toContain('> hits.file-offsets.txt');
});

test('a packed image is unpacked first, and both systems are offered', () => {
  const lines = commands(script({ ...LIME, path: 'm.gz', container: 'gzip', system: null }));
  expect(lines[0]).toBe('gzip -dc < ./m.gz > image.unpacked');
  expect(lines.filter((line) => line.includes('.pslist'))).toEqual([
    'vol --offline -q -f ./image.unpacked windows.pslist | cat -v',
    'vol --offline -q -f ./image.unpacked linux.pslist | cat -v',
  ]);
});

test('what the analyst says of the system goes before what the look says', () => {
  expect(script(RAW, '203.0.113.7', { ...VOL, system: 'linux' })).toContain('linux.vmayarascan');
  expect(script(RAW)).not.toContain('linux.');
});

test('symbols and the command of Volatility are as given', () => {
  const text = script(RAW, '203.0.113.7', { ...VOL, program: 'v/vol', symbols: 'i s f' });
  expect(text).toContain("./v/vol --offline -q -s './i s f' -f ./memory.raw windows.pslist");
});

test('the plain plugin comes with a warning, and its correction behind it', () => {
  const text = script(RAW);
  expect(text.search(/issue\s+#?\s+876/)).toBeGreaterThan(0);
  expect(text.search(/issue\s+#?\s+876/)).toBeLessThan(text.indexOf(' windows.strings '));
  expect(text.indexOf(' windows.strings ')).toBeLessThan(text.indexOf('CorrectedStrings --'));
});

test('a YARA string is escaped for its quotes', () => {
  expect(script(RAW, String.raw`http://evil.example/?a=\b`)).toContain(
    String.raw`--yara-string 'http://evil.example/?a=\\b' --wide`,
  );
});
