import { expect, test } from '@jest/globals';
import { recipeRequest } from '../../src/cli/recipe-request.ts';

const asked = (...more: string[]) => recipeRequest(['35.178.122.152', '--image', 'x', ...more]);

test('an indicator and an image are enough: the commands are printed, none is run', () => {
  expect(asked()).toMatchObject({
    indicator: { kind: 'ipv4', text: '35.178.122.152' },
    image: 'x',
    runs: false,
    stringsFile: null,
    system: null,
    program: 'vol',
    timeoutMs: 60 * 60_000,
  });
});

test.each([
  [['10.0.0.1'], 'one indicator should be named'],
  [['--image', ''], 'no memory image given'],
  [['--system', 'macos'], '--system should be windows or linux, not "macos"'],
  [['--minutes', '0'], '--minutes should be a whole number from 1 to 1440'],
])('%j is refused', (more, message) => {
  expect(() => asked(...more)).toThrow(`Cannot start: ${message}`);
});
