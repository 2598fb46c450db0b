import { describe, expect, test } from '@jest/globals';
import { collectImage } from '../../src/velociraptor/collect-image.ts';
import { fakeConnection, WIN } from './fake-connection.ts';

const client = {
  client_id: WIN.id,
  os_info: { hostname: 'WS12', fqdn: 'ws12.corp.example', system: 'windows' },
  last_seen_at: Date.now() * 1000,
};
const server = (state: string, image: readonly object[]) =>
  fakeConnection([
    ['clients(', [client]],
    ['artifact_definitions', [{ name: 'x' }]],
    ['flows(client_id=ClientId, flow_id', [{ session_id: 'F.1', state }]],
    ['flows(', []],
    ['collect_client', [{ flow_id: 'F.1' }]],
    ['"Image"', image],
    ['flow_logs', []],
  ]);
const options = { waitMs: 0, everyMs: 1, caseId: '~41' };

describe('an image of a machine', () => {
  test('is named by client, flow and file, with the hash of the machine', async () => {
    const connection = server('FINISHED', [
      { File: 'WS12.raw', Status: 'complete', SHA256: 'AB'.repeat(32) },
    ]);
    expect(await collectImage(connection, 'WS12', options)).toEqual({
      client: WIN.id,
      hostName: 'WS12',
      flow: 'F.1',
      path: 'WS12.raw',
      sha256: 'ab'.repeat(32),
    });
    const started = connection.questions.find(({ vql }) => vql.includes('collect_client'));
    expect(started?.env).toMatchObject({
      Artifact: 'Custom.Windows.Memory.AcquireForIP2Process',
      CaseId: '~41',
      IPAddress: '',
    });
  });

  test.each<[string, readonly object[], RegExp]>([
    [
      'refused',
      [{ Status: 'refused', Reason: 'too little free disk' }],
      /it is refused \(too little free disk\)/,
    ],
    ['incomplete', [{ File: 'a', Status: 'incomplete' }], /it is incomplete/],
    ['without a row', [], /it is not there/],
    ['without a name', [{ Status: 'complete' }], /Cannot use the image of flow F\.1/],
  ])('that is %s is not used', async (_, rows, why) => {
    await expect(collectImage(server('FINISHED', rows), 'WS12', options)).rejects.toMatchObject({
      reason: 'broken-upload',
      message: expect.stringMatching(why),
    });
  });

  test('that takes longer goes on there', async () => {
    await expect(collectImage(server('RUNNING', []), 'WS12', options)).rejects.toMatchObject({
      reason: 'slow',
      message: expect.stringMatching(/No image yet: Flow F\.1 .* the same flow is taken up/),
    });
  });
});
