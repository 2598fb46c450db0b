import { generateKeyPairSync } from 'node:crypto';
import { beforeAll, describe, expect } from '@jest/globals';
import { readApiSettings } from '../../src/velociraptor/api-settings.ts';
import { requires } from '../support/requires.ts';
import { apiFile, type Certificates, makeCertificates } from './certificates.ts';

const withOpenssl = requires('openssl', 'apt-get install openssl');
let certificates: Certificates;
beforeAll(() => {
  if (withOpenssl.isPresent) certificates = makeCertificates();
});
const fileWith = (more: Record<string, string> = {}): string =>
  apiFile(certificates, certificates.user, 'velo.example.org:8001', more);

describe('an API file', () => {
  withOpenssl('is read as Velociraptor writes it', () => {
    const settings = readApiSettings(fileWith());
    expect(settings).toMatchObject({
      address: 'velo.example.org:8001',
      serverName: 'VelociraptorServer',
      user: 'cortex',
    });
    expect(settings.key).toContain('BEGIN PRIVATE KEY');
    expect(settings.expires.getTime()).toBeGreaterThan(Date.now());
  });

  withOpenssl('may pin another name of the server', () => {
    expect(readApiSettings(fileWith({ pinned_server_name: 'Other' })).serverName).toBe('Other');
  });

  withOpenssl('may have an encrypted key, which its password opens', () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const locked = privateKey.export({
      type: 'pkcs1',
      format: 'pem',
      cipher: 'aes-256-cbc',
      passphrase: 'secret',
    });
    const text = fileWith({ client_private_key: String(locked) });
    expect(() => readApiSettings(text)).toThrow(/client_private_key is not readable.*encrypted/);
    // Opened, and then seen to be another's.
    expect(() => readApiSettings(text, { passphrase: 'secret' })).toThrow(/does not belong/);
  });

  withOpenssl(
    'with an expired certificate is refused before anything is sent, saying what to do',
    () => {
      const text = apiFile(certificates, certificates.expired, 'velo:8001');
      expect(() => readApiSettings(text)).toThrow(
        expect.objectContaining({
          reason: 'certificate',
          message: expect.stringMatching(/"cortex".*make a new one/),
        }),
      );
      const later = new Date(Date.now() + 10 * 86_400_000);
      expect(() => readApiSettings(fileWith(), { now: later })).toThrow(/valid from/);
    },
  );

  const broken: [what: string, text: () => string, message: RegExp][] = [
    ['that is no YAML', () => 'a: [', /not YAML/],
    ['that is empty', () => '', /lacks everything/],
    [
      'without an address',
      () => fileWith().replace(/api_connection_string.*/, ''),
      /lacks api_connection_string/,
    ],
    [
      'with a cut certificate',
      () => fileWith({ client_cert: '-----BEGIN CERTIFICATE-----' }),
      /client_cert is not readable/,
    ],
    ['of unlikely size', () => 'a'.repeat(300_000), /more than/],
  ];
  for (const [what, text, message] of broken) {
    withOpenssl(`${what} is refused without showing its key`, () => {
      let thrown = '';
      try {
        readApiSettings(text());
      } catch (error) {
        thrown = String(error);
      }
      expect(thrown).toMatch(message);
      expect(thrown).not.toContain('PRIVATE KEY');
    });
  }
});
