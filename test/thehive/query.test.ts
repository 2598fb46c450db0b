import { describe, expect, test } from '@jest/globals';
import { caseOfObservable } from '../../src/thehive/cases.ts';
import { caseFiles } from '../../src/thehive/case-files.ts';
import { listObservables } from '../../src/thehive/observables.ts';
import { failureOf, sessionOf, startHive, VERSIONS } from '../support/thehive/hive.ts';

describe('listing', () => {
  test('10,000 observables, each once, oldest first', async () => {
    const { hive, store, aCase, writer } = await startHive(4);
    for (let index = 0; index < 10_000; index += 1) {
      store.addObservable(aCase._id, { data: `203.0.113.${index}` });
    }
    const session = await sessionOf(hive, writer);
    const all = await caseFiles(session).observables(aCase._id);
    expect(new Set(all.map(({ data }) => data)).size).toBe(10_000);
    expect(all).toHaveLength(10_000);
    expect(all.map(({ createdAt }) => createdAt)).toEqual(
      all.map(({ createdAt }) => createdAt).toSorted((one, other) => one - other),
    );
    expect(hive.requests.filter(({ path }) => path.endsWith('query')).length).toBeLessThan(25);
  });

  test('an observable that is deleted between two pages hides no other', async () => {
    const { hive, store, aCase, writer } = await startHive(4);
    const made = Array.from({ length: 1200 }, (_, index) =>
      store.addObservable(aCase._id, { data: `a${index}` }),
    );
    const session = await sessionOf(hive, writer);
    hive.faults.add({
      when: /query/,
      after: 1,
      times: 1,
      what: {
        kind: 'meanwhile',
        do: () => made.slice(0, 15).forEach(({ _id }) => store.observables.delete(_id)),
      },
    });
    const all = await listObservables(session, aCase._id);
    const seen = new Set(all.map(({ id }) => id));
    expect(made.slice(15).filter(({ _id }) => !seen.has(_id))).toEqual([]);
    expect(all).toHaveLength(seen.size);
  });

  test.each(VERSIONS)(
    'TheHive %d: by type and value, and with what both versions have',
    async (version) => {
      const { hive, store, aCase, writer } = await startHive(version);
      store.addObservable(aCase._id, { data: '203.0.113.7' });
      store.addObservable(aCase._id, {
        data: '203.0.113.8',
        message: 'Ünï',
        tags: ['a', 'b'],
        tlp: 3,
      });
      const session = await sessionOf(hive, writer);
      expect(
        await listObservables(session, aCase._id, { dataType: 'ip', data: '203.0.113.8' }),
      ).toEqual([
        expect.objectContaining({
          dataType: 'ip',
          data: '203.0.113.8',
          message: 'Ünï',
          tags: ['a', 'b'],
          tlp: 3,
          attachment: null,
        }),
      ]);
      expect(await listObservables(session, aCase._id, { dataType: 'domain' })).toEqual([]);
    },
  );

  test.each(VERSIONS)(
    'TheHive %d: the case of an observable, and of one that nobody sees',
    async (version) => {
      const { hive, store, aCase, writer } = await startHive(version);
      const one = store.addObservable(aCase._id);
      const session = await sessionOf(hive, writer);
      expect(await caseOfObservable(session, one._id)).toMatchObject({
        id: aCase._id,
        isClosed: false,
      });
      expect(await failureOf(caseOfObservable(session, '~1'))).toMatchObject({ reason: 'missing' });
    },
  );

  test.each([
    [4, { status: 'Open' }, false],
    [4, { status: 'Resolved' }, true],
    [4, { status: 'Duplicated' }, true],
    [5, { status: 'TruePositive', stage: 'Closed' }, true],
    [5, { status: 'Waiting for Bob', stage: 'InProgress' }, false],
  ] as const)('TheHive %d: %j is closed: %s', async (version, changes, expected) => {
    const { hive, store, writer } = await startHive(version);
    const one = store.addCase(changes);
    const session = await sessionOf(hive, writer);
    expect(await caseFiles(session).getCase(String(one.number))).toMatchObject({
      isClosed: expected,
      id: one._id,
    });
  });
});

describe('attachments', () => {
  test.each(VERSIONS)('TheHive %d: files of observables and of the case', async (version) => {
    const { hive, store, aCase, writer } = await startHive(version);
    const file = store.file('../../WS-12.raw', Buffer.from('memory'));
    const holder = store.addFile(aCase._id, file, { dataType: 'memory', tags: ['memory-image'] });
    aCase.attachments.push(file);
    const files = caseFiles(await sessionOf(hive, writer));
    const expected = {
      id: version === 4 ? file.sha256 : file.id,
      name: '../../WS-12.raw',
      size: 6,
      sha256: file.sha256,
      sha1: 'a'.repeat(40),
      md5: 'b'.repeat(32),
    };
    expect(await files.observables(aCase._id)).toEqual([
      expect.objectContaining({
        dataType: 'memory',
        data: null,
        attachment: { ...expected, holder: { kind: 'observable', id: holder._id } },
      }),
    ]);
    expect(await files.attachments(aCase._id)).toEqual(
      version === 4 ? [] : [{ ...expected, holder: { kind: 'case', id: aCase._id } }],
    );
  });
});
