import { createHash } from 'node:crypto';
import axios from 'axios';
import { describe, expect, test } from '@jest/globals';
import { webPage } from './faults.ts';
import { someBytes, startHive, VERSIONS } from './hive.ts';
import { executeOperations } from './operations.ts';

/**
 * Each assertion H1 to H12 of the integration contract, shown to fail a client that gets it wrong. The clients here are wrong
 * on purpose; the right one is tested in test/thehive.
 */

/** A client that sends what it is told, and takes every status for an answer. */
async function started(version: 4 | 5, options: Parameters<typeof startHive>[1] = {}) {
  const all = await startHive(version, options);
  const ask = (
    method: string,
    path: string,
    data?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ) =>
    axios.request<unknown>({
      method,
      url: `${all.hive.url}/${path}`,
      data,
      proxy: false,
      validateStatus: () => true,
      headers: { Authorization: `Bearer ${all.writer.key}`, ...headers },
    });
  const query = async (...steps: unknown[]) => ask('POST', 'api/v1/query?name=x', { query: steps });
  const getCase = { _name: 'getCase', idOrName: all.aCase._id };
  return { ...all, ask, query, getCase };
}

describe.each(VERSIONS)('TheHive %d', (version) => {
  test.each([
    ['no key', { Authorization: '' }],
    ['the key without Bearer', { Authorization: 'key-0-pi3GAh8xDk20vTz' }],
    ['an organisation that is not ours', { 'X-Organisation': 'Elsewhere' }],
  ])('H1: %s is 401', async (_name, headers) => {
    const { ask } = await started(version);
    const answer = await ask('GET', 'api/v1/user/current', undefined, headers);
    expect(answer).toMatchObject({ status: 401, data: { type: 'AuthenticationError' } });
  });

  test('H2: a client that replaces the path prefix finds nothing', async () => {
    const { ask, hive } = await started(version, { prefix: '/thehive' });
    expect(await ask('GET', 'api/v1/status')).toMatchObject({ status: 200 });
    const answer = await axios.get(new URL('/api/v1/status', hive.url).href, {
      proxy: false,
      validateStatus: () => true,
    });
    expect(answer.status).toBe(404);
  });

  const page = { _name: 'page', from: 0, to: 10 };
  test.each([
    ['an unknown step', [{ _name: 'artifacts' }, page]],
    [
      'an unknown field',
      [
        { _name: 'observables' },
        { _name: 'filter', _is: { _field: 'datatype', _value: 'ip' } },
        page,
      ],
    ],
    ['no page', [{ _name: 'observables' }]],
    ['a step after the page', [{ _name: 'observables' }, page, { _name: 'case' }]],
    [
      'a filter of two operators',
      [{ _name: 'observables' }, { _name: 'filter', _and: [], _or: [] }, page],
    ],
    ['tasks of an observable', [{ _name: 'observables' }, { _name: 'tasks' }, page]],
  ])('H3: %s is 400', async (_name, steps) => {
    const { query, getCase, store, aCase } = await started(version);
    store.addObservable(aCase._id);
    expect(await query(getCase, ...steps)).toMatchObject({ status: 400 });
  });

  test('H3: `to` is exclusive, X-Total comes when asked, unsorted rows come in any order', async () => {
    const { query, getCase, store, aCase } = await started(version);
    for (let index = 0; index < 30; index += 1)
      store.addObservable(aCase._id, { data: `${index}` });
    const steps = [getCase, { _name: 'observables' }];
    const sort = { _name: 'sort', _fields: [{ _createdAt: 'asc' }] };
    const sorted = await query(...steps, sort, page);
    expect(sorted.data).toHaveLength(10);
    expect(sorted.headers['x-total']).toBeUndefined();
    expect(
      (await query(...steps, sort, { ...page, extraData: ['total'] })).headers['x-total'],
    ).toBe('30');
    const unsorted = await Promise.all(
      [1, 2, 3].map(async () => (await query(...steps, page)).data),
    );
    expect(new Set(unsorted.map((rows) => JSON.stringify(rows))).size).toBeGreaterThan(1);
  });

  test('H4: a client that believes any end of a download has the wrong hash', async () => {
    const { ask, hive, store, aCase } = await started(version);
    const bytes = Buffer.concat([...someBytes(100_000)]);
    const file = store.file('a.raw', bytes);
    const holder = store.addFile(aCase._id, file);
    const path =
      version === 4
        ? `api/datastore/${file.sha256}?name=x`
        : `api/v1/observable/${holder._id}/attachment/${file.id}/download`;
    const get = async () => {
      const { data, headers } = await axios.get<Buffer>(`${hive.url}/${path}`, {
        responseType: 'arraybuffer',
        proxy: false,
        headers: { Authorization: `Bearer ${hive.store.accounts[0]?.key}` },
      });
      return {
        sha256: createHash('sha256').update(data).digest('hex'),
        length: headers['content-length'] as unknown,
      };
    };
    expect(await get()).toEqual({
      sha256: file.sha256,
      length: version === 4 ? undefined : '100000',
    });
    hive.faults.add({ when: /GET/, what: { kind: 'wrong-bytes' } });
    expect((await get()).sha256).not.toBe(file.sha256);
    hive.faults.clear();
    hive.faults.add({ when: /GET/, what: { kind: 'body', after: 5000, ending: 'end' } });
    // Chunked, an early end looks complete; with a length it does not.
    if (version === 4) expect((await get()).sha256).not.toBe(file.sha256);
    else await expect(get()).rejects.toThrow();
    const elsewhere = path.replace(file.id, '~1').replace(file.sha256, 'f'.repeat(64));
    expect((await ask('GET', elsewhere)).status).toBe(404);
  });

  test('H5: a client that takes every 2xx for "all created" is wrong', async () => {
    const { ask, aCase, store } = await started(version);
    const create = (body: object) => ask('POST', `api/v1/case/${aCase._id}/observable`, body);
    store.addObservable(aCase._id, { data: 'there' });
    const partial = await create({ dataType: 'ip', data: ['there', 'new', 'There'] });
    expect(partial.status).toBe(version === 4 ? 207 : 201);
    expect(partial.data).toMatchObject({
      success: [{ data: 'new' }, { data: 'There' }],
      failure: [{ type: 'CreateError', object: { data: 'there' } }],
    });
    expect(await create({ dataType: 'ip', data: [' '] })).toMatchObject({ status: 201, data: [] });
    expect(await create({ dataType: 'process', data: 'x' })).toMatchObject({ status: 404 });
    expect(await create({ dataType: 'file', data: 'x' })).toMatchObject({ status: 400 });
    expect(await create({ dataType: 'ip', data: 'x', verdict: 'bad' })).toMatchObject({
      status: 400,
    });
    expect(await create({ dataType: 'ip', data: 'x', tlp: '2' })).toMatchObject({ status: 400 });
    expect(await create({ dataType: 'ip', data: 'x', tags: ['y'.repeat(129)] })).toMatchObject({
      status: 400,
    });
    expect(
      await create({ dataType: 'ip', data: 'x', message: 'y'.repeat(11 * 2 ** 20) }),
    ).toMatchObject({ status: 413 });
  });

  test('H6: a client that adds a tag as if PATCH added it loses the others, and one that parses the answer fails', async () => {
    const { ask, aCase, store } = await started(version);
    const one = store.addObservable(aCase._id, { tags: ['c2'] });
    const added = await ask('PATCH', `api/v1/observable/${one._id}`, { addTags: ['new'] });
    expect(added).toMatchObject({ status: 204, data: '' });
    expect(one.tags).toEqual(version === 4 ? ['c2'] : ['c2', 'new']);
    await ask('PATCH', `api/v1/observable/${one._id}`, { tags: ['only'] });
    expect(one.tags).toEqual(['only']);
  });

  test('H7: a log whose file comes under the name of the other version is refused', async () => {
    const { ask, aCase, store } = await started(version);
    const task = {
      ...store.stamp(),
      caseId: aCase._id,
      title: 't',
      group: 'g',
      description: '',
      status: 'Waiting',
    };
    store.tasks.set(task._id, task);
    const send = (part: string) => {
      const form = new FormData();
      form.append('_json', '{"message":"m"}');
      form.append(part, new Blob(['x']), 'x.html');
      return ask('POST', `api/v1/task/${task._id}/log`, form);
    };
    expect((await send(version === 4 ? 'attachments' : 'attachment')).status).toBe(400);
    expect((await send(version === 4 ? 'attachment' : 'attachments')).status).toBe(201);
    expect([...store.logs.values()]).toMatchObject([{ files: [{ name: 'x.html', text: 'x' }] }]);
    expect((await ask('POST', `api/v1/task/${task._id}/log`, { message: '' })).status).toBe(400);
    const other = version === 4 ? `api/v1/case/${aCase._id}/task` : 'api/v1/task';
    expect((await ask('POST', other, { caseId: aCase._id, title: 't' })).status).toBe(404);
  });

  test('H9: faults come as asked for', async () => {
    const { ask, hive } = await started(version);
    const get = () => ask('GET', 'api/v1/user/current');
    hive.faults.add(
      { when: /current/, times: 1, what: webPage(502) },
      {
        when: /current/,
        after: 1,
        times: 1,
        what: { kind: 'status', status: 429, headers: { 'Retry-After': '7' } },
      },
      { when: /current/, after: 2, times: 1, what: { kind: 'reset' } },
    );
    expect(await get()).toMatchObject({
      status: 502,
      data: expect.stringMatching(/^<!DOCTYPE html/),
    });
    expect(await get()).toMatchObject({ status: 429, headers: { 'retry-after': '7' } });
    await expect(get()).rejects.toThrow(/hang up|reset/);
    expect(await get()).toMatchObject({ status: 200 });
  });

  test('H9, H10: a client that repeats a creation whose answer was lost creates twice', async () => {
    const { ask, hive, store, aCase } = await started(version);
    const create = () =>
      version === 4
        ? ask('POST', 'api/v1/task', { caseId: aCase._id, title: 't' })
        : ask('POST', `api/v1/case/${aCase._id}/task`, { title: 't' });
    hive.faults.add({ when: /POST .*task/, times: 1, what: { kind: 'lost-answer' } });
    await expect(create()).rejects.toThrow(/hang up|reset/);
    await create();
    expect(store.tasks.size).toBe(2);
  });

  test('H10: two that read, merge and write at once lose a tag', async () => {
    const { ask, hive, store, aCase } = await started(version);
    const one = store.addObservable(aCase._id, { tags: ['c2'] });
    hive.meet(/^PATCH/, 2);
    await Promise.all(
      ['a', 'b'].map((tag) => ask('PATCH', `api/v1/observable/${one._id}`, { tags: ['c2', tag] })),
    );
    expect(one.tags).toHaveLength(2);
  });

  test('H11: a client that takes identifiers for numbers asks for another one', async () => {
    const { ask, store, aCase } = await started(version);
    const one = store.addObservable(aCase._id);
    const asNumber = `~${Number(one._id.slice(1))}`;
    const status = async (id: string) => (await ask('GET', `api/v1/observable/${id}`)).status;
    expect(await status(one._id)).toBe(200);
    expect(await status(one._id.replace('~', '%7E'))).toBe(200);
    expect(await status(one._id.replace('~', '%257E'))).toBe(404);
    expect(asNumber === one._id ? 404 : await status(asNumber)).toBe(404);
  });

  test('H12: a key that may only read reads, and writes nothing', async () => {
    const { ask, store, aCase } = await started(version);
    const reader = store.addAccount({ permissions: [] });
    const one = store.addObservable(aCase._id);
    const as = { Authorization: `Bearer ${reader.key}` };
    expect(await ask('GET', `api/v1/case/${aCase._id}`, undefined, as)).toMatchObject({
      status: 200,
    });
    for (const [method, path, body] of [
      ['PATCH', `api/v1/case/${aCase._id}`, { tags: [] }],
      ['PATCH', `api/v1/observable/${one._id}`, { tags: [] }],
      ['DELETE', `api/v1/observable/${one._id}`, undefined],
      ['POST', `api/v1/case/${aCase._id}/observable`, { dataType: 'ip', data: 'x' }],
    ] as const) {
      expect(await ask(method, path, body, as)).toMatchObject({
        status: 403,
        data: { type: 'AuthorizationError' },
      });
    }
    expect(store.events).toEqual([]);
  });
});

describe('versions', () => {
  test('H3: TheHive 4 does not know _eq, nor pages', async () => {
    const { query, getCase, store, aCase } = await started(4);
    store.addObservable(aCase._id);
    const eq = { _name: 'filter', _eq: { _field: 'dataType', _value: 'ip' } };
    const page = { _name: 'page', from: 0, to: 1 };
    expect(await query(getCase, { _name: 'observables' }, eq, page)).toMatchObject({ status: 400 });
    expect(await query(getCase, { _name: 'pages' }, page)).toMatchObject({ status: 400 });
  });

  test('H5: TheHive 4 says 403 for a case that is not there, TheHive 5 404', async () => {
    for (const version of VERSIONS) {
      const { ask } = await started(version);
      const answer = await ask('POST', 'api/v1/case/~1/observable', { dataType: 'ip', data: 'x' });
      expect(answer.status).toBe(version === 4 ? 403 : 404);
    }
  });
});

describe('H8: operations', () => {
  const tag = { type: 'AddTagToArtifact', tag: 'x' };
  const artifact = {
    type: 'AddArtifactToCase',
    dataType: 'ip',
    data: '198.51.100.1',
    message: 'm',
  };

  test.each([
    ['an unknown type', { type: 'RemoveTag', tag: 'x' }],
    ['a tag that is a number', { type: 'AddTagToArtifact', tag: 5 }],
    ['a tlp that is a text', { ...artifact, tlp: '2' }],
    ['no message', { type: 'AddArtifactToCase', dataType: 'ip', data: 'x' }],
    ['no description', { type: 'CreateTask', title: 'x' }],
  ])('%s loses them all, and the action stays pending', async (_name, wrong) => {
    const { one, result } = await ran([tag, wrong]);
    expect(result.action).toBe('pending');
    expect(one.tags).toEqual(['c2']);
  });

  test.each([
    ['an unknown data type', { ...artifact, dataType: 'process' }, 'case_artifact'],
    ['a file', { ...artifact, dataType: 'file' }, 'case_artifact'],
    ['what is there already', { ...artifact, data: '203.0.113.7' }, 'case_artifact'],
    ['a tag for the observable, on a case', tag, 'case'],
    ['a log', { type: 'AddLogToTask', content: 'x' }, 'case'],
  ] as const)('%s fails alone', async (_name, wrong, kind) => {
    const { result } = await ran([wrong, { type: 'AddTagToCase', tag: 'y' }], kind);
    expect(result.operations.map(({ status }) => status)).toEqual(['Failure', 'Success']);
  });

  test('the TLP is not inherited', async () => {
    const { store, aCase } = await ran([artifact]);
    expect(store.observablesOf(aCase._id).at(-1)).toMatchObject({ data: '198.51.100.1', tlp: 2 });
  });
});

async function ran(operations: unknown[], kind: 'case' | 'case_artifact' = 'case_artifact') {
  const { store, aCase } = await startHive(4);
  const one = store.addObservable(aCase._id, { tlp: 3 });
  const id = kind === 'case' ? aCase._id : one._id;
  return { store, aCase, one, result: executeOperations(store, { kind, id }, operations) };
}
