import { expect, test } from '@jest/globals';
import { talkersOf } from './talkers.ts';
import { type LabTruth } from './truth.ts';

const truth = (talks: boolean | null): LabTruth => ({
  indicator: { ipv4: '203.0.113.7', ipv6: [], proxy: '10.0.0.9', proxyPort: 8080 },
  helperPid: 9,
  processes: [1, 2].map((pid) => ({
    pid,
    parentPid: 0,
    comm: 'x',
    exe: null,
    commandLine: '',
    isKernelThread: false,
    regions: 0,
    threads: 1,
    talks: pid === 1 ? talks : talks === null ? null : false,
  })),
  hits: [1, 2].map((pid) => ({
    pid,
    va: 0n,
    comm: 'x',
    form: 'ascii',
    physical: 0,
    isBounded: true,
    straddles: false,
    region: '',
    perms: '',
  })),
  ghostPid: null,
  ghostHits: [],
  pageCacheHits: [],
  tcpSockets: new Map([
    [2, ['10.0.0.1:1 -> 10.0.0.9:8080']],
    [3, ['10.0.0.1:2 -> 10.0.0.9:8080']],
  ]),
});

test('what the lab wrote down counts', () => expect(talkersOf(truth(true))).toEqual([1]));

test('else whoever holds it and is connected to the proxy', () => {
  expect(talkersOf(truth(null))).toEqual([2]);
});
