import { expect, test } from '@jest/globals';
import {
  addressObject,
  fileObjects,
  imageKey,
  indicatorObject,
  processObject,
  trafficObjects,
} from '../../../src/report/stix/observables.ts';
import { sampleProcess, sampleReport } from '../../support/sample-report.ts';

test.each([
  ['ipv4', 'ipv4-addr'],
  ['ipv6', 'ipv6-addr'],
  ['domain', 'domain-name'],
  ['url', 'url'],
])('an indicator of kind %s is a %s', (kind, type) => {
  expect(indicatorObject(kind, 'x')).toMatchObject({ type, value: 'x' });
});

test('a kind that STIX does not know is left out', () => {
  expect(indicatorObject('mutex', 'x')).toBeNull();
});

test.each([
  ['10.0.0.1', 'ipv4-addr'],
  ['::1', 'ipv6-addr'],
])('%s is an %s', (address, type) => expect(addressObject(address).type).toBe(type));

test.each([
  ['/usr/sbin/beacond', '/usr/sbin', 'beacond'],
  [String.raw`C:\Windows\x.exe`, String.raw`C:\Windows`, 'x.exe'],
])('%s is a file in a folder', (path, folder, name) => {
  const [directory, file] = fileObjects(path);
  expect([directory?.['path'], file?.['name'], file?.['parent_directory_ref']]).toEqual([
    folder,
    name,
    directory?.id,
  ]);
});

test('a name without a folder is a file alone, and the root is none', () => {
  expect(fileObjects('memfd:x').map(({ type }) => type)).toEqual(['file']);
  expect(fileObjects('/')).toEqual([]);
});

test('a connection is active while it is established; UDP does not tell', () => {
  const socket = {
    protocol: 'tcp' as const,
    local: { address: '10.0.0.1', port: 1 },
    remote: { address: '10.0.0.2', port: 2 },
    state: 'TIME_WAIT',
  };
  expect(trafficObjects(socket).at(-1)).toMatchObject({ is_active: false });
  expect(trafficObjects({ ...socket, protocol: 'udp', state: null }).at(-1)).not.toHaveProperty(
    'is_active',
  );
  expect(trafficObjects({ ...socket, remote: null })).toHaveLength(2);
});

test('a process tells only what is known of it', () => {
  const bare = sampleProcess({ commandLine: null, startTime: null });
  expect(
    Object.keys(processObject(bare, 'k', { image: null, connections: [] })).toSorted(),
  ).toEqual(['id', 'is_hidden', 'pid', 'spec_version', 'type']);
});

test('an image is known by its hash, else by its machine and moment', () => {
  const report = sampleReport();
  expect(imageKey({ ...report, image: report.image && { ...report.image, sha256: 'ab' } })).toBe(
    'ab',
  );
  expect(imageKey(report)).toContain('endpoint');
});
