import { describe, expect, test } from '@jest/globals';
import { attribute } from '../../src/attribute/attribution.ts';
import type { Occurrence } from '../../src/attribute/occurrence.ts';
import type { Sent } from '../../src/attribute/sent.ts';
import { CAP_WITHOUT_BEHAVIOUR } from '../../src/attribute/weights.ts';
import { parseIndicator } from '../../src/indicator/parse-indicator.ts';
import type { Process } from '../../src/os/process.ts';
import {
  fakeEngine,
  occurrenceOf,
  ownerOf,
  processOf,
  PROXY,
  regionOf,
  socketTo,
} from '../support/fake-engine.ts';

const INDICATORS = [parseIndicator('35.178.122.152')];
const attributed = (
  processes: Process[],
  occurrences: Occurrence[],
  sent: ReadonlyMap<number, Sent> = new Map(),
) => attribute(INDICATORS, fakeEngine({ processes }), sent, occurrences, PROXY);

const heldBy = (process: number, changes: Partial<Occurrence> = {}) =>
  occurrenceOf({ owners: [ownerOf({ process })], ...changes });
const sentOf = (changes: Partial<Sent>): Sent => ({
  last: [],
  earlier: [],
  askedFor: [],
  ...changes,
});
const toProxy = [socketTo(PROXY.address, PROXY.port)];

describe('who is listed', () => {
  test('holders, senders and who is connected to the indicator; nobody else', () => {
    const processes = [
      processOf({ pid: 1 }),
      processOf({ pid: 2 }),
      processOf({ pid: 3, sockets: [socketTo('35.178.122.152', 443)] }),
      processOf({ pid: 4, sockets: toProxy }),
    ];
    const list = attributed(
      processes,
      [heldBy(0), occurrenceOf({ owners: [] })],
      new Map([[1, sentOf({ last: [1] })]]),
    );
    expect(list.map(({ process }) => process).toSorted((a, b) => a - b)).toEqual([0, 1, 2]);
  });

  test('one that maps a page twice holds its texts once', () => {
    const [only] = attributed([processOf()], [occurrenceOf({ owners: [ownerOf(), ownerOf()] })]);
    expect(only?.holdings.occurrences).toEqual([0]);
  });
});

describe('who is first', () => {
  test('the sender before the connected before the holder', () => {
    const processes = [
      processOf({ pid: 1 }),
      processOf({ pid: 2, sockets: toProxy }),
      processOf({ pid: 3, sockets: toProxy }),
    ];
    const list = attributed(
      processes,
      [heldBy(0), heldBy(1), heldBy(2)],
      new Map([[2, sentOf({ last: [2] })]]),
    );
    expect(list.map(({ process, verdict }) => [process, verdict])).toEqual([
      [2, 'responsible'],
      [1, 'possible'],
      [0, 'possible'],
    ]);
  });

  test('of two alike the one that holds more alone, then the system’s order', () => {
    const shared = occurrenceOf({ owners: [ownerOf({ process: 0 }), ownerOf({ process: 1 })] });
    const list = attributed([processOf({ pid: 9 }), processOf({ pid: 3 })], [shared]);
    expect(list.map(({ process }) => process)).toEqual([0, 1]);
  });
});

describe('without behaviour', () => {
  const everything = (['connect-request', 'url', 'text', 'ip-port'] as const).flatMap((form) =>
    Array.from({ length: 50 }, () =>
      heldBy(0, {
        form,
        owners: [
          ownerOf({ isExecutable: true, region: regionOf('anonymous', { protection: 'rwxp' }) }),
        ],
      }),
    ),
  );

  test('no amount of holding is likely', () => {
    const [one] = attributed([processOf({ commandLine: 'x 35.178.122.152' })], everything);
    expect([one?.score, one?.verdict]).toEqual([CAP_WITHOUT_BEHAVIOUR, 'possible']);
  });
});

describe('a carrier', () => {
  test('that only holds is a carrier', () => {
    const [clamd] = attributed([processOf({ path: '/usr/sbin/clamd' })], [heldBy(0)]);
    expect([clamd?.verdict, clamd?.carrier?.kind]).toEqual(['carrier-only', 'anti-virus']);
  });

  test('that sent it is as responsible as any other', () => {
    const [shell] = attributed(
      [processOf({ path: '/usr/bin/bash', sockets: toProxy })],
      [heldBy(0, { form: 'connect-request' })],
      new Map([[0, sentOf({ last: [0] })]]),
    );
    expect(shell?.verdict).toBe('responsible');
  });

  test('is also who holds bare bytes only', () => {
    const [one] = attributed(
      [processOf()],
      [heldBy(0, { form: 'ipv4-bytes', encoding: 'binary' })],
    );
    expect(one?.verdict).toBe('carrier-only');
  });
});

test('a holder whose last requests were for others stays below likely', () => {
  const [one] = attributed(
    [processOf({ sockets: toProxy })],
    [heldBy(0, { form: 'url' }), heldBy(0)],
    new Map([[0, sentOf({ askedFor: ['updates.example'] })]]),
  );
  expect([one?.verdict, one?.askedFor]).toEqual(['possible', ['updates.example']]);
});

test('so does one that holds everything: its connection was for others', () => {
  const forms = (['connect-request', 'url', 'text', 'ip-port'] as const).flatMap((form) =>
    Array.from({ length: 50 }, () => heldBy(0, { form })),
  );
  const [one] = attributed(
    [processOf({ sockets: toProxy, commandLine: 'agent 35.178.122.152' })],
    forms,
    new Map([[0, sentOf({ askedFor: ['siem.example'] })]]),
  );
  expect([one?.score, one?.verdict]).toEqual([CAP_WITHOUT_BEHAVIOUR, 'possible']);
});
