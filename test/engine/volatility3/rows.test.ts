import { expect, test } from '@jest/globals';
import { PluginRow } from '../../../src/engine/volatility3/rows.ts';

const row = (kind: string, record: unknown) =>
  PluginRow.safeParse({ Kind: kind, Record: JSON.stringify(record), __children: [] });

const PROCESS = {
  pid: 2000,
  parentPid: 560,
  name: 'beacon.exe',
  path: null,
  commandLine: null,
  user: 'S-1-5-18',
  startTime: '2024-03-01T08:00:06+00:00',
  exitTime: null,
  isExited: false,
  isHidden: false,
  isKernelThread: false,
  threads: 3,
  object: '0xffff9201f60130c0',
  pageTable: 20226048,
  session: null,
  isWow64: false,
};

test('a process: addresses as bigint, times as dates', () => {
  expect(row('process', PROCESS).data?.Record).toMatchObject({
    object: 0xffff_9201_f601_30c0n,
    startTime: new Date('2024-03-01T08:00:06Z'),
    exitTime: null,
  });
});

test.each([
  ['a time that is none is unknown', { startTime: 'yesterday' }, true],
  ['an address that is none', { object: '0x' }, false],
  ['a PID that is no number', { pid: '4' }, false],
  ['a table below nothing', { pageTable: -4096 }, false],
])('%s', (_name, change, isRead) => {
  expect(row('process', { ...PROCESS, ...change }).success).toBe(isRead);
});

test.each([
  ['an unknown kind', { Kind: 'file', Record: '{}' }],
  ['a record that is no JSON', { Kind: 'warning', Record: '{' }],
  ['a record that is no text', { Kind: 'warning', Record: { text: 'x' } }],
  ['runs that are no base64', { Kind: 'pages', Record: '{"table": 4096, "runs": "%%"}' }],
  [
    'a region of a strange kind',
    { Kind: 'regions', Record: '{"process":0,"regions":[["0x1","0x2","cave",null,""]]}' },
  ],
  [
    'a port beyond 65535',
    {
      Kind: 'socket',
      Record:
        '{"pid":4,"protocol":"tcp","family":4,"local":["::",70000],"remote":null,"state":null}',
    },
  ],
])('%s is refused', (_name, value) => {
  expect(PluginRow.safeParse(value).success).toBe(false);
});
