import { expect, test } from '@jest/globals';
import { observableId, ownId, uuid5 } from '../../../src/report/stix/ids.ts';

test('a UUIDv5 is the one of RFC 9562', () => {
  // Appendix A.4 of the RFC: the name www.example.com in the DNS namespace.
  expect(uuid5('6ba7b810-9dad-11d1-80b4-00c04fd430c8', 'www.example.com')).toBe(
    '2ed6657d-e927-568b-95e1-2665a8aea6a2',
  );
});

/** As the Python library of OASIS (stix2 3.0) makes them. */
test.each([
  ['ipv4-addr', { value: '198.51.100.3' }, 'ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4'],
  ['directory', { path: '/usr/local/sbin' }, 'directory--0680a726-1878-523f-b248-76ca730ff093'],
  [
    'file',
    {
      name: 'beacond',
      parent_directory_ref: 'directory--0680a726-1878-523f-b248-76ca730ff093',
    },
    'file--c1e21e35-1385-5409-bd23-3b6a0442b184',
  ],
  [
    'network-traffic',
    {
      src_ref: 'ipv4-addr--5d106e50-5c09-5459-adb4-17bb73c35cd5',
      dst_ref: 'ipv4-addr--8aac015f-283d-5e67-bcae-2b2fabcc4921',
      src_port: 37_476,
      dst_port: 8080,
      protocols: ['ipv4', 'tcp'],
    },
    'network-traffic--39d47de3-1bd5-57c7-8aba-da5d5e14cb57',
  ],
])('%s has the identifier that every producer gives it', (type, properties, id) => {
  expect(observableId(type, properties)).toBe(id);
});

test('the order of properties and missing ones do not matter', () => {
  const id = observableId('file', { name: 'a', parent_directory_ref: 'b' });
  expect(observableId('file', { parent_directory_ref: 'b', hashes: undefined, name: 'a' })).toBe(
    id,
  );
});

test('our own identifiers are of version 4, and differ by type and key', () => {
  expect(ownId('process', 'a')).toMatch(/^process--.{8}-.{4}-4.{3}-[89ab].{3}-.{12}$/);
  const ids = [ownId('process', 'a'), ownId('process', 'b'), ownId('note', 'a')];
  expect(new Set(ids.map((id) => id.split('--')[1])).size).toBe(3);
});
