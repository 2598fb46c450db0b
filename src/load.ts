import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Script } from 'node:vm';

/**
 * Runs a part of the built program, and what it requires beside itself, each once. The build leaves what V8 made of each
 * (Node has that from 22.1 on, but where it pleases and from the second run on): nothing is parsed or compiled, 60 ms of a
 * run.
 *
 * @param path of a CommonJS file
 * @returns what it exports
 */
export function load(path: string): unknown {
  const known = loaded.get(path);
  if (known) return known.exports;
  const run: Body = scriptOf(path).runInThisContext();
  const module: Module = { exports: {} };
  loaded.set(path, module);
  const folder = dirname(path);
  const ofNode = createRequire(path);
  const require = (name: string): unknown =>
    name.startsWith('./') ? load(join(folder, name)) : ofNode(name);
  try {
    run.call(module.exports, module.exports, require, module, path, folder);
  } catch (error) {
    // The next who asks is told as well, and not given half of it.
    loaded.delete(path);
    throw error;
  }
  return module.exports;
}

/**
 * @returns the file's script, strict as the ES modules that it was made of; compiled already where the build knew this very
 *   text and this Node
 */
export function scriptOf(path: string): Script {
  const source = readFileSync(path);
  const body = `(function (exports, require, module, __filename, __dirname) {'use strict';${source.toString()}\n})`;
  const cachedData = compiledFrom(path, source);
  return new Script(body, { filename: path, ...(cachedData && { cachedData }) });
}

/**
 * Where the build leaves a text and what V8 made of it, one behind the other: V8 itself compares lengths of texts only, and
 * its own version, but not Node's changes to it.
 */
export const compiledFile = (path: string): string =>
  `${path}.${process.version}-${process.arch}.compiled`;

function compiledFrom(path: string, source: Buffer): Buffer | null {
  let held: Buffer;
  try {
    held = readFileSync(compiledFile(path));
  } catch {
    return null;
  }
  return held.subarray(0, source.length).equals(source) ? held.subarray(source.length) : null;
}

interface Module {
  exports: unknown;
}
type Body = (
  this: unknown,
  exports: unknown,
  require: (name: string) => unknown,
  module: Module,
  filename: string,
  dirname: string,
) => void;

const loaded = new Map<string, Module>();
