import { expect, test } from '@jest/globals';
import { observableId, ownId, uuid5 } from '../../../src/report/stix/ids.ts';

test('a UUIDv5 is the one of RFC 9562', () => {
  // Appendix A.4 of the RFC: the name www.example.com in the DNS namespace.
  expect(uuid5('6ba7b810-9dad-11d1-80b4-00c04fd430c8', 'www.example.com')).toBe(
    '2ed6657d-e927-568b-95e1-2665a8aea6a2',
  );
});

test('an address has the identifier that every producer gives it', () => {
  // The example of the STIX 2.1 specification, 6.7.
  expect(observableId('ipv4-addr', { value: '198.51.100.3' })).toBe(
    'ipv4-addr--ff26c055-6336-5bc5-b98d-13d6226742dd',
  );
});

test('the order of properties and missing ones do not matter', () => {
  const id = observableId('file', { name: 'a', parent_directory_ref: 'b' });
  expect(observableId('file', { parent_directory_ref: 'b', hashes: undefined, name: 'a' })).toBe(
    id,
  );
});

test('our own identifiers differ by type and key', () => {
  const ids = [ownId('process', 'a'), ownId('process', 'b'), ownId('note', 'a')];
  expect(new Set(ids.map((id) => id.split('--')[1])).size).toBe(3);
});
