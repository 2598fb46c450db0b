import { describe, expect, test } from '@jest/globals';
import { parseIndicator } from '../../src/indicator/parse-indicator.ts';
import { answerOf } from '../../src/report/answer.ts';
import type { Findings } from '../../src/report/findings.ts';
import {
  attributionOf,
  fakeEngine,
  fakeSystem,
  findingsOf,
  occurrenceOf,
  processOf,
} from '../support/fake-engine.ts';
import { sampleProcess } from '../support/sample-report.ts';

const IP = '35.178.122.152';
const found = (changes: Partial<Findings> = {}): Findings =>
  findingsOf({
    system: fakeSystem(),
    located: { occurrences: [occurrenceOf()], nearMisses: 0 },
    ...changes,
  });
const process = sampleProcess;
const holder = process({
  pid: 7,
  name: 'holder',
  verdict: 'possible',
  score: 14,
  connectedToProxy: false,
});

describe('when processes talk', () => {
  const reasons = ['sent it: so', 'has a socket to the proxy', 'holds it'];

  test('the headline names them with their words, the reasons follow', () => {
    const answer = answerOf(found(), [
      process({ reasons }),
      process({ pid: 300, name: 'other' }),
      process({ pid: 301, name: 'third', verdict: 'likely' }),
      holder,
    ]);
    expect(answer).toMatchObject({
      verdict: 'responsible',
      outcome: 'found',
      headline: `beacond (PID 299) is responsible for ${IP} (93/100); so is other (PID 300); third (PID 301) is likely too.`,
      why: 'It sent it: so; it has a socket to the proxy. 1 more process holds it without having been seen to talk.',
      runnerUp: { pid: 300, margin: 0 },
      isTie: true,
    });
  });

  test('one that is only likely is told so, and what is not proven', () => {
    const answer = answerOf(found(), [process({ verdict: 'likely', score: 50, reasons })]);
    expect(answer.headline).toBe(`beacond (PID 299) is likely responsible for ${IP} (50/100).`);
    expect(answer.doubt).toContain('not proven');
  });

  test('one that sent it leaves no doubt', () => {
    const sent = process({ hits: { ...process().hits, sent: 2 } });
    expect(answerOf(found(), [sent]).doubt).toBeNull();
  });

  test('one that started after the alert does', () => {
    const late = processOf({ startTime: new Date('2026-11-22T09:30:00Z') });
    const answer = answerOf(
      found({
        engine: fakeEngine({ processes: [late] }),
        attributions: [attributionOf()],
        alert: { host: null, at: new Date('2026-11-22T09:00:00Z') },
      }),
      [process({ hits: { ...process().hits, sent: 2 } })],
    );
    expect(answer.doubt).toContain('after the alert');
  });

  test('one whose trade it is to send for others does', () => {
    const carrier = { kind: 'local proxy', reason: 'it sends for others' };
    expect(answerOf(found(), [process({ carrier })]).doubt).toContain('local proxy');
  });

  test('pivots that were followed are told apart', () => {
    const indicators = [IP, 'c2.example', 'd.example'].map(parseIndicator);
    const answer = answerOf(found({ indicators, followed: new Set(['c2.example', 'd.example']) }), [
      process(),
    ]);
    expect(answer.headline).toContain(`${IP} and 2 pivots from it`);
  });
});

describe('when nobody was seen to talk', () => {
  test('the first to look at is named, and that none was connected', () => {
    const answer = answerOf(found(), [holder]);
    expect(answer.headline).toBe(
      `${IP} stands in memory in 1 place, but nothing shows that a process talked to it; look at holder (PID 7) first (14/100).`,
    );
    expect(answer.why).toContain('none of them was connected to the proxy 172.31.0.250:8080');
  });

  test('one that was connected is not told as unconnected', () => {
    const answer = answerOf(found(), [{ ...holder, connectedToProxy: true }]);
    expect(answer.why).toContain('holder (PID 7) was connected to the proxy');
    expect(answer.why).not.toContain('none of them');
  });

  test('without a proxy the doubt asks for one', () => {
    expect(answerOf(found({ proxy: null }), [holder]).doubt).toContain('--proxy');
  });

  test('carriers are named with their trades', () => {
    const clamd = process({
      name: 'clamd',
      verdict: 'carrier-only',
      carrier: { kind: 'anti-virus', reason: 'it holds block lists' },
    });
    expect(answerOf(found(), [clamd])).toMatchObject({
      verdict: 'carrier-only',
      headline: `Only processes that hold other people's addresses hold ${IP}: clamd (PID 299).`,
      why: 'Their trade explains it: it holds block lists.',
    });
  });

  test('a long list of names is cut', () => {
    const many = Array.from({ length: 9 }, (_, pid) =>
      process({ pid, name: 'c', verdict: 'carrier-only' }),
    );
    expect(answerOf(found(), many).headline).toContain('c (PID 3) and 5 more.');
  });
});

describe('when nothing belongs to a process', () => {
  test('the states of the pages are told', () => {
    const free = { kind: 'free' as const, detail: null };
    const occurrences = [
      occurrenceOf({ owners: [], pageState: free }),
      occurrenceOf({ owners: [], pageState: free }),
      occurrenceOf({ owners: [], pageState: { kind: 'kernel', detail: null } }),
      occurrenceOf({ owners: [], flags: ['phantom'] }),
    ];
    const answer = answerOf(found({ located: { occurrences, nearMisses: 0 } }), []);
    expect(answer).toMatchObject({ verdict: 'no-owner', outcome: 'found' });
    expect(answer.headline).toContain('in 3 places');
    expect(answer.why).toContain('free 2, kernel 1');
  });
});

describe('when nothing is found', () => {
  const nothing = { located: { occurrences: [], nearMisses: 0 } };

  test('what was searched, what absence means and what to try are told', () => {
    const answer = answerOf(found({ ...nothing, pivotHosts: ['c2.example'] }), []);
    expect(answer).toMatchObject({
      verdict: 'not-found',
      outcome: 'not-found',
      headline: `No trace of ${IP} in 1 GiB of memory.`,
      hostsToTry: ['c2.example'],
      runnerUp: null,
      isTie: false,
    });
    expect(answer.why).toContain('swapped out');
    expect(answer.doubt).toContain('proxy log');
  });

  test('a name is not said to be resolved by the proxy', () => {
    const indicators = [parseIndicator('c2.example')];
    expect(answerOf(found({ ...nothing, indicators }), []).doubt).toContain('another name');
  });

  test('what could not be read makes it partial', () => {
    const answer = answerOf(found({ ...nothing, system: null }), []);
    expect(answer.outcome).toBe('partial');
    expect(answer.doubt).toContain('No operating system');
  });
});

test('what could not be read takes no behaviour away', () => {
  expect(answerOf(found({ system: null }), [process()]).outcome).toBe('found');
});
