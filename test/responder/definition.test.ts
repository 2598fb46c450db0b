/** What Cortex loads: the built folder, the catalog, and the settings behind both, kept equal. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import * as z from 'zod';
import { configurationItems } from '../../responder/settings.ts';
import { loadCatalog, loadFolder } from '../support/cortex/definitions.ts';
import { fromRoot } from '../support/requires.ts';

const anything = z.looseObject({});
const jsonOf = (path: string): unknown => JSON.parse(readFileSync(fromRoot(path), 'utf8'));
const definition = anything.parse(jsonOf('responder/Ip2Process.json'));

test('the built folder loads, and holds the definition and one executable file', () => {
  const { definitions, faults } = loadFolder(fromRoot('dist/responders'));
  expect(faults).toEqual([]);
  expect(definitions.map(({ id }) => id)).toEqual(['Ip2Process_1_0']);
  expect(readdirSync(fromRoot('dist/responders/Ip2Process')).toSorted()).toEqual([
    'Ip2Process.json',
    'ip2process.mjs',
    // The scan's loops as machine code, taken where the processor knows it.
    'machine-code-linux-x64.node',
    // What Volatility 3 loads, where it is asked.
    'volatility3-plugins',
  ]);
});

test('the source folder has no other JSON', () => {
  expect(readdirSync(fromRoot('responder')).filter((file) => file.endsWith('.json'))).toEqual([
    'Ip2Process.json',
  ]);
});

test('the definition has the settings that the responder reads', () => {
  expect(definition['configurationItems']).toEqual(configurationItems());
});

test('the catalog loads, and is the definition for containers', () => {
  const catalog = jsonOf('manifest.json');
  expect(loadCatalog(catalog).faults).toEqual([]);
  const { command: _, ...entry } = definition;
  expect(catalog).toEqual([entry]);
});

test('nothing in the definition is a placeholder, and the image has the tag that the manual builds', () => {
  expect(JSON.stringify(definition)).not.toMatch(/example\.|todo|changeme/i);
  const { dockerImage } = definition;
  for (const file of ['Dockerfile', 'docs/install.md']) {
    expect(readFileSync(fromRoot(file), 'utf8')).toContain(
      `docker build --tag ${String(dockerImage)} .`,
    );
  }
});

test('the container image starts the worker as the runners of the tests do', () => {
  const lines = readFileSync(fromRoot('Dockerfile'), 'utf8').split('\n');
  const has = (word: string) => lines.filter((line) => line.startsWith(`${word} `));
  expect(has('ENTRYPOINT')).toEqual(['ENTRYPOINT ["node", "/worker/Ip2Process/ip2process.mjs"]']);
  expect(has('COPY')).toEqual(['COPY dist/responders/Ip2Process /worker/Ip2Process']);
  expect([...has('CMD'), ...has('USER')]).toEqual([]);
});

test('the manual tells every setting as it is', () => {
  const manual = readFileSync(fromRoot('docs/install.md'), 'utf8');
  for (const { name, description, defaultValue, required } of configurationItems()) {
    const shown = required
      ? 'required'
      : defaultValue === undefined
        ? ''
        : [defaultValue]
            .flat()
            .map((value) => `\`${z.coerce.string().parse(value)}\``)
            .join(' ');
    const cells = manual
      .split('\n')
      .filter((line) => line.startsWith(`| \`${name}\` `))
      .map((line) => line.split('|').map((cell) => cell.trim()));
    expect(cells).toEqual([['', `\`${name}\``, shown, description, '']]);
  }
});
