/** The second engine by a setting of the responder. */
import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { caseWithImage, messageOf } from '../support/cortex/case-with-image.ts';
import { click } from '../support/cortex/click.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = temporaryFolder('ip2process-engine-');

test('both: Volatility 3 is asked for the case’s image, offline; that it fails costs no answer', async () => {
  const told = join(folder, 'arguments');
  const vol = join(folder, 'vol');
  writeFileSync(vol, `#!/bin/sh\necho "$XDG_CACHE_HOME $@" > ${told}\nexit 1\n`);
  chmodSync(vol, 0o755);
  const world = await caseWithImage(5);
  const config = {
    ...world.config,
    engine: 'both',
    volatility3_command: vol,
    volatility3_symbols: folder,
  };
  const done = await click({ ...world, config, observable: world.ip });

  expect(messageOf(done)).toMatch(/evil \(PID 42\)/);
  expect(done.faults).toEqual([]);
  const [cache = '', ...args] = readFileSync(told, 'utf8').trim().split(' ');
  expect(args).toEqual(expect.arrayContaining(['--offline', '--symbol-dirs', folder]));
  expect(args.at(-1)).toBe('linux.ip2process');
  // Nothing is kept where the job leaves its answer.
  expect(() => readdirSync(cache)).toThrow('ENOENT');
}, 120_000);
