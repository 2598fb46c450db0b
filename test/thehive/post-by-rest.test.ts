import { describe, expect, test } from '@jest/globals';
import { canPostByRest, postByRest } from '../../src/thehive/post-by-rest.ts';
import { TASK_TITLE } from '../../src/thehive/post-text.ts';
import { webPage } from '../support/thehive/faults.ts';
import { sessionOf, startHive, VERSIONS } from '../support/thehive/hive.ts';
import { contextOf, INDICATOR, notFound, report } from '../support/thehive/posting.ts';
import { sampleProcess, sampleReport } from '../support/sample-report.ts';
import type { StandInOptions } from '../support/thehive/server.ts';
import type { Store } from '../support/thehive/store.ts';

async function clicked(
  version: 4 | 5,
  options: Omit<StandInOptions, 'version'> = {},
  permissions?: string[],
) {
  const started = await startHive(version, options);
  const { hive, store, aCase } = started;
  const ip = store.addObservable(aCase._id, { data: INDICATOR, tags: ['c2'], tlp: 3 });
  const account = permissions ? store.addAccount({ permissions }) : started.writer;
  const session = await sessionOf(hive, account, { timeoutMs: 20_000 });
  return { ...started, ip, session, context: await contextOf(session, aCase._id) };
}

/** All that a person sees of the case, without identifiers and times. */
const pictureOf = (store: Store) => ({
  caseTags: [...store.cases.values()].map(({ tags }) => tags.toSorted()),
  observables: [...store.observables.values()]
    .map(({ dataType, data, tags, tlp }) => ({ dataType, data, tags: tags.toSorted(), tlp }))
    .toSorted((one, other) => String(one.data).localeCompare(String(other.data))),
  tasks: [...store.tasks.values()]
    .filter(({ status }) => status !== 'Cancel')
    .map(({ title }) => title),
  logs: [...store.logs.values()].map(({ message, files }) => [
    message,
    files.map(({ name }) => name),
  ]),
  pages: [...store.pages.values()].map(({ title, content }) => [title, content]),
});

describe.each(VERSIONS)('TheHive %d: postByRest()', (version) => {
  test('tags, observables and the report stand in the case', async () => {
    const { store, session, context, aCase, ip } = await clicked(version);
    store.dataTypes.set('process', false);
    const result = await postByRest(session, report(), context);
    expect(result).toMatchObject({
      added: 5,
      present: 0,
      warnings: [],
      text: { kind: version === 4 ? 'log' : 'page', isNew: true },
    });
    expect(ip.tags).toEqual([
      'c2',
      'ip2process:verdict=responsible@endpoint',
      'ip2process:pid=299@endpoint',
      'ip2process:pid=412@endpoint',
    ]);
    expect(aCase.tags).toEqual(['memory', 'ip2process:analysed', 'ip2process:host=endpoint']);
    expect(store.observablesOf(aCase._id).slice(1)).toMatchObject([
      {
        dataType: 'process',
        data: 'beacond (299) @ endpoint, started 2026-11-22T09:00:00Z',
        tlp: 3,
        tags: [
          'ip2process',
          'ip2process:pid=299@endpoint',
          `ip2process:verdict=responsible@${INDICATOR}`,
        ],
      },
      { dataType: 'process', data: 'curl (412) @ endpoint', tlp: 3 },
      { dataType: 'filename', data: '/usr/local/sbin/beacond', tags: ['ip2process'] },
      { dataType: 'hostname', data: 'endpoint', tlp: 2 },
      { dataType: 'domain', data: 'c2.example.net', tlp: 2 },
    ]);
    if (version === 5) {
      expect([...store.pages.values()]).toMatchObject([
        {
          title: expect.stringMatching(
            /^ip2process: 35\[\.\]178.* in endpoint\.lime \[[0-9a-f]{12}\]$/,
          ),
          category: 'ip2process',
          content: expect.stringMatching(/beacond/),
        },
      ]);
    } else {
      expect([...store.tasks.values()]).toMatchObject([
        { title: TASK_TITLE, group: 'ip2process', status: 'InProgress' },
      ]);
      const [page, json] = [...store.logs.values()];
      expect(page).toMatchObject({
        message: expect.stringMatching(/beacond[^]*\nip2process report `[0-9a-f]{12}`\n$/),
        files: [
          {
            name: expect.stringMatching(/\.html$/),
            text: expect.stringMatching(/^<!doctype html/i),
          },
        ],
      });
      expect(json?.files).toMatchObject([
        {
          name: expect.stringMatching(/\.json$/),
          text: expect.stringMatching(/"privacy": "redacted"/),
        },
      ]);
    }
  });

  test('a TheHive 5 key without pages writes one log with both files', async () => {
    if (version === 4) return;
    const { store, session, context } = await clicked(5, {}, [
      'manageObservable',
      'manageTask',
      'manageCase/update',
    ]);
    expect(await postByRest(session, report(), context)).toMatchObject({ text: { kind: 'log' } });
    expect([...store.logs.values()]).toMatchObject([
      {
        files: [{ name: expect.stringMatching(/html$/) }, { name: expect.stringMatching(/json$/) }],
      },
    ]);
  });

  test('twice is as once, and the second run writes nothing', async () => {
    const { hive, store, session, context } = await clicked(version);
    await postByRest(session, report(), context);
    const [before, writes] = [pictureOf(store), hive.writes.length];
    const again = await postByRest(session, report(), await contextOf(session, context.case.id));
    expect(again).toMatchObject({ added: 0, present: 5, text: { isNew: false }, warnings: [] });
    expect(pictureOf(store)).toEqual(before);
    expect(hive.writes.length).toBe(writes);
  });

  test('two at once are as one: each creation meets its twin', async () => {
    const { hive, store, session, context } = await clicked(version, { latencyMs: 5 });
    const alone = await clicked(version);
    await postByRest(alone.session, report(), alone.context);
    // Both have seen that there is nothing before either creates the first; then chance.
    for (const when of [
      /^PATCH .*case/,
      /^PATCH .*observable/,
      /^POST .*observable/,
      /^POST .*task$/,
      /^POST .*log$/,
      /^POST .*page$/,
    ])
      hive.meet(when, 2);
    const results = await Promise.all([
      postByRest(session, report(), context),
      postByRest(session, report(), context),
    ]);
    expect(results.flatMap(({ warnings }) => warnings)).toEqual([]);
    expect(pictureOf(store)).toEqual(pictureOf(alone.store));
  });

  test('where both creations succeed, the oldest stays and has the tags of both', async () => {
    const { hive, store, session, context } = await clicked(version, {
      settings: { blindCreates: 1 },
    });
    hive.meet(/^POST .*observable/, 2);
    await Promise.all([
      postByRest(session, report(), context),
      postByRest(session, report(), context),
    ]);
    const data = store.observablesOf(context.case.id).map((one) => `${one.dataType} ${one.data}`);
    expect(data.toSorted()).toEqual([...new Set(data)].toSorted());
    expect(
      store.events.filter(
        ({ action, objectType }) => action === 'delete' && objectType === 'Observable',
      ).length,
    ).toBeGreaterThan(0);
  });

  test('two IPs at once share observables and task, and keep their own tags', async () => {
    const { store, session, context, aCase } = await clicked(version, { latencyMs: 5 });
    const other = store.addObservable(aCase._id, { data: '198.51.100.9' });
    const second = sampleReport({
      indicators: [
        { kind: 'ipv4', text: '198.51.100.9', given: '198.51.100.9', origin: 'given', hits: 1 },
      ],
      processes: [
        sampleProcess({
          verdict: 'likely',
          hits: { ...sampleProcess().hits, byIndicator: { '198.51.100.9': 1 } },
        }),
      ],
    });
    const [source] = (await contextOf(session, aCase._id)).sources;
    if (!source) throw new Error('no source');
    const secondContext = {
      ...context,
      sources: [
        {
          indicator: '198.51.100.9',
          observable: { ...source.observable, id: other._id, data: other.data },
        },
      ],
    };
    await Promise.all([
      postByRest(session, report(), context),
      postByRest(session, second, secondContext),
    ]);
    const beacond = store
      .observablesOf(aCase._id)
      .filter(({ data }) => data?.startsWith('beacond'));
    expect(beacond).toHaveLength(1);
    expect(beacond[0]?.tags).toEqual(
      expect.arrayContaining([
        `ip2process:verdict=responsible@${INDICATOR}`,
        'ip2process:verdict=likely@198.51.100.9',
      ]),
    );
    expect(other.tags).toContain('ip2process:verdict=likely@endpoint');
    expect(pictureOf(store).tasks).toEqual(version === 4 ? [TASK_TITLE] : []);
    expect(version === 4 ? store.logs.size : store.pages.size).toBe(version === 4 ? 4 : 2);
  });

  test('a new verdict replaces the old one, and the text is brought up to date', async () => {
    const { store, session, context, ip } = await clicked(version);
    await postByRest(session, report(), context);
    await postByRest(session, notFound(), context);
    expect(ip.tags).toEqual(['c2', 'ip2process:verdict=not-found@endpoint']);
    const texts =
      version === 4
        ? [...store.logs.values()].map(({ message }) => message)
        : [...store.pages.values()].map(({ content }) => content);
    expect(texts).toHaveLength(version === 4 ? 2 : 1);
    expect(texts[0]).not.toMatch(/PID 412/);
  });

  test('a key that may only read gets warnings, and nothing breaks', async () => {
    const { store, session, context } = await clicked(version, {}, []);
    expect(canPostByRest(session)).toBe(false);
    const before = pictureOf(store);
    const result = await postByRest(session, report(), context);
    expect(result).toMatchObject({ added: 0, text: null });
    expect(result.warnings).toEqual([
      expect.stringMatching(
        /^The account "ip2process@example\.org" lacks the permission manageCase/,
      ),
      expect.stringMatching(/manageObservable/),
      expect.stringMatching(/manageTask/),
    ]);
    expect(pictureOf(store)).toEqual(before);
  });

  test('tags that another run overwrites while the text is written are put back in the end', async () => {
    const { hive, session, context, aCase, ip } = await clicked(version);
    const overwrite = () => {
      aCase.tags = ['memory', 'theirs'];
      ip.tags = ['c2', 'theirs'];
    };
    hive.faults.add({
      when: /^POST .*(log|page)$/,
      times: 1,
      what: { kind: 'meanwhile', do: overwrite },
    });
    expect(await postByRest(session, report(), context)).toMatchObject({ warnings: [] });
    expect(aCase.tags).toEqual([
      'memory',
      'theirs',
      'ip2process:analysed',
      'ip2process:host=endpoint',
    ]);
    expect(ip.tags).toEqual(
      expect.arrayContaining(['c2', 'theirs', 'ip2process:verdict=responsible@endpoint']),
    );
  });

  test('a permission that TheHive denies after all costs that part only', async () => {
    const { hive, store, session, context } = await clicked(version);
    hive.faults.add({
      when: /^PATCH .*case/,
      what: { kind: 'status', status: 403, body: '{"type":"AuthorizationError","message":"no"}' },
    });
    const result = await postByRest(session, report(), context);
    expect(result.warnings).toEqual([
      expect.stringMatching(/^Cannot tag the case in TheHive .*lacks a permission/),
    ]);
    expect(result.added).toBe(5);
    expect(pictureOf(store).caseTags).toEqual([['memory']]);
  });

  test('a closed case gets nothing, and one sentence', async () => {
    const { hive, store, session, context, aCase } = await clicked(version);
    Object.assign(aCase, { status: 'Resolved', stage: 'Closed' });
    const before = pictureOf(store);
    const result = await postByRest(session, report(), context);
    expect(result.warnings).toEqual([
      `Cannot add the report to case ${aCase.number}: the case is closed; reopen it and run again`,
    ]);
    expect(pictureOf(store)).toEqual(before);
    expect(hive.writes).toEqual([]);
  });

  test('a TheHive that dies in the middle is asked no more', async () => {
    const { hive, session, context } = await clicked(version);
    const quick = {
      ...session,
      transport: (
        await sessionOf(hive, hive.store.accounts[0] ?? hive.store.addAccount(), { retries: 0 })
      ).transport,
    };
    hive.faults.add(
      { when: /POST .*observable/, after: 1, what: { kind: 'reset' } },
      { when: /./, after: 30, what: { kind: 'reset' } },
    );
    const result = await postByRest(quick, report(), context);
    expect(result.warnings).toEqual([expect.stringMatching(/the connection was cut$/)]);
    expect(result.added).toBe(1);
  });

  test('413 with a web page, for the text only', async () => {
    const { hive, session, context } = await clicked(version);
    hive.faults.add({ when: /POST .*(log|page)$/, what: webPage(413) });
    const result = await postByRest(session, report(), context);
    expect(result).toMatchObject({
      added: 5,
      text: null,
      warnings: [expect.stringMatching(/the text is larger than TheHive/)],
    });
  });
});

describe('what a hostile image says does no harm', () => {
  const hostile =
    '</script><img src=x onerror=alert(1)> ![x](http://evil) | \u202e`\n\r\u0000 "a",b '.repeat(
      20_000,
    );

  test.each(VERSIONS)('TheHive %d', async (version) => {
    const { hive, store, session, context } = await clicked(version);
    const processes = [
      sampleProcess({
        name: hostile,
        path: hostile,
        commandLine: hostile,
        user: hostile,
        reasons: [hostile],
        counterReasons: [hostile],
      }),
    ];
    const given = report();
    const system = given.system ? { ...given.system, hostName: hostile } : null;
    const image = { ...context.image, name: `../../${hostile}` };
    const pivots = [{ kind: 'url' as const, text: hostile, hits: 1, pids: [], source: hostile }];
    const result = await postByRest(
      session,
      { ...given, processes, system, pivots },
      { ...context, image },
    );
    expect(result.warnings).toEqual([]);
    expect(
      hive.requests
        .map(({ status }) => status)
        .filter((status) => status === 400 || status === 413),
    ).toEqual([]);
    const [made] = store.observablesOf(context.case.id).slice(1);
    // eslint-disable-next-line no-control-regex
    expect(made?.data).not.toMatch(/[\u0000-\u001f\u202e]/);
    expect(made?.data?.length).toBeLessThan(200);
    expect(made?.message.length).toBeLessThan(5000);
    const [text] =
      version === 4
        ? [...store.logs.values()].map(({ message }) => message)
        : [...store.pages.values()].map(({ content }) => content);
    expect(text?.length).toBeLessThan(version === 4 ? 40_001 : 1_000_001);
  });
});
