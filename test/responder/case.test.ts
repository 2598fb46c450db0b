/** A case from the click to the tags, through the built worker, Cortex' runner and TheHive over HTTP. */
import { describe, expect, test } from '@jest/globals';
import { caseWithImage, downloadsOf, image, messageOf } from '../support/cortex/case-with-image.ts';
import { click } from '../support/cortex/click.ts';
import { VERSIONS } from '../support/thehive/hive.ts';

describe.each(VERSIONS)('TheHive %d', (version) => {
  test('a click on an address, with a key that may write', async () => {
    const world = await caseWithImage(version);
    const { hive, store, ip, case: aCase } = world;
    const done = await click({ ...world, observable: ip });
    expect(done.faults).toEqual([]);
    expect(messageOf(done)).toMatch(/^WS-12\.raw: .*evil \(PID 42\)/);
    expect(ip.tags).toEqual(
      expect.arrayContaining(['c2', expect.stringMatching(/^ip2process:verdict=/)]),
    );
    expect(store.observablesOf(aCase._id).map(({ data }) => data)).toContainEqual(
      expect.stringMatching(/^evil \(42\) @ /),
    );
    expect(store.pages.size + store.logs.size).toBeGreaterThan(0);
    expect(hive.requests.filter(({ path }) => /download|datastore/.test(path))).toHaveLength(1);
  });

  test('a click on an address, with a key that may only read', async () => {
    const world = await caseWithImage(version, []);
    const { hive, store, ip, case: aCase } = world;
    const done = await click({ ...world, observable: ip });
    expect(done.faults).toEqual([]);
    expect(hive.writes).toEqual([]);
    expect(done.executed?.operations.filter(({ status }) => status === 'Failure')).toEqual([]);
    expect(ip.tags).toContainEqual(expect.stringMatching(/^ip2process:verdict=/));
    expect(store.observablesOf(aCase._id).map(({ data }) => data)).toContainEqual(
      expect.stringMatching(/^evil \(42\) @ /),
    );
    expect([...store.tasks.values()].map(({ title }) => title)).toEqual([
      expect.stringMatching(/^ip2process: .* \[[0-9a-f]{12}\]$/),
    ]);
  });

  test.each([
    ['may write', undefined],
    ['may only read', []],
  ])('a second click ends at once and adds nothing, where the key %s', async (_, permissions) => {
    const world = await caseWithImage(version, permissions);
    await click({ ...world, observable: world.ip });
    const before = JSON.stringify([
      ...world.store.observables.values(),
      ...world.store.tasks.values(),
    ]);
    const requests = world.hive.requests.length;
    const again = await click({ ...world, observable: world.ip });
    expect(messageOf(again)).toMatch(/answered before/);
    expect(again.faults).toEqual([]);
    const asked = world.hive.requests.slice(requests);
    expect(asked.filter(({ path }) => /download|datastore/.test(path))).toEqual([]);
    expect(
      JSON.stringify([...world.store.observables.values(), ...world.store.tasks.values()]),
    ).toBe(before);
  });

  test('20 addresses of a case cost one download and one scan', async () => {
    const world = await caseWithImage(version);
    const { hive, store, case: aCase } = world;
    const alone = await click({ ...world, observable: world.ip });
    for (let last = 1; last < 20; last += 1) {
      store.addObservable(aCase._id, { data: `198.51.100.${last}` });
    }
    const done = await click(world);
    expect(done.faults).toEqual([]);
    expect(downloadsOf(hive)).toBe(2);
    // All that it read, of connections and files: the image off the network, and once more by the scan, as for one.
    if (alone.used.readBytes > 0) {
      expect(alone.used.readBytes).toBeGreaterThan(1.9 * image.length);
      expect(done.used.readBytes - alone.used.readBytes).toBeLessThan(image.length / 10);
    }
    const tagged = store
      .observablesOf(aCase._id)
      .filter(
        ({ dataType, tags }) =>
          dataType === 'ip' && tags.some((tag) => tag.startsWith('ip2process:verdict=')),
      );
    expect(tagged).toHaveLength(20);
  });

  test('a click on the image itself looks for all of the case', async () => {
    const world = await caseWithImage(version);
    const done = await click({ ...world, observable: world.file });
    expect(done.faults).toEqual([]);
    expect(messageOf(done)).toMatch(/evil \(PID 42\)/);
  });
});
