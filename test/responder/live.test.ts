/** A case whose machine still runs: through the built worker, Cortex' runner, TheHive and a Velociraptor on this machine. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { caseWithImage, image, IP, messageOf } from '../support/cortex/case-with-image.ts';
import { click } from '../support/cortex/click.ts';
import { configOf } from '../support/cortex/inputs.ts';
import { startHive, VERSIONS } from '../support/thehive/hive.ts';
import { CLIENT, type Fleet, fleet, type FleetOptions, summaryRow } from '../velociraptor/fleet.ts';

let server: Fleet | null = null;
afterEach(() => {
  server?.close();
  server = null;
});

async function velociraptor(options: FleetOptions = {}, user?: 'expired') {
  server = await fleet(options);
  return { velociraptor_api: server.apiFile(user), live: true, live_minutes: 1 };
}

/** A case with an address and the name of a machine, and no image. */
async function caseWithoutImage(version: 4 | 5, settings: Record<string, unknown>) {
  const { hive, store, aCase, writer } = await startHive(version);
  const ip = store.addObservable(aCase._id, { data: IP, tags: ['c2', 'host:WS-12'] });
  return { hive, store, ip, case: aCase, config: configOf(hive.url, writer.key, settings) };
}
type Whole = Awaited<ReturnType<typeof caseWithoutImage>>;

const textsOf = ({ store }: Pick<Whole, 'store'>): string =>
  [
    ...[...store.pages.values()].map(({ content }) => content),
    ...[...store.logs.values()].map(({ message }) => message),
  ].join('\n');
const collected = () =>
  (server?.questions ?? []).filter(({ vql }) => vql.includes('collect_client'));

describe.each(VERSIONS)('TheHive %d', (version) => {
  test('a case with an image: both answers in one report, side by side', async () => {
    const settings = await velociraptor({ summary: [summaryRow({ CreateTime: null })] });
    const world = await caseWithImage(version);
    const done = await click({
      ...world,
      config: { ...world.config, ...settings },
      observable: world.ip,
    });
    expect(done.faults).toEqual([]);
    expect(messageOf(done)).toMatch(/^WS-12\.raw: Live on WS-12, evil \(PID 42\) is likely/);
    expect(textsOf(world)).toContain('Image and live, side by side');
    expect(world.ip.tags).toContainEqual(expect.stringMatching(/^ip2process:verdict=.*likely/));
    expect(
      world.store
        .observablesOf(world.case._id)
        .filter(({ data }) => data?.startsWith('evil (42) @ ')),
    ).toHaveLength(1);
  });

  test('a case without an image: the machine alone, once', async () => {
    const world = await caseWithoutImage(version, await velociraptor());
    const done = await click({ ...world, observable: world.ip });
    expect(done.faults).toEqual([]);
    expect(messageOf(done)).toMatch(/^live WS-12: Live on WS-12, evil \(PID 42\) is likely/);
    expect(textsOf(world)).toContain('image: none, live only');
    expect(textsOf(world)).not.toContain('s3cr3t');
    expect(world.ip.tags).toContainEqual(expect.stringMatching(/^ip2process:verdict=.*likely/));
    expect(world.store.observablesOf(world.case._id).map(({ data }) => data)).toContainEqual(
      expect.stringMatching(/^evil \(42\) @ WS-12/),
    );
    expect(collected()[0]?.env).toMatchObject({ IPAddress: IP, CaseId: world.case._id });
    const again = await click({ ...world, observable: world.ip });
    expect(messageOf(again)).toMatch(/answered before/);
    expect(collected()).toHaveLength(1);
  });

  test('an upload that the case names is fetched and scanned as an image', async () => {
    const settings = await velociraptor({
      image,
      flows: [{ session_id: 'F.1', state: 'FINISHED' }],
    });
    const world = await caseWithoutImage(version, { ...settings, live: false });
    world.store.addObservable(world.case._id, {
      dataType: 'other',
      data: `velociraptor:${CLIENT}/F.1/WS-12.raw`,
      tags: ['memory-image', 'host:WS-12'],
    });
    const done = await click({ ...world, observable: world.ip });
    expect(done.faults).toEqual([]);
    expect(messageOf(done)).toMatch(/^WS-12\.raw: .*evil \(PID 42\)/);
    expect(collected()).toEqual([]);
    expect(server?.reads.length).toBeGreaterThan(0);
  });
});

describe('an image of a running machine', () => {
  test('is taken before the question is asked, where the settings allow it', async () => {
    const settings = await velociraptor({ image });
    const world = await caseWithoutImage(5, { ...settings, velociraptor_acquire: true });
    const done = await click({ ...world, observable: world.ip });
    expect(done.faults).toEqual([]);
    expect(messageOf(done)).toMatch(/^WS-12\.raw: /);
    expect(textsOf(world)).toContain('side by side');
    const [first, second] = collected();
    expect(JSON.stringify(first)).not.toContain(IP);
    expect(second?.env).toMatchObject({ IPAddress: IP });
  });
});

describe('a fault of Velociraptor', () => {
  test.each<[string, FleetOptions, RegExp]>([
    [
      'permission denied',
      { answers: { 'clients(': { fails: { code: 7, details: 'no role' } } } },
      /roles api and investigator/,
    ],
    [
      'client offline',
      { states: ['RUNNING'], unseen: 3600 },
      /is offline: it will start when it is back/,
    ],
    [
      'flow out of time',
      { states: ['ERROR'], logs: ['Query timed out after 3600 seconds'] },
      /ended as ERROR .*timed out/,
    ],
    [
      'a message above the limit',
      {
        answers: {
          '"Summary"': { fails: { code: 8, details: 'larger than max (5000000 vs. 4194304)' } },
        },
      },
      /larger than is taken in one message/,
    ],
  ])('%s: the image’s answer stands, and says so', async (_, options, why) => {
    const settings = { ...(await velociraptor(options)), live_minutes: 0 };
    const world = await caseWithImage(5);
    const done = await click({
      ...world,
      config: { ...world.config, ...settings },
      observable: world.ip,
    });
    expect(done.faults).toEqual([]);
    expect(messageOf(done)).toMatch(/evil \(PID 42\)/);
    expect(JSON.stringify(done.report)).toMatch(why);
    expect(textsOf(world).replaceAll('\\', '')).toMatch(why);
  });

  test.each<[string, FleetOptions, RegExp]>([
    [
      'no machine of that name',
      { answers: { 'clients(': { rows: [] } } },
      /has none whose host name is exactly that/,
    ],
    ['client offline', { states: ['RUNNING'], unseen: 3600 }, /the same flow is taken up then/],
  ])('%s, and no image: the job fails with a sentence', async (_, options, why) => {
    const world = await caseWithoutImage(5, { ...(await velociraptor(options)), live_minutes: 0 });
    const done = await click({ ...world, observable: world.ip });
    expect(done.report.status).toBe('Failure');
    expect(messageOf(done)).toMatch(why);
  });

  test.each<[string, FleetOptions, RegExp]>([
    ['not whole', { upload: { stored: 4096 } }, /4096 of \d+ bytes are on the server/],
    [
      'of another hash',
      { upload: { sha256: 'ab'.repeat(32) } },
      /SHA-256 is [0-9a-f]{64}, the machine sent abab/,
    ],
  ])('an upload that is %s gives no answer', async (_, options, why) => {
    const settings = await velociraptor({
      image,
      flows: [{ session_id: 'F.1', state: 'FINISHED' }],
      ...options,
    });
    const world = await caseWithoutImage(5, { ...settings, live: false });
    world.store.addObservable(world.case._id, {
      dataType: 'other',
      data: `velociraptor:${CLIENT}/F.1/WS-12.raw`,
      tags: ['memory-image'],
    });
    const done = await click({ ...world, observable: world.ip });
    expect(done.report.status).toBe('Failure');
    expect(messageOf(done)).toMatch(why);
    expect(textsOf(world)).toBe('');
  });
});

describe('the API file', () => {
  test.each(['text', 'base64', 'path'])('is taken as %s', async (form) => {
    const settings = await velociraptor();
    const folder = mkdtempSync(join(tmpdir(), 'ip2process-api-'));
    try {
      const path = join(folder, 'api_client.yaml');
      writeFileSync(path, settings.velociraptor_api);
      const api = {
        text: settings.velociraptor_api,
        base64: Buffer.from(settings.velociraptor_api).toString('base64'),
        path,
      }[form];
      const world = await caseWithoutImage(5, { ...settings, velociraptor_api: api });
      const done = await click({ ...world, observable: world.ip });
      expect(messageOf(done)).toMatch(/^live WS-12: Live on WS-12/);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test('that has expired is told before anybody is asked, and its key never', async () => {
    const settings = await velociraptor({}, 'expired');
    const world = await caseWithoutImage(5, settings);
    const done = await click({ ...world, observable: world.ip });
    expect(messageOf(done)).toMatch(/certificate for "cortex" is valid from/);
    const key = /PRIVATE KEY-----\s+(\S+)/.exec(settings.velociraptor_api)?.[1] ?? 'nothing';
    expect(JSON.stringify(done)).not.toContain(key);
    expect(server?.questions).toEqual([]);
  });

  test.each<[string, Record<string, unknown>, RegExp]>([
    [
      'missing where it is needed',
      { velociraptor_api: null },
      /"live" and "velociraptor_acquire" need "velociraptor_api"/,
    ],
    [
      'no such path',
      { velociraptor_api: '/nowhere/api.yaml' },
      /Cannot read the API file of "velociraptor_api": ENOENT/,
    ],
    ['cut in half', { velociraptor_api: 'ca_certificate: x' }, /it lacks client_cert/],
  ])('that is %s is told', async (_, changes, why) => {
    const world = await caseWithoutImage(5, { live: true, ...changes });
    const done = await click({ ...world, observable: world.ip });
    expect(messageOf(done)).toMatch(why);
    expect(messageOf(done)).not.toContain('/nowhere');
  });
});
