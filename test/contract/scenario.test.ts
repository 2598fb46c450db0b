/** A machine full of decoys, described in words: who talks is named, and nobody else. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parseIndicator } from '../../src/indicator/parse-indicator.ts';
import { ip2process } from '../../src/run/ip2process.ts';
import type { Request } from '../../src/run/request.ts';
import type { Report, ReportProcess } from '../../src/report/report.ts';
import { buildImage, type MachineBuilder } from '../support/build-image.ts';

const IP = '35.178.122.152';
const PROXY = '172.31.0.250:8080';
const HEAP = 0x55d0_2000_0000n;
const STACK = 0x7ffd_1000_0000n;
const MAPPED = 0x7f10_0000_0000n;
const REQUEST = `GET http://${IP}/checkin HTTP/1.1\r\nHost: ${IP}\r\nUser-Agent: bcn\r\n\r\n`;
const BLOCK_LIST = `${Array.from({ length: 60 }, (_, n) => `198.51.100.${n}`).join('\n')}\n${IP}\n203.0.113.9\n`;

const heapOf = (
  built: MachineBuilder,
  name: string,
  options: Parameters<MachineBuilder['process']>[1],
) => built.process(name, options).region(HEAP, 4, { kind: 'heap' });

/** Everything that holds the address on an ordinary machine, and the one process that talks to it. */
function machine(): MachineBuilder {
  const built = buildImage({ kernel: '6.1', seed: 7, hostName: 'endpoint' });
  heapOf(built, 'beacond', {
    pid: 300,
    exe: '/usr/local/sbin/beacond',
    startTime: new Date('2026-01-05T08:10:00Z'),
  })
    .write(HEAP + 0x100n, `ascii ${REQUEST}`)
    .write(HEAP + 0x800n, 'ascii Host: c2.example\r\n')
    .socket({ local: '10.0.0.5:40001', remote: PROXY })
    .sent(REQUEST);
  heapOf(built, 'curl', { pid: 301, exe: '/usr/bin/curl' })
    .socket({ local: '10.0.0.5:40002', remote: PROXY })
    .sent('CONNECT news.example:443 HTTP/1.1\r\nHost: news.example:443\r\n\r\n');
  heapOf(built, 'clamd', { pid: 302, exe: '/usr/sbin/clamd' }).write(
    HEAP + 0x10n,
    `ascii ${BLOCK_LIST}`,
  );
  heapOf(built, 'bash', { pid: 303, exe: '/usr/bin/bash', argv: ['bash'] })
    .write(HEAP + 0x10n, `ascii curl http://${IP}/`)
    .write(HEAP + 0x200n, `ascii ping ${IP} `);
  built
    .process('logreadd', { pid: 304, exe: '/usr/local/sbin/logreadd' })
    .region(MAPPED, 1, { kind: 'file', path: '/var/log/access.log' })
    .write(MAPPED, `ascii CONNECT ${IP}:443 HTTP/1.1`);
  built
    .process('shmwriter', { pid: 305, exe: '/usr/local/sbin/shm' })
    .region(MAPPED, 1, { kind: 'shm', path: '/dev/shm/ring' })
    .write(MAPPED + 0x40n, `ascii ${IP} `);
  heapOf(built, 'nearmissd', { pid: 306, exe: '/usr/local/sbin/near' }).write(
    HEAP,
    `ascii 1${IP} ${IP}3 `,
  );
  heapOf(built, 'watcher', { pid: 307, exe: '/usr/bin/watcher' })
    .write(HEAP, `ascii alert: ${IP} `)
    .socket({ local: '10.0.0.5:40003', remote: PROXY })
    .sent('GET http://updates.example/ HTTP/1.1\r\nHost: updates.example\r\n\r\n');
  built
    .process('ghost', { pid: 308, state: 'gone', exe: '/usr/bin/ghost' })
    .maps(0x1000_0000n, `ascii ${REQUEST}`);
  built.process('idle', { pid: 309 }).maps(STACK, 'ascii nothing');
  return built.pageCache('/etc/blocklist', `ascii ${IP} `);
}

let folder: string;
const run = (changes: Partial<Request> = {}): Promise<Report> =>
  ip2process({
    indicators: [parseIndicator(IP)],
    image: join(folder, 'ram.raw'),
    threads: 1,
    toolVersion: 'test',
    ...changes,
  });

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ip2process-scenario-'));
  writeFileSync(join(folder, 'ram.raw'), machine().toBytes());
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('among decoys', () => {
  let report: Report;
  const of = (name: string): ReportProcess | undefined =>
    report.processes.find((one) => one.name === name);
  beforeAll(async () => {
    report = await run();
  });

  test('the proxy is inferred from those who share it', () => {
    expect(report.proxy).toEqual({ address: '172.31.0.250', port: 8080, source: 'inferred' });
  });

  test('who sent it is responsible, and first', () => {
    expect(report.processes[0]).toMatchObject({ name: 'beacond', verdict: 'responsible', rank: 1 });
    expect(report.answer.headline).toContain('beacond (PID 300) is responsible');
    expect(report.answer.isTie).toBe(false);
  });

  test('no decoy is above possible', () => {
    const others = report.processes.slice(1);
    expect(others.length).toBeGreaterThan(4);
    expect(
      others.filter(({ verdict }) => verdict === 'responsible' || verdict === 'likely'),
    ).toEqual([]);
  });

  test.each([
    ['clamd', 'carrier-only'],
    ['bash', 'carrier-only'],
    ['logreadd', 'possible'],
    ['shmwriter', 'possible'],
    ['watcher', 'possible'],
  ])('%s is %s', (name, verdict) => expect(of(name)?.verdict).toBe(verdict));

  test('who holds it and asks the proxy for others is told why that counts less', () => {
    expect(of('watcher')?.counterReasons.join()).toContain('updates.example');
  });

  test.each(['nearmissd', 'curl', 'idle'])('%s is not listed: it holds nothing of it', (name) => {
    expect(of(name)).toBeUndefined();
    expect(report.otherProcesses.map((one) => one.name)).toContain(name);
  });

  test('what the ended process left behind belongs to nobody', () => {
    expect(of('ghost')).toBeUndefined();
    expect(report.orphans.map(({ pageState }) => pageState)).toContain('free');
  });

  test('the host beside the request is offered as a pivot', () => {
    expect(report.pivots).toEqual([
      { kind: 'domain', text: 'c2.example', hits: 1, pids: [300], source: 'Host header' },
    ]);
  });
});

test('--pivot looks for the pivots too, and marks them', async () => {
  const report = await run({ pivot: true });
  expect(report.indicators.map(({ text, origin, hits }) => [text, origin, hits > 0])).toEqual([
    [IP, 'given', true],
    ['c2.example', 'pivot', true],
  ]);
  expect(report.processes[0]?.hits.byIndicator['c2.example']).toBe(1);
  expect(report.answer.headline).toContain('1 pivot from it');
});

test('an alert of another machine and an earlier time is told', async () => {
  const report = await run({ alert: { host: 'laptop', at: new Date('2026-01-05T08:00:00Z') } });
  expect(report.warnings.join()).toContain('"laptop"');
  expect(report.processes[0]?.counterReasons[0]).toContain('after the alert');
  expect(report.answer.doubt).toContain('after the alert');
});

test('where nothing is found the hosts that processes asked for are told', async () => {
  const report = await run({ indicators: [parseIndicator('203.0.113.77')] });
  expect(report.answer.verdict).toBe('not-found');
  expect(report.answer.hostsToTry).toEqual([IP, 'news.example', 'updates.example']);
});

test('redacted contexts hold no secret and keep the indicator', async () => {
  const report = await run({ contexts: 'redacted' });
  expect(report.privacy).toBe('redacted');
  for (const { cards } of report.processes) {
    for (const { text, at, length } of cards) expect(text.slice(at, at + length)).toBe(IP);
  }
});
