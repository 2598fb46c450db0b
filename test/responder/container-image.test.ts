/** The container image itself, as test/docker/build.sh made it: its own files, its own Node, as Docker and Kubernetes run it. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { caseWithImage, messageOf } from '../support/cortex/case-with-image.ts';
import { click } from '../support/cortex/click.ts';
import type { Runner } from '../support/cortex/commands.ts';
import { fromRoot } from '../support/requires.ts';

const folder = process.env['IP2PROCESS_IMAGE'] ?? '';
const isHere = folder !== '' && existsSync(join(folder, 'root'));
const inImage = isHere ? test : test.skip;
const NEEDS = 'needs IP2PROCESS_IMAGE=FOLDER: test/docker/build.sh FOLDER';

const RUNNERS: readonly Runner[] = [
  { kind: 'docker' },
  { kind: 'docker', uid: 1001 },
  { kind: 'docker', uid: 1001, isReadOnly: true },
  { kind: 'docker-3.1' },
  // A read-only root, of which only /job/output can be written.
  { kind: 'kubernetes' },
  { kind: 'kubernetes', uid: 1001 },
];

describe(`the container image${isHere ? '' : ` [${NEEDS}]`}`, () => {
  inImage('holds the worker that was built, and starts it', () => {
    const worker = 'worker/Ip2Process/ip2process.mjs';
    const built = readFileSync(fromRoot('dist/responders/Ip2Process/ip2process.mjs'));
    expect(built.equals(readFileSync(join(folder, 'root', worker)))).toBe(true);
    expect(readFileSync(join(folder, 'entrypoint'), 'utf8').trim()).toBe(`[node /${worker}]`);
  });

  inImage('is small', () => {
    const size = /ip2process\s+(\d+) MB/.exec(readFileSync(join(folder, 'size'), 'utf8'))?.[1];
    expect(Number(size)).toBeLessThan(200);
  });

  for (const runner of RUNNERS) {
    inImage(`answers as ${JSON.stringify(runner)}`, async () => {
      const world = await caseWithImage(5);
      const imageRoot = join(folder, 'root');
      const done = await click({
        ...world,
        observable: world.ip,
        runner: { ...runner, imageRoot },
      });
      expect(messageOf(done)).toMatch(/evil \(PID 42\)/);
      expect(done.faults).toEqual([]);
      expect(done.starts).toBe(1);
    });
  }
});
