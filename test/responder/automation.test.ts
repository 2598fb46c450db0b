/** Notifications start the responder on what changes, also on what the responder itself changes: that must come to rest. */
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import * as z from 'zod';
import { click } from '../support/cortex/click.ts';
import { caseWithImage, downloadsOf, IP, messageOf } from '../support/cortex/case-with-image.ts';
import { fromRoot } from '../support/from-root.ts';
import { VERSIONS } from '../support/thehive/hive.ts';
import { isLetThrough } from '../support/thehive/notification-filter.ts';
import type { StoredEvent } from '../support/thehive/store.ts';

/** Far more than any case needs that comes to rest. */
const MOST_RUNS = 40;

const notification = z.looseObject({
  value: z.tuple([z.looseObject({ trigger: z.looseObject({ filter: z.unknown() }) })]),
});

/** The broadest filters that an admin could set: every address, and every change of a case's tags. */
function startedBy({ action, objectType, details }: StoredEvent): 'observable' | 'case' | null {
  if (objectType === 'Observable' && action === 'create') {
    return /^(ip|domain|fqdn|hostname|url)$/.test(String(details['dataType']))
      ? 'observable'
      : null;
  }
  return objectType === 'Case' && action === 'update' && 'tags' in details ? 'case' : null;
}

test.each(VERSIONS.flatMap((version) => [[version, 'write'] as const, [version, 'read'] as const]))(
  'TheHive %d, a key that may %s: every event that we cause is answered, and then there are none',
  async (version, may) => {
    const world = await caseWithImage(version, may === 'read' ? [] : undefined);
    const { hive, store, case: aCase } = world;
    const second = store.addObservable(aCase._id, { data: '198.51.100.9' });
    for (const { _id } of [world.ip, second]) {
      store.events.push({
        action: 'create',
        objectType: 'Observable',
        objectId: _id,
        details: { dataType: 'ip' },
      });
    }

    const messages: string[] = [];
    for (let at = 0; at < store.events.length && messages.length < MOST_RUNS; at += 1) {
      const event = store.events[at];
      const on = event ? startedBy(event) : null;
      if (!event || !on) continue;
      const observable = on === 'case' ? null : (store.observables.get(event.objectId) ?? null);
      const done = await click({ ...world, observable, parameters: { auto: true } });
      expect(done.faults).toEqual([]);
      expect(done.report.status).toBe('Success');
      messages.push(messageOf(done));
    }
    expect(messages.length).toBeLessThan(MOST_RUNS);
    expect(
      messages.filter((message) => /^Nothing to do|answered before/.test(message)),
    ).not.toEqual([]);
    // Each address alone, and both where the case was tagged: no question twice.
    expect(downloadsOf(hive)).toBeLessThanOrEqual(3);
    const texts = store.observablesOf(aCase._id).map(({ dataType, data }) => `${dataType} ${data}`);
    expect(texts).toEqual([...new Set(texts)]);
    expect(texts).toContain(`ip ${IP}`);
  },
  180_000,
);

/** The filters of the manual, by version: the first blocks of JSON that have one. */
const manual = readFileSync(fromRoot('docs/install.md'), 'utf8');
const [filter4, filter5] = [...manual.matchAll(/^```json\n([\s\S]*?)^```/gm)]
  .map(([, json = '']): unknown => JSON.parse(json))
  .map((block) => notification.safeParse(block).data?.value[0].trigger.filter ?? block);
const FILTERS = { 4: filter4, 5: filter5 };

test.each(VERSIONS.flatMap((version) => [[version, 'write'] as const, [version, 'read'] as const]))(
  "TheHive %d, a key that may %s: the manual's filter starts a job for each new address, and none for what we change",
  async (version, may) => {
    const world = await caseWithImage(version, may === 'read' ? [] : undefined);
    const { store, case: of } = world;
    const added = ['ip', 'domain'].map((dataType) =>
      store.addObservable(of._id, {
        dataType,
        data: dataType === 'ip' ? '198.51.100.9' : 'a.test',
      }),
    );
    for (const { _id, dataType, data, tags } of [world.ip, ...added]) {
      const details = { dataType, data, tags };
      store.events.push({ action: 'create', objectType: 'Observable', objectId: _id, details });
    }
    const started: string[] = [];
    for (let at = 0; at < store.events.length && started.length < MOST_RUNS; at += 1) {
      const event = store.events[at];
      if (!event || !isLetThrough(FILTERS[version], event, store, version)) continue;
      started.push(event.objectId);
      const observable = store.observables.get(event.objectId) ?? null;
      const done = await click({ ...world, observable, parameters: { auto: true } });
      expect(done.faults).toEqual([]);
      expect(done.report.status).toBe('Success');
    }
    // Not the domain, which it does not name; not what the two runs added and tagged.
    expect(started).toEqual([world.ip._id, added[0]?._id]);
    expect(store.events.length).toBeGreaterThan(6);
  },
  180_000,
);

test('a case without an image is no failure of an automatic run', async () => {
  const world = await caseWithImage(5);
  world.store.observables.delete(world.file._id);
  const done = await click({ ...world, observable: world.ip, parameters: { auto: true } });
  expect(messageOf(done)).toMatch(/^Nothing to do in case 57: it has no memory image/);
  expect(world.hive.writes).toEqual([]);
});

test('an observable of another type is no failure of an automatic run', async () => {
  const world = await caseWithImage(4);
  const mail = world.store.addObservable(world.case._id, { dataType: 'mail', data: 'a@b.example' });
  const done = await click({ ...world, observable: mail, parameters: { auto: true } });
  expect(messageOf(done)).toMatch(/^Nothing to do .* "mail" is no indicator/);
});
