import { describe, expect, test } from '@jest/globals';
import type { Attribution } from '../../src/attribute/attribution.ts';
import type { Evidence } from '../../src/attribute/evidence.ts';
import { type EvidenceKind, POINTS } from '../../src/attribute/weights.ts';
import type { Process } from '../../src/os/process.ts';
import { reasonsOf } from '../../src/report/reasons.ts';
import { attributionOf, holdingsWith, processOf, PROXY, socketTo } from '../support/fake-engine.ts';

const evidence = (kind: EvidenceKind, hits = 1, discount: string | null = null): Evidence => ({
  kind,
  points: 1,
  hits,
  behaves: POINTS[kind].behaviour,
  discount,
});
const told = (
  changes: Partial<Attribution>,
  process: Partial<Process> = {},
  alert: Date | null = null,
) =>
  reasonsOf(attributionOf(changes), processOf(process), {
    proxy: PROXY,
    alert: { host: null, at: alert },
  });

test('every kind of evidence has its sentence', () => {
  const kinds = Object.keys(POINTS).filter((kind): kind is EvidenceKind => kind in POINTS);
  const { reasons } = told({ evidence: kinds.map((kind) => evidence(kind, 2)) });
  expect(reasons).toHaveLength(kinds.length);
  expect(new Set(reasons).size).toBe(kinds.length);
  // They follow "It " or stand alone as a point.
  for (const reason of reasons) expect(reason).toMatch(/^(sent|has|holds|was) .*[^.]$/);
});

test('a socket to the proxy is told with its state and port', () => {
  const { reasons } = told(
    { evidence: [evidence('socket-to-proxy')] },
    { sockets: [socketTo(PROXY.address, PROXY.port)] },
  );
  expect(reasons).toEqual([
    'has a socket to the proxy 172.31.0.250:8080 (ESTABLISHED, local port 40000)',
  ]);
});

test('a process that is hidden is told so', () => {
  expect(told({}, { isHidden: true }).reasons.join()).toContain('missing from the system');
});

describe('against it speaks', () => {
  const connected = { isConnectedToProxy: true };
  test.each<[string, Partial<Attribution>, Partial<Process>, string]>([
    ['no socket to the proxy', {}, {}, 'no socket to the proxy'],
    [
      'its trade',
      { ...connected, carrier: { kind: 'anti-virus', factor: 0.1, reason: 'it holds lists' } },
      {},
      'is an anti-virus: it holds lists',
    ],
    [
      'only bare bytes',
      { ...connected, holdings: holdingsWith({ byForm: new Map([['ipv4-bytes', 1]]) }) },
      {},
      'bare address bytes',
    ],
    [
      'only shared pages',
      { ...connected, holdings: holdingsWith({ exclusive: 0 }) },
      {},
      'shares every one',
    ],
    [
      'only mapped files',
      { ...connected, holdings: holdingsWith({ byRegion: new Map([['file', 1]]) }) },
      {},
      'only in files',
    ],
    [
      'lists',
      { ...connected, holdings: holdingsWith({ inLists: 1 }) },
      {},
      'lists of many addresses',
    ],
    ['its end', connected, { state: 'exited' }, 'had ended'],
    [
      'a discounted connection',
      { ...connected, evidence: [evidence('socket-to-proxy', 0, '× 0.2: others')] },
      {},
      'counts less (× 0.2: others)',
    ],
  ])('%s', (_, attribution, process, words) => {
    expect(told(attribution, process).counterReasons.join()).toContain(words);
  });

  test('its start after the alert, first', () => {
    const { counterReasons } = told(
      {},
      { startTime: new Date('2026-11-22T10:00:00Z') },
      new Date('2026-11-22T09:00:00Z'),
    );
    expect(counterReasons[0]).toContain('after the alert');
  });

  test('nothing, where there is nothing', () => {
    expect(told(connected).counterReasons).toEqual([]);
  });
});
