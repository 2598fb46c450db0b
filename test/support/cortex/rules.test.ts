/** Every rule of the integration contract is one that a wrong responder, client or definition was seen to break. */
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { fromRoot } from '../from-root.ts';

const rules = (letter: string, count: number): string[] =>
  Array.from({ length: count }, (_, at) => `${letter}${at + 1}`);

test.each([
  [rules('R', 12), ['cortex/wrong-responders.test.ts', 'cortex/judge.test.ts']],
  [rules('H', 12), ['thehive/stand-in.test.ts', 'thehive/stand-in-faults.test.ts']],
  [rules('D', 3), ['cortex/definitions.test.ts']],
])('%j', (expected, files) => {
  const source = files
    .map((file) => readFileSync(fromRoot(`test/support/${file}`), 'utf8'))
    .join('\n');
  // At the beginning of a name, as of a row or of a test.
  const found = [...source.matchAll(/['"`]([RHD]\d+(?:, [RHD]\d+)*)(?=['":])/g)].flatMap(
    ([, names = '']) => names.split(', '),
  );
  expect(expected.filter((rule) => !found.includes(rule))).toEqual([]);
});
