import { describe, expect, test } from '@jest/globals';
import { notPosted, postedAs } from '../../src/case/posting.ts';
import { Ip2ProcessError } from '../../src/errors.ts';
import { openTransport, type Transport } from '../../src/thehive/transport.ts';
import type { Fault } from '../support/thehive/faults.ts';
import { connectionTo, sessionOf, startHive, VERSIONS } from '../support/thehive/hive.ts';
import { contextOf, INDICATOR, report } from '../support/thehive/posting.ts';

/** A report on its way into a case whose TheHive fails, and what was asked of that. */
async function posted(version: 4 | 5, fault: Fault) {
  const { hive, store, aCase, writer } = await startHive(version);
  store.addObservable(aCase._id, { data: INDICATOR });
  const session = await sessionOf(hive, writer);
  const context = await contextOf(session, aCase._id);
  hive.faults.add(fault);
  // Of silence all is silent: it may be given up soon.
  const timeoutMs = fault.what.kind === 'silence' ? 100 : 20_000;
  const transport = openTransport(connectionTo(hive, writer, { timeoutMs, retries: 1 }));
  const calls: string[] = [];
  const json: Transport['json'] = (call, schema) => {
    calls.push(call.task);
    return transport.json(call, schema);
  };
  const told = { ...session, transport: { ...transport, json } };
  return { calls, ...(await postedAs('auto', told, report(), context)) };
}

describe.each(VERSIONS)('TheHive %d', (version) => {
  test.each([
    ['silent', { kind: 'silence' }, /no complete answer in time$/],
    ['down', { kind: 'reset' }, /the connection was cut$/],
  ] as const)('%s: it is not asked anything else', async (_, what, message) => {
    const { calls, ...way } = await posted(version, { when: /./, what });
    expect(calls).toHaveLength(1);
    expect(way).toEqual({
      operations: [],
      observables: 0,
      hasText: false,
      notes: [expect.stringMatching(message)],
    });
  });

  test.each([
    ['one writing is cut', { kind: 'reset' }],
    ['its answer is lost', { kind: 'lost-answer' }],
  ] as const)('%s: operations do the rest', async (_, what) => {
    const when = /^POST .*\/(page|task)$/;
    const { operations, hasText, notes } = await posted(version, { when, times: 1, what });
    expect(hasText).toBe(true);
    expect(operations.map(({ type }) => type)).toContain('CreateTask');
    expect(notes).toContainEqual(expect.stringMatching(/the connection was cut$/));
  });
});

test('what ended the way into the case is noted; what nobody wants, and a bug, are thrown on', () => {
  expect(notPosted(new Ip2ProcessError('system', 'The time is over'))).toEqual({
    operations: [],
    observables: null,
    hasText: false,
    notes: ['The time is over. The case may lack parts of the report; another run adds them'],
  });
  for (const error of [new Ip2ProcessError('cancelled', 'stopped'), new TypeError('a bug')]) {
    expect(() => notPosted(error)).toThrow(error);
  }
});
