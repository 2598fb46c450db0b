import { expect, test } from '@jest/globals';
import { secretsIn, secretsOf } from '../../responder/secrets.ts';
import { settingsOf } from '../../responder/settings.ts';
import { machinesIn } from '../../responder/velociraptor.ts';
import { parseIndicator } from '../../src/indicator/parse-indicator.ts';
import { fakeConnection, WIN } from '../velociraptor/fake-connection.ts';

const KEY = 'MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg';
const FILE = `ca_certificate: |
  -----BEGIN CERTIFICATE-----
  ${'A'.repeat(1000)}
  -----END CERTIFICATE-----
client_private_key: |
  -----BEGIN EC PRIVATE KEY-----
  ${KEY}
  ${KEY.toLowerCase()}
  -----END EC PRIVATE KEY-----
`;

test.each(['text', 'base64'])(
  'the private key of an API file as %s is a secret, line by line',
  (form) => {
    const text = form === 'text' ? FILE : Buffer.from(FILE).toString('base64');
    expect(secretsIn(text)).toEqual(expect.arrayContaining([text, KEY, KEY.toLowerCase()]));
    expect(secretsOf({ velociraptor_api: text })).toContain(KEY);
    expect(secretsIn(text)).not.toContain('A'.repeat(1000));
  },
);

const settings = (changes: object) =>
  settingsOf({ thehive_url: 'https://x', thehive_apikey: 'k', live: true, ...changes });
const server = () =>
  fakeConnection([
    [
      'clients(',
      [{ client_id: WIN.id, os_info: { hostname: 'WS12', system: 'windows' }, last_seen_at: 0 }],
    ],
    ['artifact_definitions', [{ name: 'x' }]],
    ['flows(client_id=ClientId, flow_id', [{ session_id: 'F.1', state: 'RUNNING' }]],
    [
      'flows(',
      [
        {
          session_id: 'F.1',
          state: 'RUNNING',
          create_time: Date.now() * 1000,
          request: {
            artifacts: ['Custom.Windows.Memory.IPScan'],
            specs: [
              {
                artifact: 'Custom.Windows.Memory.IPScan',
                parameters: { env: [{ key: 'IPAddress', value: '203.0.113.7' }] },
              },
            ],
          },
        },
      ],
    ],
  ]);
const question = {
  machine: 'WS12',
  indicators: [parseIndicator('203.0.113.7')],
  proxy: null,
  caseId: '~1',
};
const { signal } = new AbortController();

test('nobody is asked where the settings do not say so', () => {
  expect(machinesIn(server(), settings({ live: false }), signal)).toBeNull();
  expect(machinesIn(null, settings({}), signal)).toBeNull();
  expect(machinesIn(server(), settings({}), signal)?.collect).toBeNull();
});

test('nobody is waited for beyond what the job has left', async () => {
  let now = 0;
  const machines = machinesIn(server(), settings({ jobTimeout: 30 }), signal, () => now);
  now = 25 * 60_000;
  const begun = Date.now();
  expect(await machines?.ask(question)).toMatchObject({ state: 'waiting' });
  expect(Date.now() - begun).toBeLessThan(30_000);
});
