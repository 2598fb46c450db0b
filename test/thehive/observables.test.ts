import { describe, expect, test } from '@jest/globals';
import { existingDataTypes, inExistingType } from '../../src/thehive/data-types.ts';
import {
  createObservable,
  deleteObservable,
  getObservable,
  type NewObservable,
} from '../../src/thehive/observables.ts';
import { failureOf, sessionOf, startHive, VERSIONS } from '../support/thehive/hive.ts';

const NEW: NewObservable = {
  dataType: 'other',
  data: 'beacond (299) @ web-1',
  message: 'why',
  tlp: 3,
  tags: ['ip2process'],
};

describe.each(VERSIONS)('TheHive %d: createObservable()', (version) => {
  test('gives the new one', async () => {
    const { hive, aCase, writer } = await startHive(version);
    const session = await sessionOf(hive, writer);
    const made = await createObservable(session, aCase._id, NEW);
    expect(made).toMatchObject({ ...NEW, createdBy: writer.login });
    expect(await getObservable(session, made?.id ?? '')).toEqual(made);
    await deleteObservable(session, made?.id ?? '');
    expect(await failureOf(getObservable(session, made?.id ?? ''))).toMatchObject({
      reason: 'missing',
    });
  });

  test('null where the case has it already: 207 is not a success', async () => {
    const { hive, store, aCase, writer } = await startHive(version);
    store.addObservable(aCase._id, { dataType: 'other', data: NEW.data });
    expect(await createObservable(await sessionOf(hive, writer), aCase._id, NEW)).toBeNull();
  });

  test('what differs by case only is another thing, unless the server says otherwise', async () => {
    for (const ignoresCase of [false, true]) {
      const { hive, store, aCase, writer } = await startHive(version, {
        settings: { ignoresCase },
      });
      store.addObservable(aCase._id, { dataType: 'other', data: NEW.data.toUpperCase() });
      const made = await createObservable(await sessionOf(hive, writer), aCase._id, NEW);
      expect(made === null).toBe(ignoresCase);
    }
  });

  test.each<[string, Partial<NewObservable>, string]>([
    ['an unknown type', { dataType: 'process' }, 'missing'],
    ['a tag of 129 characters', { tags: ['x'.repeat(129)] }, 'refused'],
    ['nothing but blanks', { data: '  ' }, 'refused'],
    ['a type that holds files', { dataType: 'file' }, 'refused'],
  ])('%s fails', async (_name, changes, reason) => {
    const { hive, aCase, writer } = await startHive(version);
    const failure = await failureOf(
      createObservable(await sessionOf(hive, writer), aCase._id, { ...NEW, ...changes }),
    );
    expect(failure).toMatchObject({ reason });
    expect(failure.message).toMatch(/^Cannot add the observable "/);
  });

  test('a body over the limit, a key that may only read, a case that nobody sees', async () => {
    const { hive, store, aCase, writer } = await startHive(version, { largestJson: 5000 });
    const session = await sessionOf(hive, writer);
    expect(
      await failureOf(createObservable(session, aCase._id, { ...NEW, message: 'x'.repeat(6000) })),
    ).toMatchObject({ reason: 'too-large' });
    const reader = await sessionOf(hive, store.addAccount({ permissions: [] }));
    expect(await failureOf(createObservable(reader, aCase._id, NEW))).toMatchObject({
      reason: 'forbidden',
    });
    expect(await failureOf(createObservable(session, '~1', NEW))).toMatchObject({
      reason: version === 4 ? 'forbidden' : 'missing',
    });
  });
});

describe('data types', () => {
  test.each(VERSIONS)('TheHive %d: only those that are there', async (version) => {
    const { hive, store, writer } = await startHive(version);
    const session = await sessionOf(hive, writer);
    expect(await existingDataTypes(session, ['process', 'ip', 'ip'])).toEqual(new Set(['ip']));
    store.dataTypes.set('process', false);
    expect(await existingDataTypes(session, ['process', 'ip'])).toEqual(new Set(['ip', 'process']));
  });

  test('a failure that is not "missing" is not taken for it', async () => {
    const { hive, writer } = await startHive(4);
    const session = await sessionOf(hive, writer, { retries: 0 });
    hive.faults.add({ when: /type/, what: { kind: 'status', status: 500 } });
    expect(await failureOf(existingDataTypes(session, ['process']))).toMatchObject({
      reason: 'server',
    });
  });

  test('what has no type of its own is other, and says what it is', () => {
    const process = { ...NEW, dataType: 'process' };
    expect(inExistingType(process, new Set(['process']))).toBe(process);
    expect(inExistingType(process, new Set())).toEqual({
      ...process,
      dataType: 'other',
      tags: ['ip2process', 'type:process'],
    });
  });
});
