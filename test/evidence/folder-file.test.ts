import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { openInFolder } from '../../src/evidence/folder-file.ts';
import { requires } from '../support/requires.ts';

const base = mkdtempSync(join(tmpdir(), 'ip2process-evidence-'));
const folder = join(base, 'evidence');
mkdirSync(join(folder, 'ws12'), { recursive: true });
mkdirSync(join(base, 'evidence-of-others'));
writeFileSync(join(folder, 'ws12', 'memory.raw'), 'inside');
writeFileSync(join(base, 'secret'), 'outside');
writeFileSync(join(base, 'evidence-of-others', 'x'), 'outside');
symlinkSync('ws12/memory.raw', join(folder, 'inside-link'));
symlinkSync('../secret', join(folder, 'outside-link'));
symlinkSync('..', join(folder, 'up'));
symlinkSync('/dev/zero', join(folder, 'device-link'));
symlinkSync('loop', join(folder, 'loop'));
symlinkSync(folder, join(base, 'linked-folder'));
afterAll(() => rmSync(base, { recursive: true }));

async function textIn(root: string, path: string): Promise<string> {
  const file = await openInFolder(root, path);
  try {
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}

test.each(['ws12/memory.raw', './ws12/../ws12/memory.raw', 'inside-link', 'ws12//memory.raw'])(
  '"%s" is inside',
  async (path) => expect(await textIn(folder, path)).toBe('inside'),
);

test('the folder itself may be a link', async () => {
  expect(await textIn(join(base, 'linked-folder'), 'inside-link')).toBe('inside');
});

test.each([
  ['../secret', 'it leads out of the evidence folder'],
  ['ws12/../../secret', 'it leads out of the evidence folder'],
  ['../evidence-of-others/x', 'it leads out of the evidence folder'],
  ['/etc/passwd', 'it is absolute'],
  ['C:\\secret', 'it is absolute'],
  ['\\\\server\\share', 'it is absolute'],
  ['.', 'it leads out of the evidence folder'],
  ['', 'it leads out of the evidence folder'],
  ['outside-link', 'it leads out of the evidence folder, by a link'],
  ['up/secret', 'it leads out of the evidence folder, by a link'],
  ['device-link', 'it leads out of the evidence folder, by a link'],
  ['ws12/memory.raw\0.txt', 'it holds a zero byte'],
  ['ws12', 'it is a folder, device or pipe, not a file'],
  ['loop', 'its links lead in a circle'],
  ['ws12/memory.raw/x', 'a part of the path is not a folder'],
  ['nothing', 'there is no such file'],
  ['1 MB', 'the path is too long'],
])('%j is refused', async (path, reason) => {
  const failure = await openInFolder(folder, path.replace('1 MB', 'x'.repeat(2 ** 20))).then(
    () => 'opened',
    (error: unknown) => String(error),
  );
  expect(failure).toContain(reason);
  expect(failure.length).toBeLessThan(500);
  expect(failure).not.toMatch(/\p{Cc}/u);
});

test('an evidence folder that is not there is named', async () => {
  await expect(openInFolder(join(base, 'none'), 'x')).rejects.toThrow(
    /none" \(the evidence folder\): there is no such file/,
  );
});

requires('mkfifo', 'apt-get install coreutils')('a pipe is refused without waiting', async () => {
  execFileSync('mkfifo', [join(folder, 'pipe')]);
  await expect(openInFolder(folder, 'pipe')).rejects.toThrow('it is a folder, device or pipe');
});
