/** What goes wrong around a job: nothing is lost, nothing is left behind, and one sentence says what to do. */
import { execFileSync } from 'node:child_process';
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, describe, expect, test } from '@jest/globals';
import { caseWithImage, downloadsOf, image, messageOf } from '../support/cortex/case-with-image.ts';
import { click, type Click } from '../support/cortex/click.ts';
import { CONTAINER_NEEDS, type Runner } from '../support/cortex/commands.ts';
import { requires } from '../support/requires.ts';
import { webPage, type Fault } from '../support/thehive/faults.ts';
import { startForwardProxy } from '../support/thehive/forward-proxy.ts';
import { VERSIONS } from '../support/thehive/hive.ts';

const folder = mkdtempSync(join(tmpdir(), 'ip2process-faults-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const DOWNLOAD = /download$|datastore/;
const WRITE = /^(POST|PATCH) (?!.*\/query)/;

describe.each(VERSIONS)('TheHive %d', (version) => {
  test.each<[string, Fault['what'], RegExp]>([
    ['wrong bytes', { kind: 'wrong-bytes' }, /its SHA-256 is .* nothing of it was used$/],
    ['404: the image was deleted meanwhile', { kind: 'status', status: 404 }, /404/],
    ['a web page instead of the image', webPage(200), /a web page and not the file/],
  ])('download: %s', async (_, what, message) => {
    const world = await caseWithImage(version);
    world.hive.faults.add({ when: DOWNLOAD, what });
    const done = await click({ ...world, observable: world.ip });
    expect(messageOf(done)).toMatch(message);
    expect(done.report.status).toBe('Failure');
    expect(done.faults).toEqual([]);
    expect(world.hive.writes).toEqual([]);
  });

  test('a download that is cut once goes on', async () => {
    const world = await caseWithImage(version);
    world.hive.faults.add({
      when: DOWNLOAD,
      times: 1,
      what: { kind: 'body', after: 70_000, ending: 'cut' },
    });
    const done = await click({ ...world, observable: world.ip });
    expect(messageOf(done)).toMatch(/evil \(PID 42\)/);
    expect(done.faults).toEqual([]);
  });

  test('a key that should be allowed to write and is not: TheHive does it by operations', async () => {
    const world = await caseWithImage(version);
    world.hive.faults.add({ when: WRITE, what: { kind: 'status', status: 403 } });
    const done = await click({ ...world, observable: world.ip });
    expect(done.faults).toEqual([]);
    expect(JSON.stringify(done.report)).toContain('403');
    expect(done.executed?.operations.map(({ type }) => type)).toEqual(
      expect.arrayContaining(['AddTagToArtifact', 'AddArtifactToCase', 'CreateTask']),
    );
    expect(world.ip.tags).toContainEqual(expect.stringMatching(/^ip2process:verdict=/));
  });

  test('TheHive goes away before the results: the answer stands in the job', async () => {
    const world = await caseWithImage(version);
    world.hive.faults.add({ when: DOWNLOAD, times: 1, what: { kind: 'meanwhile', do: down } });
    function down(): void {
      world.hive.faults.add({
        when: /^(?!.*(download$|datastore))/,
        what: { kind: 'status', status: 401 },
      });
    }
    const done = await click({ ...world, observable: world.ip });
    expect(messageOf(done)).toMatch(/evil \(PID 42\)/);
    expect(done.faults).toEqual([]);
    expect(JSON.stringify(done.report)).toMatch(/"report":"# .*evil/);
  });

  test('a closed case gets nothing, and the answer says so', async () => {
    const world = await caseWithImage(version);
    world.case.status = version === 4 ? 'Resolved' : 'TruePositive';
    world.case.stage = 'Closed';
    const done = await click({ ...world, observable: world.ip });
    expect(messageOf(done)).toMatch(/evil \(PID 42\)/);
    expect(JSON.stringify(done.report)).toMatch(/closed/);
    expect(world.hive.writes).toEqual([]);
    expect(done.executed?.operations).toEqual([]);
  });

  test('10,000 observables in the case', async () => {
    const world = await caseWithImage(version);
    for (let at = 0; at < 10_000; at += 1) {
      world.store.addObservable(world.case._id, { dataType: 'hash', data: `${at}` });
    }
    const done = await click({ ...world, observable: world.ip });
    expect(messageOf(done)).toMatch(/evil \(PID 42\)/);
  });

  test('hostile names of file and machine do no harm', async () => {
    const world = await caseWithImage(version);
    const name = '../../<img src=x onerror=alert(1)>\u001b[2J\u202e[x](javascript:1)`|`.raw';
    world.store.observables.delete(world.file._id);
    world.store.addFile(world.case._id, world.store.file(name, image), { tags: ['memory-image'] });
    const done = await click({ ...world, observable: world.ip });
    expect(done.faults).toEqual([]);
    expect(messageOf(done)).not.toContain('\u001b');
    expect(messageOf(done)).not.toContain('\u202e');
    for (const { content } of world.store.pages.values()) {
      expect(content).not.toContain('\u001b');
      expect(content.replaceAll(/`[^\n]*`/g, '')).not.toMatch(/<img|\u202e|\]\(javascript/);
    }
  });
});

const inContainer = requires(CONTAINER_NEEDS, 'Linux, run as root, with unshare of util-linux');
async function killed(runner: Runner) {
  const world = await caseWithImage(5);
  const what = { kind: 'body', after: 70_000, ending: 'silence' } as const;
  world.hive.faults.add({ when: DOWNLOAD, times: 1, what });
  const interrupt: Click['interrupt'] = async ({ kill }) => {
    while (downloadsOf(world.hive) === 0) await wait(5);
    await wait(300);
    kill('SIGKILL');
  };
  return click({ ...world, observable: world.ip, runner, interrupt });
}

describe('killed in mid-download', () => {
  test('a failure stands that says why', async () => {
    expect(messageOf(await killed({ kind: 'process' }))).toMatch(/^Killed before the answer/);
  });

  inContainer('the next pod of Kubernetes cleans up and answers', async () => {
    const done = await killed({ kind: 'kubernetes' });
    expect(done.starts).toBe(2);
    expect(messageOf(done)).toMatch(/evil \(PID 42\)/);
    expect(done.faults).toEqual([]);
  });
});

test.each(VERSIONS)(
  'TheHive %d: two clicks at once leave nothing twice and no tag lost',
  async (version) => {
    const world = await caseWithImage(version, undefined, { latencyMs: 20 });
    const { store, case: aCase } = world;
    const other = store.addObservable(aCase._id, { data: '198.51.100.9', tags: ['src:edr'] });
    const done = await Promise.all(
      [world.ip, other].map((observable) => click({ ...world, observable })),
    );
    for (const one of done) expect(one.faults).toEqual([]);
    const texts = store.observablesOf(aCase._id).map(({ dataType, data }) => `${dataType} ${data}`);
    expect(texts).toEqual([...new Set(texts)]);
    expect(other.tags).toEqual(
      expect.arrayContaining(['src:edr', expect.stringMatching(/^ip2process:verdict=not-found/)]),
    );
    expect(aCase.tags).toEqual(expect.arrayContaining(['memory', 'ip2process:analysed']));
    const tasks = [...store.tasks.values()].filter(({ status }) => status !== 'Cancel');
    expect(tasks.length).toBeLessThanOrEqual(1);
  },
);

test('SIGTERM in mid-download leaves no temporary file', async () => {
  const world = await caseWithImage(5);
  world.hive.faults.add({
    when: DOWNLOAD,
    times: 1,
    what: { kind: 'body', after: 70_000, ending: 'silence' },
  });
  const done = await click({
    ...world,
    observable: world.ip,
    interrupt: async ({ kill }) => {
      while (downloadsOf(world.hive) === 0) await wait(5);
      await wait(200);
      kill('SIGTERM');
    },
  });
  expect(messageOf(done)).toMatch(/^Stopped by SIGTERM/);
  expect(done.faults).toEqual([]);
  expect(done.millisecondsAfterSignal).toBeLessThan(2000);
});

test('a cache: the second case with the same image downloads nothing', async () => {
  const world = await caseWithImage(5);
  const config = { ...world.config, cache_folder: join(folder, 'cache') };
  await click({ ...world, config, observable: world.ip });
  const other = world.store.addObservable(world.case._id, { data: '198.51.100.9' });
  const done = await click({ ...world, config, observable: other });
  expect(done.faults).toEqual([]);
  expect(downloadsOf(world.hive)).toBe(1);
});

describe('an image by reference', () => {
  const evidence = mkdtempSync(join(folder, 'evidence-'));
  writeFileSync(join(evidence, 'WS-12.raw'), image);
  symlinkSync('/etc/passwd', join(evidence, 'link'));
  test.each([
    ['path:WS-12.raw', /evil \(PID 42\)/],
    ['path:../../../etc/passwd', /evidence/],
    ['path:link', /evidence/],
    ['https://elsewhere.example.org/WS-12.raw', /Cannot fetch/],
  ])('%s', async (data, message) => {
    const world = await caseWithImage(5);
    world.store.observables.delete(world.file._id);
    world.store.addObservable(world.case._id, { dataType: 'other', data, tags: ['memory-image'] });
    const config = { ...world.config, evidence_folder: evidence };
    const done = await click({ ...world, config, observable: world.ip });
    expect(messageOf(done)).toMatch(message);
    expect(done.faults).toEqual([]);
    expect(downloadsOf(world.hive)).toBe(0);
    expect(readdirSync(evidence).toSorted()).toEqual(['WS-12.raw', 'link']);
  });
});

const withOpenssl = requires('openssl', 'apt-get install openssl');
withOpenssl(
  'H2: a private authority from the settings, a path prefix, and a proxy with a password',
  async () => {
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
    execFileSync(
      'openssl',
      [
        'req',
        '-x509',
        '-newkey',
        'rsa:2048',
        '-nodes',
        '-days',
        '2',
        '-keyout',
        key,
        '-out',
        cert,
        ...subject,
      ],
      { stdio: 'ignore' },
    );
    const tls = { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
    const world = await caseWithImage(5, undefined, { tls, prefix: '/thehive' });
    const proxy = await startForwardProxy('user:pr0xyp4ss');
    try {
      const proxied = {
        ...world.config,
        thehive_url: `${world.hive.url}/`,
        proxy_https: proxy.url,
      };
      const without = await click({ ...world, config: proxied, observable: world.ip });
      expect(messageOf(without)).toMatch(/certificate is signed by/);
      expect(JSON.stringify(without.report)).not.toContain('pr0xyp4ss');
      const done = await click({
        ...world,
        config: { ...proxied, cacerts: tls.cert },
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

inContainer(
  'a whole run in Kubernetes, as any user: scratch space is the output folder, left clean',
  async () => {
    const world = await caseWithImage(4);
    const done = await click({
      ...world,
      observable: world.ip,
      runner: { kind: 'kubernetes', uid: 54_321 },
    });
    expect(messageOf(done)).toMatch(/evil \(PID 42\)/);
    expect(done.faults).toEqual([]);
    expect(done.starts).toBe(1);
  },
);
