import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { fromRoot } from '../support/requires.ts';

test('matcher-binary.ts is what assembly/matcher.ts compiles to', () => {
  // In a process of its own: the compiler leaves something running.
  const script = fromRoot('src/scan/assembly/compile-matcher.ts');
  const compiled = execFileSync(process.execPath, ['--import', 'tsx', script], {
    encoding: 'utf8',
  });
  expect(compiled).toBe(readFileSync(fromRoot('src/scan/matcher-binary.ts'), 'utf8'));
});
