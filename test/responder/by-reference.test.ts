/** Images that the case only names, images that are kept, and the ways to TheHive that an admin sets. */
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { caseWithImage, downloadsOf, image, messageOf } from '../support/cortex/case-with-image.ts';
import { click } from '../support/cortex/click.ts';
import { CONTAINER_NEEDS } from '../support/cortex/commands.ts';
import { byReference, DOWNLOAD } from '../support/cortex/troubles.ts';
import { requires } from '../support/requires.ts';
import { selfSigned } from '../support/self-signed.ts';
import { startForwardProxy } from '../support/thehive/forward-proxy.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = temporaryFolder('ip2process-by-reference-');

describe('an image by reference', () => {
  const evidence = join(folder, 'evidence');
  mkdirSync(evidence);
  writeFileSync(join(evidence, 'WS-12.raw'), image);
  symlinkSync('/etc/passwd', join(evidence, 'link'));

  test.each([
    ['path:WS-12.raw', /evil \(PID 42\)/],
    ['path:../../../etc/passwd', /evidence/],
    ['path:link', /evidence/],
    ['https://elsewhere.example.org/WS-12.raw', /Cannot fetch/],
  ])('%s', async (data, message) => {
    const world = await caseWithImage(5);
    const changes = byReference(data, { evidence_folder: evidence })(world);
    const done = await click({ ...world, observable: world.ip, ...changes });
    expect(messageOf(done)).toMatch(message);
    expect(done.faults).toEqual([]);
    expect(downloadsOf(world.hive)).toBe(0);
    expect(readdirSync(evidence).toSorted()).toEqual(['WS-12.raw', 'link']);
  });
});

describe('a folder for images', () => {
  test('the second case with the same image downloads nothing', async () => {
    const world = await caseWithImage(5);
    const config = { ...world.config, cache_folder: join(folder, 'cache') };
    await click({ ...world, config, observable: world.ip });
    const other = world.store.addObservable(world.case._id, { data: '198.51.100.9' });
    const done = await click({ ...world, config, observable: other });
    expect(done.faults).toEqual([]);
    expect(downloadsOf(world.hive)).toBe(1);
  });

  test('a download that failed leaves nothing in it', async () => {
    const world = await caseWithImage(4);
    const cache = join(folder, 'cache-of-failures');
    world.hive.faults.add({ when: DOWNLOAD, times: 1, what: { kind: 'wrong-bytes' } });
    const config = { ...world.config, cache_folder: cache };
    const done = await click({ ...world, config, observable: world.ip });
    expect(messageOf(done)).toMatch(/its SHA-256 is/);
    expect(done.faults).toEqual([]);
    expect(readdirSync(cache)).toEqual([]);
  });
});

const withOpenssl = requires('openssl', 'apt-get install openssl');
withOpenssl(
  'H2: a private authority from the settings, a path prefix, and a proxy with a password',
  async () => {
    const tls = selfSigned();
    const world = await caseWithImage(5, undefined, { tls, prefix: '/thehive' });
    const proxy = await startForwardProxy('user:pr0xyp4ss');
    try {
      const config = {
        ...world.config,
        thehive_url: `${world.hive.url}/`,
        proxy_https: proxy.url,
      };
      const without = await click({ ...world, config, observable: world.ip });
      expect(messageOf(without)).toMatch(/certificate is signed by/);
      expect(JSON.stringify(without.report)).not.toContain('pr0xyp4ss');
      const done = await click({
        ...world,
        config: { ...config, cacerts: tls.cert },
        observable: world.ip,
      });
      expect(messageOf(done)).toMatch(/evil \(PID 42\)/);
      expect(proxy.seen.length).toBeGreaterThan(0);
    } finally {
      await proxy.stop();
    }
  },
  120_000,
);

const inContainer = requires(CONTAINER_NEEDS, 'Linux, run as root, with unshare of util-linux');
inContainer(
  'a whole run in Kubernetes, as any user: scratch space is the output folder, left clean',
  async () => {
    const world = await caseWithImage(4);
    const runner = { kind: 'kubernetes', uid: 54_321 } as const;
    const done = await click({ ...world, observable: world.ip, runner });
    expect(messageOf(done)).toMatch(/evil \(PID 42\)/);
    expect(done.faults).toEqual([]);
    expect(done.starts).toBe(1);
  },
);
