import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { loadCatalog, loadFolder } from './definitions.ts';

const right = {
  name: 'Wrong',
  version: '1.0',
  description: 'd',
  author: 'a',
  url: 'https://example.org',
  license: 'Apache-2.0',
  dataTypeList: ['thehive:case'],
  command: 'Wrong/run.mjs',
  dockerImage: 'wrong:1.0',
  baseConfig: 'Wrong',
  configurationItems: [
    { name: 'n', description: 'd', type: 'number', multi: false, required: false, defaultValue: 1 },
  ],
};

let workers = '';
beforeEach(() => {
  workers = mkdtempSync(join(tmpdir(), 'ip2process-workers-'));
  mkdirSync(join(workers, 'Wrong'));
});
afterEach(() => rmSync(workers, { recursive: true, force: true }));

function faultsOf(definition: object, mode = 0o755, text = '#!/bin/sh\n'): string {
  writeFileSync(join(workers, 'Wrong', 'Wrong.json'), JSON.stringify(definition));
  writeFileSync(join(workers, 'Wrong', 'run.mjs'), text, { mode });
  return loadFolder(workers).faults.join('\n');
}

test('a right definition is loaded without a fault', () => {
  expect(faultsOf(right)).toBe('');
  expect(loadFolder(workers).definitions.map(({ id }) => id)).toEqual(['Wrong_1_0']);
});

const item = right.configurationItems[0];
describe('a wrong definition', () => {
  test.each<[string, object]>([
    ['D1: Wrong.json: name', { ...right, name: 'Two Words' }],
    ['D1: Wrong.json: license', { ...right, license: undefined }],
    ['D1: Wrong.json: dataTypeList', { ...right, dataTypeList: ['ip'] }],
    ['"docker_image" is not read', { ...right, docker_image: 'x' }],
    ['D1: the command run.mjs', { ...right, command: 'run.mjs' }],
    ['D1: the command /Wrong/run.mjs', { ...right, command: '/Wrong/run.mjs' }],
    ['D1: the command Wrong/../', { ...right, command: 'Wrong/../Wrong/run.mjs' }],
    ['D1: no command', { ...right, command: undefined }],
    [
      'D1: Wrong.json: configurationItems.0.type',
      { ...right, configurationItems: [{ ...item, type: 'list' }] },
    ],
    [
      'D2: jobTimeout is Cortex',
      { ...right, configurationItems: [{ ...item, name: 'jobTimeout' }] },
    ],
    ['D2: the default of n', { ...right, configurationItems: [{ ...item, defaultValue: '1' }] }],
    ['D2: the default of n', { ...right, configurationItems: [{ ...item, multi: true }] }],
  ])('%s', (fault, definition) => {
    expect(faultsOf(definition)).toContain(fault);
  });

  test('D1: without the exec bit, or without #!', () => {
    expect(faultsOf(right, 0o644)).toContain('cannot be executed');
    rmSync(join(workers, 'Wrong', 'run.mjs'));
    expect(faultsOf(right, 0o755, 'console.log(1)')).toContain('does not begin with #!');
  });

  test('D1: another JSON beside it is taken for one', () => {
    writeFileSync(join(workers, 'Wrong', 'package.json'), '{"type":"module"}');
    expect(faultsOf(right)).toContain('D1: package.json');
  });

  test('D3: a catalog of one that has a command, or is no array', () => {
    expect(loadCatalog([right]).faults.join()).toContain('D3: Wrong_1_0 has a command');
    expect(loadCatalog(right).faults.join()).toContain('D3: the catalog is no array');
    const image = { ...right, command: undefined, dockerImage: undefined };
    expect(loadCatalog([image]).faults.join()).toContain('D3: Wrong_1_0 has no dockerImage');
  });
});
