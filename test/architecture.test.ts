/** The house keeps its shape: imports go one way, every source file has its test, no file grows past one sitting. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { fromRoot } from './support/requires.ts';

/** From left to right: a folder imports only from itself and from folders to its left. */
const ORDER = [
  'machine-code',
  'memory',
  'indicator',
  'image',
  'scan',
  'translate',
  'os',
  'engine',
  'index-file',
  'attribute',
  'report',
  'evidence',
  'thehive',
  'velociraptor',
  'recipe',
  'run',
  'case',
  'cli',
];

/** Beside the folders, for all of them. */
const GROUND = ['errors.ts', 'version.ts', 'write-atomically.ts'];

const SRC = fromRoot('src');
const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'))
  .map((file) => file.split(sep).join('/'));

const importsOf = (file: string): string[] =>
  [...readFileSync(join(SRC, file), 'utf8').matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)].map(
    ([, target = '']) =>
      relative(SRC, resolve(dirname(join(SRC, file)), target))
        .split(sep)
        .join('/'),
  );

const folderOf = (file: string): string => (file.includes('/') ? (file.split('/')[0] ?? '') : '');

test('a folder imports only from folders to its left', () => {
  const wrong = files.flatMap((file) =>
    importsOf(file)
      .filter((target) => isToTheRight(folderOf(file), folderOf(target), target))
      .map((target) => `${file} imports ${target}`),
  );
  expect(wrong).toEqual([]);
});

function isToTheRight(from: string, to: string, target: string): boolean {
  if (from === to || from === '' || GROUND.includes(target)) return false;
  return to === '' || ORDER.indexOf(to) > ORDER.indexOf(from);
}

test('every folder has its place in the order', () => {
  const folders = new Set(files.map(folderOf).filter((folder) => folder !== ''));
  expect([...folders].filter((folder) => !ORDER.includes(folder))).toEqual([]);
});

describe('a file is read in one sitting', () => {
  test.each(files)('%s has at most 300 lines', (file) => {
    expect(readFileSync(join(SRC, file), 'utf8').split('\n').length).toBeLessThanOrEqual(300);
  });
});

test('what users run depends on nothing outside the project', () => {
  const outside = files.filter((file) =>
    readFileSync(join(SRC, file), 'utf8').includes('../shared/'),
  );
  expect(outside).toEqual([]);
});

test('the lock file names no registry', () => {
  expect(readFileSync(fromRoot('package-lock.json'), 'utf8')).not.toMatch(/"resolved": "https?:/);
});

test('every document that the README names is there', () => {
  const readme = readFileSync(fromRoot('README.md'), 'utf8');
  const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, path = '']) => path);
  expect(links.filter((path) => !existsSync(fromRoot(path)))).toEqual([]);
});
