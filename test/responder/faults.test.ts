/** What goes wrong with the image and in the case: nothing is lost, nothing is left behind, and one sentence says what it was. */
import { describe, expect, test } from '@jest/globals';
import { caseState } from '../support/cortex/case-state.ts';
import { caseWithImage, messageOf } from '../support/cortex/case-with-image.ts';
import { click } from '../support/cortex/click.ts';
import { DOWNLOAD, WRITE, type CaseWorld } from '../support/cortex/troubles.ts';
import type { Fault } from '../support/thehive/faults.ts';
import { VERSIONS } from '../support/thehive/hive.ts';

const CUT: Fault = {
  when: DOWNLOAD,
  times: 1,
  what: { kind: 'body', after: 70_000, ending: 'cut' },
};

const deleted = ({ store, file }: CaseWorld): Fault['what'] => ({
  kind: 'meanwhile',
  do: () => store.observables.delete(file._id),
});

const processOf = ({ store, case: of }: CaseWorld) =>
  store.observablesOf(of._id).find(({ data }) => data?.startsWith('evil (42)'));

describe.each(VERSIONS)('TheHive %d', (version) => {
  test.each<[string, (world: CaseWorld) => readonly Fault[], RegExp]>([
    [
      'other bytes than the case says',
      () => [{ when: DOWNLOAD, what: { kind: 'wrong-bytes' } }],
      /its SHA-256 is .* nothing of it was used$/,
    ],
    [
      'fewer bytes, as if that were all',
      () => [{ when: DOWNLOAD, what: { kind: 'body', after: 70_000, ending: 'end' } }],
      /the connection was cut after \d+ of \d+ bytes/,
    ],
    [
      'deleted before it came',
      (world) => [{ when: DOWNLOAD, what: deleted(world) }],
      /^Cannot download "WS-12\.raw" .* 404: it was deleted/,
    ],
    [
      'deleted in the middle of a download that has to be taken up again',
      (world) => [CUT, { when: DOWNLOAD, after: 1, what: deleted(world) }],
      /^Cannot download "WS-12\.raw" .* 404: it was deleted/,
    ],
  ])('the image: %s', async (_, faults, message) => {
    const world = await caseWithImage(version);
    world.hive.faults.add(...faults(world));
    const done = await click({ ...world, observable: world.ip });
    expect(messageOf(done)).toMatch(message);
    expect(done.report.status).toBe('Failure');
    expect(done.faults).toEqual([]);
    expect(world.hive.writes).toEqual([]);
  });

  test('a download that is cut once goes on', async () => {
    const world = await caseWithImage(version);
    world.hive.faults.add(CUT);
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

  test.each([
    ['write', undefined],
    ['read', []],
  ])('a closed case gets nothing by a key that may %s, and the answer says so', async (_, may) => {
    const world = await caseWithImage(version, may);
    world.case.status = version === 4 ? 'Resolved' : 'TruePositive';
    world.case.stage = 'Closed';
    const before = caseState(world.store);
    const done = await click({ ...world, observable: world.ip });
    expect(messageOf(done)).toMatch(/evil \(PID 42\)/);
    expect(done.faults).toEqual([]);
    expect(JSON.stringify(done.report)).toMatch(/closed/);
    expect(JSON.stringify(done.report)).toMatch(/"report":"# .*evil/);
    expect(world.hive.writes).toEqual([]);
    expect(done.executed?.operations).toEqual([]);
    expect(caseState(world.store)).toEqual(before);
  });

  test.each([
    ['write', undefined],
    ['read', []],
  ])('data types that are there or missing, for a key that may %s', async (_, may) => {
    const without = await caseWithImage(version, may);
    expect((await click({ ...without, observable: without.ip })).faults).toEqual([]);
    expect(processOf(without)).toMatchObject({
      dataType: 'other',
      tags: expect.arrayContaining(['type:process']),
    });

    const present = await caseWithImage(version, may);
    present.store.dataTypes.set('process', false);
    expect((await click({ ...present, observable: present.ip })).faults).toEqual([]);
    expect(processOf(present)?.dataType).toBe('process');
    expect(processOf(present)?.tags).not.toContain('type:process');
  });

  test('a data type that goes away between the look and the creation', async () => {
    const world = await caseWithImage(version);
    const { store, hive } = world;
    store.dataTypes.set('process', false);
    const away = (): unknown => store.dataTypes.delete('process');
    hive.faults.add({ when: /^POST .*\/observable$/, what: { kind: 'meanwhile', do: away } });
    const done = await click({ ...world, observable: world.ip });
    expect(messageOf(done)).toMatch(/evil \(PID 42\)/);
    expect(done.faults).toEqual([]);
    expect(JSON.stringify(done.report)).toMatch(/Cannot add the observable .* 404/);
    expect(store.pages.size + store.logs.size).toBeGreaterThan(0);
    // The next one finds it missing, and takes the other way.
    const again = await click({ ...world, observable: world.ip, parameters: { again: true } });
    expect(again.faults).toEqual([]);
    expect(caseState(store).join('\n')).toMatch(/^other evil \(42\)/m);
  });

  test.each([
    ['write', undefined],
    ['read', []],
  ])(
    '10,000 observables in the case, for a key that may %s',
    async (_, may) => {
      const world = await caseWithImage(version, may);
      for (let at = 0; at < 10_000; at += 1) {
        world.store.addObservable(world.case._id, { dataType: 'hash', data: `${at}` });
      }
      const done = await click({ ...world, observable: world.ip });
      expect(messageOf(done)).toMatch(/evil \(PID 42\)/);
      expect(done.faults).toEqual([]);
      expect(world.store.observables.size).toBeGreaterThan(10_002);
      expect(world.store.observables.size).toBeLessThan(10_020);
    },
    300_000,
  );
});
