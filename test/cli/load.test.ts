/** The parts of the built program, and what V8 made of them when they were built. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { compiledFile, load, scriptOf } from '../../src/load.ts';
import { fromRoot } from '../support/requires.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ip2process-load-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

/** As the build does it. @param text instead of the file's own */
function compile(path: string, text = readFileSync(path)): void {
  writeFileSync(compiledFile(path), Buffer.concat([text, scriptOf(path).createCachedData()]));
}

describe('a part', () => {
  test('runs once, whoever requires it', () => {
    write(
      'count.cjs',
      'globalThis.loads = (globalThis.loads ?? 0) + 1; exports.loads = globalThis.loads;',
    );
    write('one.cjs', "exports.first = require('./count.cjs').loads;");
    const both =
      "const { first } = require('./one.cjs'); module.exports = [first, require('./count.cjs').loads];";
    expect(load(write('both.cjs', both))).toEqual([1, 1]);
  });

  test('requires what is of Node, and knows where it lies', () => {
    const path = write(
      'part.cjs',
      "module.exports = [require('node:path').sep, __filename, __dirname];",
    );
    expect(load(path)).toEqual(['/', path, folder]);
  });

  test('is strict, as the modules that it was made of', () => {
    const path = write('part.cjs', 'Object.freeze(exports).answer = 1;');
    expect(() => load(path)).toThrow('object is not extensible');
  });

  test.each([
    ['is missing', null, 'no such file'],
    ['throws', "exports.half = 1; throw new Error('not now');", 'not now'],
  ])('that %s does so for each who asks', (_, text, message) => {
    const path = text === null ? join(folder, 'missing.cjs') : write('part.cjs', text);
    for (const asks of [load, load]) expect(() => asks(path)).toThrow(message);
  });

  test('names its own file and line in an error', () => {
    const path = write('part.cjs', "\nthrow new Error('x');");
    const thrown = '(() => { try { return load(path); } catch ({ stack }) { return stack; } })()';
    expect(elsewhere(thrown, path)).toContain(`${path}:2`);
  });
});

describe('what V8 made of it', () => {
  test('is used for the very text', () => {
    const path = write('part.cjs', 'exports.answer = 1;');
    expect(scriptOf(path).cachedDataRejected).toBeUndefined();
    compile(path);
    expect(scriptOf(path).cachedDataRejected).toBe(false);
    expect(load(path)).toEqual({ answer: 1 });
  });

  // V8 itself would take it, and run the old text.
  test('is left alone where the text is another of the same length', () => {
    const path = write('part.cjs', 'exports.answer = 1;');
    compile(path);
    writeFileSync(path, 'exports.answer = 2;');
    expect(scriptOf(path).cachedDataRejected).toBeUndefined();
    expect(load(path)).toEqual({ answer: 2 });
  });

  test.each([0, 1, 8, 32, 100])('is refused where only %i bytes of it were written', (bytes) => {
    const path = write('part.cjs', 'exports.answer = 1;');
    compile(path);
    const whole = readFileSync(compiledFile(path));
    writeFileSync(compiledFile(path), whole.subarray(0, readFileSync(path).length + bytes));
    expect(elsewhere('[scriptOf(path).cachedDataRejected, load(path)]', path)).toEqual([
      true,
      { answer: 1 },
    ]);
  });

  test('is of this Node only', () => {
    expect(compiledFile('a.cjs')).toBe(`a.cjs.${process.version}-${process.arch}.compiled`);
  });
});

/** In a process of its own: V8 knows by itself what it has compiled once. @param asked of `path`, or of `paths` */
function elsewhere(asked: string, ...paths: readonly string[]): unknown {
  const program = `const { scriptOf, load } = require('./load.cjs');
    const paths = process.argv.slice(1);
    const [path] = paths;
    console.log(JSON.stringify(${asked}));`;
  const args = ['--eval', program, ...paths];
  const { stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: fromRoot('dist'),
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  return JSON.parse(stdout);
}

describe('the built program', () => {
  const dist = fromRoot('dist');
  const names = readdirSync(dist);

  test('has it for every part, and this Node takes it', () => {
    const parts = names.filter((name) => existsSync(compiledFile(join(dist, name))));
    expect(parts.length).toBeGreaterThan(10);
    const paths = parts.map((name) => join(dist, name));
    expect(elsewhere('paths.map((part) => scriptOf(part).cachedDataRejected)', ...paths)).toEqual(
      paths.map(() => false),
    );
  });

  test('keeps none of another build', () => {
    const strays = names.filter(
      (name) => name.endsWith('.compiled') && !names.includes(name.replace(/\.v[^/]*$/u, '')),
    );
    expect(strays).toEqual([]);
  });
});
