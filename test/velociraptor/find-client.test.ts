import { describe, expect, test } from '@jest/globals';
import { findClient } from '../../src/velociraptor/find-client.ts';
import { fakeConnection } from './fake-connection.ts';

const row = (
  client_id: string,
  hostname: string,
  last_seen_at = 1e15,
  last_ip = '192.0.2.9:5000',
): object => ({
  client_id,
  os_info: { hostname, fqdn: `${hostname}.corp.example`, system: 'windows' },
  last_seen_at,
  last_ip,
});

describe('the client of a machine', () => {
  test('is found by its whole name, whatever else the search gives', async () => {
    const connection = fakeConnection([
      ['search=Search', [row('C.1', 'WS123'), row('C.2', 'ws12')]],
    ]);
    expect(await findClient(connection, 'WS12')).toMatchObject({
      id: 'C.2',
      hostname: 'ws12',
      system: 'windows',
      foundBy: 'host name',
    });
    expect(await findClient(connection, 'ws12.corp.EXAMPLE')).toMatchObject({ id: 'C.2' });
    expect(connection.questions.map(({ env }) => env['Search'])).toEqual([
      'host:WS12',
      'host:ws12.corp.EXAMPLE',
    ]);
  });

  test('is found by its id', async () => {
    const connection = fakeConnection([['client_id=ClientId', [row('C.1', 'a')]]]);
    expect(await findClient(connection, 'C.1')).toMatchObject({ id: 'C.1', foundBy: 'client id' });
    await expect(findClient(connection, 'C.2')).rejects.toMatchObject({ reason: 'missing' });
  });

  test('that was enrolled again is the newest of that name', async () => {
    const connection = fakeConnection([
      ['search=Search', [row('C.1', 'ws12', 1e15), row('C.2', 'ws12', 2e15)]],
    ]);
    expect(await findClient(connection, 'ws12')).toMatchObject({ id: 'C.2' });
  });

  test('is found by a whole address, whose dots stand for dots', async () => {
    const connection = fakeConnection([
      [
        'search=Search',
        [
          row('C.1', 'a', 1e15, '10.2.3.45:1'),
          row('C.2', 'b', 1e15, '10.2.3.4:50123'),
          row('C.3', 'c', 1e15, '10.213.4'),
        ],
      ],
    ]);
    expect(await findClient(connection, '10.2.3.4')).toMatchObject({
      id: 'C.2',
      foundBy: 'address',
    });
  });

  test('behind a proxy is not guessed', async () => {
    const connection = fakeConnection([
      ['search=Search', [row('C.1', 'a', 1e15, '10.2.3.4'), row('C.2', 'b', 1e15, '10.2.3.4:2')]],
    ]);
    await expect(findClient(connection, '10.2.3.4')).rejects.toThrow(
      /which client "10.2.3.4" is: 2 have that address \(C.1 a.corp.example, C.2/,
    );
  });

  test('that nobody knows is told with a way out', async () => {
    const connection = fakeConnection([['search=Search', []]]);
    await expect(findClient(connection, '192.0.2.1')).rejects.toThrow(/behind a proxy.*host name/);
  });

  test('is not searched by what could be a pattern or a verb', async () => {
    const connection = fakeConnection([]);
    for (const wanted of ['ws*', 'ws12 OR 1=1', "ws'", '', 'a\nb']) {
      await expect(findClient(connection, wanted)).rejects.toMatchObject({ reason: 'missing' });
    }
    expect(connection.questions).toEqual([]);
  });

  test('is not taken from rows of another shape, and a refusal in the log is told as one', async () => {
    await expect(findClient(fakeConnection([['search', [{ a: 1 }]]]), 'ws12')).rejects.toThrow(
      /another shape/,
    );
    const denied = fakeConnection([['search', [], ['clients: PermissionDenied READ_RESULTS']]]);
    await expect(findClient(denied, 'ws12')).rejects.toMatchObject({ reason: 'denied' });
  });
});
