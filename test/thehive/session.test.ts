import { describe, expect, test } from '@jest/globals';
import { may } from '../../src/thehive/session.ts';
import { listObservables } from '../../src/thehive/observables.ts';
import { failureOf, sessionOf, startHive, VERSIONS } from '../support/thehive/hive.ts';

describe('openSession()', () => {
  test.each(VERSIONS)('knows TheHive %d, and who we are there', async (version) => {
    const { hive, writer } = await startHive(version);
    expect(await sessionOf(hive, writer)).toMatchObject({
      version,
      release: version === 4 ? '4.1.24-1' : '5.5.7-1',
      account: { login: writer.login, organisation: 'SOC', permissions: writer.permissions },
    });
  });

  test('a given version wins over what the server says', async () => {
    const { hive, writer } = await startHive(5);
    expect(await sessionOf(hive, writer, { version: 4 })).toMatchObject({ version: 4 });
  });

  test.each([
    ['{"versions":{"TheHive":"3.5.1"}}', /its version is "3\.5\.1", known are 4 and 5/],
    ['{"version":"6.0.0"}', /its version is "6\.0\.0"/],
    ['{}', /its version is ""/],
  ])('%s is not for us', async (body, message) => {
    const { hive, writer } = await startHive(4);
    hive.faults.add({ when: /status/, what: { kind: 'status', status: 200, body } });
    expect((await failureOf(sessionOf(hive, writer))).message).toMatch(message);
  });

  test.each(VERSIONS)(
    'TheHive %d: a wrong key, and an organisation that is not ours',
    async (version) => {
      const { hive, writer } = await startHive(version);
      for (const changes of [{ apiKey: 'another' }, { organisation: 'Elsewhere' }]) {
        const failure = await failureOf(sessionOf(hive, writer, changes));
        expect(failure).toMatchObject({ reason: 'unauthenticated' });
        expect(failure.message).not.toContain('another');
      }
    },
  );

  test('the organisation is asked for by name, in any script', async () => {
    const { hive, store } = await startHive(4);
    const account = store.addAccount({ organisations: ['SOC', 'Zürich 東京'] });
    const theirs = store.addCase({ organisation: 'Zürich 東京' });
    store.addObservable(theirs._id);
    const session = await sessionOf(hive, account, { organisation: 'Zürich 東京' });
    expect(session.account.organisation).toBe('Zürich 東京');
    expect(await listObservables(session, theirs._id)).toHaveLength(1);
    const elsewhere = await sessionOf(hive, account, { organisation: null });
    expect(await listObservables(elsewhere, theirs._id)).toEqual([]);
  });

  test.each([
    [4, ['manageCase'], true],
    [5, ['manageCase/update'], true],
    [5, ['manageCase/create'], false],
    [4, [], false],
  ] as const)('TheHive %d: %j may change a case: %s', async (version, permissions, expected) => {
    const { hive, store } = await startHive(version);
    const session = await sessionOf(hive, store.addAccount({ permissions }));
    expect(may(session, 'manageCase')).toBe(expected);
  });
});
