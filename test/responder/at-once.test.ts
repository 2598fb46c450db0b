/**
 * Two workers on one case at once. Gates let their requests meet, so that neither sees what the other does: each reads back
 * what it created and tagged, and mends it.
 */
import { expect, test } from '@jest/globals';
import { buildImage } from '../support/build-image.ts';
import { caseState } from '../support/cortex/case-state.ts';
import { caseWithImage, messageOf } from '../support/cortex/case-with-image.ts';
import { click } from '../support/cortex/click.ts';
import { VERSIONS } from '../support/thehive/hive.ts';

const ADDRESSES = ['203.0.113.7', '203.0.113.8', '203.0.113.9'];

/** One process talks to all three. */
const shared = buildImage()
  .process('evil', { pid: 42, exe: '/tmp/evil' })
  .maps(0x7ff0_0000n, `ascii ${ADDRESSES.map((ip) => `GET http://${ip}/x HTTP/1.1`).join('\n')}`)
  .toBytes();

/** A create does not see those of a moment ago, as between two nodes of TheHive. */
const BLIND = { settings: { blindCreates: 10 } };

test.each(VERSIONS)(
  'TheHive %d: the same address clicked twice at once is as once',
  async (version) => {
    const alone = await caseWithImage(version);
    await click({ ...alone, observable: alone.ip });

    const world = await caseWithImage(version, undefined, BLIND);
    const { hive } = world;
    const creates = version === 4 ? ['observable', 'task', 'log'] : ['observable', 'page'];
    for (const what of creates) hive.meet(new RegExp(`^POST .*/${what}$`), 2);
    hive.meet(/^PATCH .*\/case\//, 2);
    const both = await Promise.all([1, 2].map(() => click({ ...world, observable: world.ip })));
    for (const done of both) {
      expect(messageOf(done)).toMatch(/evil \(PID 42\)/);
      expect(done.faults).toEqual([]);
    }
    // Both created, and the younger one is gone again.
    const asked = (line: RegExp): number =>
      hive.writes.filter(({ method, path }) => line.test(`${method} ${path}`)).length;
    for (const what of creates) {
      expect(asked(new RegExp(`^POST .*/${what}$`))).toBeGreaterThan(1);
      if (what !== 'task') expect(asked(new RegExp(`^DELETE .*/${what}/`))).toBeGreaterThan(0);
    }
    expect(caseState(world.store)).toEqual(caseState(alone.store));
  },
);

test.each(VERSIONS)(
  'TheHive %d: two that tag the same process at once lose no tag',
  async (version) => {
    const world = await caseWithImage(version);
    const { hive, store, case: of, file } = world;
    store.observables.delete(file._id);
    store.addFile(of._id, store.file('WS-12.raw', shared), { tags: ['memory-image'] });
    const others = ADDRESSES.slice(1).map((data) => store.addObservable(of._id, { data }));
    await click({ ...world, observable: world.ip });
    const evil = store.observablesOf(of._id).find(({ data }) => data?.startsWith('evil (42)'));
    evil?.tags.push('by:ana');
    of.tags.push('by:ana');

    hive.meet(new RegExp(`^PATCH .*/observable/${evil?._id}$`), 2);
    const both = await Promise.all(others.map((observable) => click({ ...world, observable })));
    for (const done of both) expect(done.faults).toEqual([]);
    expect(evil?.tags).toEqual(
      expect.arrayContaining([
        'by:ana',
        ...ADDRESSES.map((ip) => expect.stringMatching(`^ip2process:verdict=.*@${ip}$`)),
      ]),
    );
    expect(of.tags).toEqual(expect.arrayContaining(['memory', 'by:ana', 'ip2process:analysed']));
    // TheHive 4 let the second of them overwrite the first, who put it back.
    const patches = hive.writes.filter(
      ({ method, path }) =>
        method === 'PATCH' && path.endsWith(encodeURIComponent(evil?._id ?? '')),
    );
    expect(patches.length).toBeGreaterThan(version === 4 ? 2 : 1);
  },
);

test.each(VERSIONS)(
  'TheHive %d: two addresses at once, whenever their requests come, leave nothing twice',
  async (version) => {
    const world = await caseWithImage(version, undefined, { latencyMs: 20 });
    const { store, case: of } = world;
    const other = store.addObservable(of._id, { data: '198.51.100.9', tags: ['src:edr'] });
    const both = await Promise.all(
      [world.ip, other].map((observable) => click({ ...world, observable })),
    );
    for (const done of both) expect(done.faults).toEqual([]);
    const state = caseState(store);
    expect(state).toEqual([...new Set(state)]);
    expect(other.tags).toEqual(
      expect.arrayContaining(['src:edr', expect.stringMatching(/^ip2process:verdict=not-found/)]),
    );
    expect(of.tags).toEqual(expect.arrayContaining(['memory', 'ip2process:analysed']));
    const tasks = state.filter((line) => line.startsWith('task '));
    expect(tasks.length).toBeLessThanOrEqual(1);
  },
);
