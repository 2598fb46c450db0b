import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { textOfFile } from '../../src/cli/text-file.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = temporaryFolder('ip2process-text-file-');
const failure = (code: string): string => `Cannot read it: ${code}`;

test('the text of a file', () => {
  const path = join(folder, 'key');
  writeFileSync(path, 'schlüssel\n');
  expect(textOfFile(path, failure)).toBe('schlüssel\n');
});

test.each([
  ['missing', 'ENOENT'],
  ['.', 'EISDIR'],
])('%s: the caller’s sentence with the code %s, and the path as data', (name, code) => {
  const path = join(folder, name);
  expect(() => textOfFile(path, failure)).toThrow(
    expect.objectContaining({
      kind: 'system',
      message: `Cannot read it: ${code}`,
      place: { path },
    }),
  );
});
