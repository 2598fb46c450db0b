import { describe, expect, test } from '@jest/globals';
import { readKnown } from '../../src/thehive/known.ts';
import { operationsFor, type Operation } from '../../src/thehive/operations.ts';
import type { PostingContext } from '../../src/thehive/posting.ts';
import { sampleProcess, sampleReport } from '../support/sample-report.ts';
import { sessionOf, startHive, VERSIONS } from '../support/thehive/hive.ts';
import { executeOperations } from '../support/thehive/operations.ts';
import { contextOf, INDICATOR, notFound, report } from '../support/thehive/posting.ts';

/** A responder with a key that may only read. */
async function asReader(version: 4 | 5, changes: Partial<PostingContext> = {}) {
  const started = await startHive(version);
  const { hive, store, aCase } = started;
  const ip = store.addObservable(aCase._id, { data: INDICATOR, tags: ['c2'], tlp: 3 });
  const session = await sessionOf(hive, store.addAccount({ permissions: [] }));
  const context = await contextOf(session, aCase._id, changes);
  const ask = async (of = report()) =>
    operationsFor(of, context, await readKnown(session, of, context));
  const click = async (of = report()) => {
    const { operations, notes } = await ask(of);
    const ranOn = context.clicked
      ? ({ kind: 'case_artifact', id: ip._id } as const)
      : ({ kind: 'case', id: aCase._id } as const);
    return { notes, executed: executeOperations(store, ranOn, operations) };
  };
  return { ...started, ip, session, context, ask, click };
}

const failed = ({ operations }: ReturnType<typeof executeOperations>) =>
  operations.filter(({ status }) => status === 'Failure');

/** R7: what Cortex and TheHive accept. */
function expectAcceptable(operations: readonly Operation[]) {
  const keys = new Set<string>();
  for (const operation of operations) {
    if ('tag' in operation) expect(operation.tag).toMatch(/^.{1,128}$/);
    if (operation.type === 'CreateTask') {
      expect(operation.title).toMatch(/^.{1,128}$/);
      expect(operation.description.length).toBeLessThanOrEqual(30_000);
    }
    if (operation.type !== 'AddArtifactToCase') continue;
    expect(operation.data).toMatch(/^\S(.{0,4094}\S)?$/);
    expect(operation.tlp).toEqual(expect.any(Number));
    for (const tag of operation.tags) expect(tag).toMatch(/^.{1,128}$/);
    keys.add(`${operation.dataType} ${operation.data}`);
  }
  expect(keys.size).toBe(operations.filter(({ type }) => type === 'AddArtifactToCase').length);
  expect(JSON.stringify(operations).length).toBeLessThan(2 ** 20);
}

describe.each(VERSIONS)('TheHive %d: operationsFor()', (version) => {
  test('a key that may only read brings all into the case', async () => {
    const { hive, store, aCase, ip, ask, click } = await asReader(version);
    const { operations } = await ask();
    expectAcceptable(operations);
    const { executed, notes } = await click();
    expect(executed.action).toBe('Success');
    expect(failed(executed)).toEqual([]);
    expect(notes).toEqual([]);
    expect(ip.tags).toEqual([
      'c2',
      'ip2process:verdict=responsible@endpoint',
      'ip2process:pid=299@endpoint',
      'ip2process:pid=412@endpoint',
    ]);
    expect(aCase.tags).toEqual(['memory', 'ip2process:analysed', 'ip2process:host=endpoint']);
    expect(store.observablesOf(aCase._id).slice(1)).toMatchObject([
      {
        dataType: 'other',
        data: 'beacond (299) @ endpoint, started 2026-11-22T09:00:00Z',
        tlp: 3,
        tags: expect.arrayContaining(['type:process']),
      },
      { dataType: 'other', data: 'curl (412) @ endpoint' },
      { dataType: 'filename' },
      { dataType: 'hostname' },
      { dataType: 'domain' },
    ]);
    expect([...store.tasks.values()]).toMatchObject([
      {
        title: expect.stringMatching(/^ip2process: 35\[\.\]178/),
        description: expect.stringMatching(/beacond/),
      },
    ]);
    expect(hive.writes).toEqual([]);
  });

  test('the second click asks for nothing', async () => {
    const { ask, click } = await asReader(version);
    await click();
    expect(await ask()).toEqual({ operations: [], notes: [] });
  });

  test('another answer: new tags are added, outdated ones are named', async () => {
    const { click } = await asReader(version);
    await click();
    const { executed, notes } = await click(notFound());
    expect(failed(executed)).toEqual([]);
    expect(notes).toEqual([
      'Tags of the observable are outdated, and only a key that may write can remove them: ip2process:verdict=responsible@endpoint, ip2process:pid=299@endpoint, ip2process:pid=412@endpoint',
    ]);
  });

  test('a run on the case tags no observable, and says so', async () => {
    const { ip, click } = await asReader(version, { clicked: null });
    const { executed, notes } = await click();
    expect(failed(executed)).toEqual([]);
    expect(ip.tags).toEqual(['c2']);
    expect(notes).toEqual([`"${INDICATOR}" was not tagged: that needs a key that may write`]);
  });

  test('a closed case gets nothing', async () => {
    const { aCase, ask } = await asReader(version);
    Object.assign(aCase, { status: 'Resolved', stage: 'Closed' });
    expect(await ask()).toEqual({
      operations: [],
      notes: [`Case ${aCase.number} is closed: nothing was added to it`],
    });
  });

  test('at most so many observables, processes first', async () => {
    const { ask } = await asReader(version, { limits: { observables: 10, processType: 'ip' } });
    const processes = Array.from({ length: 300 }, (_, index) =>
      sampleProcess({ pid: 1000 + index }),
    );
    const { operations, notes } = await ask(sampleReport({ processes }));
    const added = operations.filter(({ type }) => type === 'AddArtifactToCase');
    expect(added).toHaveLength(10);
    expect(added).toMatchObject(added.map(() => ({ dataType: 'ip' })));
    expect(notes).toEqual([
      '292 more findings are in the report only: the limit of observables is reached',
    ]);
    expectAcceptable(operations);
  });

  test('hostile text is acceptable, and harmless', async () => {
    const { ask, click } = await asReader(version, {
      image: { name: `x'"<b>\n${'y'.repeat(10_000)}`, sha256: null, isInCase: false },
    });
    const bad = '\u202e\r\n<script>|`,"'.repeat(100_000);
    const of = sampleReport({
      processes: [sampleProcess({ name: bad, path: bad, user: bad, reasons: [bad], sockets: [] })],
      system: {
        kind: 'linux',
        release: bad,
        hostName: bad,
        timeZone: null,
        bootTime: null,
        captureTime: null,
      },
    });
    expectAcceptable((await ask(of)).operations);
    expect(failed((await click(of)).executed)).toEqual([]);
  });
});
