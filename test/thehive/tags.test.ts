import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isOwnTag, outdatedBy, ownTag, tagText } from '../../src/thehive/own-tags.ts';
import { changeTags } from '../../src/thehive/tags.ts';
import { sessionOf, startHive, VERSIONS } from '../support/thehive/hive.ts';

const nothing = () => false;

describe.each(VERSIONS)('TheHive %d: changeTags()', (version) => {
  test('adds, and leaves what others wrote', async () => {
    const { hive, store, aCase, writer } = await startHive(version);
    const one = store.addObservable(aCase._id, { tags: ['c2', 'src:siem'] });
    const session = await sessionOf(hive, writer);
    for (const holder of [
      { kind: 'observable', id: one._id },
      { kind: 'case', id: aCase._id },
    ] as const) {
      expect(await changeTags(session, holder, { add: ['new'], isOutdated: nothing })).toBe(true);
    }
    expect(one.tags.toSorted()).toEqual(['c2', 'new', 'src:siem']);
    expect(aCase.tags.toSorted()).toEqual(['memory', 'new']);
  });

  test('writes nothing where all is as asked', async () => {
    const { hive, aCase, writer } = await startHive(version);
    const session = await sessionOf(hive, writer);
    await changeTags(
      session,
      { kind: 'case', id: aCase._id },
      { add: ['memory'], isOutdated: nothing },
    );
    expect(hive.writes).toEqual([]);
  });

  test('removes own tags that became untrue, and only those', async () => {
    const { hive, store, aCase, writer } = await startHive(version);
    const old = ['ip2process:verdict=likely@web-1', 'ip2process:pid=1@web-1'];
    const kept = ['c2', 'ip2process', 'ip2process:verdict=likely@web-2', 'verdict=likely@web-1'];
    const one = store.addObservable(aCase._id, { tags: [...old, ...kept] });
    const add = ['ip2process:verdict=not-found@web-1'];
    const session = await sessionOf(hive, writer);
    expect(
      await changeTags(
        session,
        { kind: 'observable', id: one._id },
        { add, isOutdated: outdatedBy(add) },
      ),
    ).toBe(true);
    expect(one.tags.toSorted()).toEqual([...add, ...kept].toSorted());
  });

  test('two that write at once lose nothing', async () => {
    const { hive, store, aCase, writer } = await startHive(version, { latencyMs: 8 });
    const one = store.addObservable(aCase._id, { tags: ['c2'] });
    const session = await sessionOf(hive, writer, { timeoutMs: 20_000 });
    const names = ['a', 'b'];
    // All read before any writes.
    hive.meet(/^PATCH/, names.length);
    await Promise.all(
      names.map((name) =>
        changeTags(
          session,
          { kind: 'observable', id: one._id },
          { add: [name], isOutdated: nothing },
        ),
      ),
    );
    // The remaining window: a writer that read back before the other wrote. Looking once more closes it.
    for (const name of names)
      await changeTags(
        session,
        { kind: 'observable', id: one._id },
        { add: [name], isOutdated: nothing },
      );
    expect(one.tags.toSorted()).toEqual(['a', 'b', 'c2']);
  });

  test('tags that vanish between writing and reading back are put back', async () => {
    const { hive, store, aCase, writer } = await startHive(version);
    const one = store.addObservable(aCase._id, { tags: ['c2'] });
    const session = await sessionOf(hive, writer);
    // Another writer, which read before us, writes after us.
    hive.faults.add({
      when: /^GET .*observable/,
      after: 1,
      times: 1,
      what: { kind: 'meanwhile', do: () => void (one.tags = ['c3']) },
    });
    expect(
      await changeTags(
        session,
        { kind: 'observable', id: one._id },
        { add: ['new'], isOutdated: nothing },
      ),
    ).toBe(true);
    expect(one.tags.toSorted()).toEqual(['c2', 'c3', 'new']);
  });

  test('gives up on somebody who removes them each time, and says so', async () => {
    const { hive, store, aCase, writer } = await startHive(version);
    const one = store.addObservable(aCase._id, { tags: [] });
    const session = await sessionOf(hive, writer);
    hive.faults.add({
      when: /^GET .*observable/,
      what: { kind: 'meanwhile', do: () => void (one.tags = []) },
    });
    expect(
      await changeTags(
        session,
        { kind: 'observable', id: one._id },
        { add: ['new'], isOutdated: nothing },
      ),
    ).toBe(false);
  });
});

describe('own tags', () => {
  test('say key, value and subject', () => {
    expect(ownTag('verdict', 'likely', 'web-1')).toBe('ip2process:verdict=likely@web-1');
    expect(ownTag('pid', '299', '2001:db8::1')).toBe('ip2process:pid=299@2001:db8::1');
  });

  test.each([
    ['ip2process', true],
    ['ip2process:analysed', true],
    ['ip2processor', false],
    ['c2', false],
  ])('%s is ours: %s', (tag, expected) => expect(isOwnTag(tag)).toBe(expected));

  test('any text makes a tag that TheHive takes', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.string({ unit: 'binary', maxLength: 300 }),
        (value, subject) => {
          expect(ownTag('verdict', value, subject)).toMatch(
            /^ip2process:verdict=[\w.:/[\]-]+@[\w.:/[\]-]+$/,
          );
          expect(ownTag('verdict', value, subject).length).toBeLessThanOrEqual(128);
          expect(tagText(subject, 5).length).toBeLessThanOrEqual(5);
        },
      ),
    );
  });
});
