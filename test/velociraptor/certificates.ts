import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';

export interface Certificate {
  readonly certificate: string;
  readonly key: string;
}

/** An authority with a server of the one name that Velociraptor's servers have, and a user of the API. */
export interface Certificates {
  readonly authority: string;
  readonly server: Certificate;
  readonly user: Certificate;
  readonly expired: Certificate;
}

/** Made by openssl in a folder of its own, elliptic curves for speed. */
export function makeCertificates(): Certificates {
  const folder = mkdtempSync(join(tmpdir(), 'ip2process-certs-'));
  const at = (name: string): string => join(folder, name);
  const key = (name: string): void =>
    run('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', at(`${name}.key`));
  const read = (file: string): string => readFileSync(at(file), 'utf8');
  const signed = (
    name: string,
    subject: string,
    extension: string,
    ...dates: string[]
  ): Certificate => {
    key(name);
    writeFileSync(at('ext'), extension);
    run('req', '-new', '-key', at(`${name}.key`), '-subj', subject, '-out', at('csr'));
    run(
      'x509',
      '-req',
      '-in',
      at('csr'),
      '-CA',
      at('ca.pem'),
      '-CAkey',
      at('ca.key'),
      '-CAcreateserial',
      '-extfile',
      at('ext'),
      '-out',
      at(`${name}.pem`),
      ...dates,
    );
    return { certificate: read(`${name}.pem`), key: read(`${name}.key`) };
  };

  try {
    key('ca');
    run(
      'req',
      '-x509',
      '-new',
      '-key',
      at('ca.key'),
      '-subj',
      '/O=Test CA',
      '-days',
      '2',
      '-out',
      at('ca.pem'),
    );
    return {
      authority: read('ca.pem'),
      server: signed(
        'server',
        '/O=Test/CN=VelociraptorServer',
        'subjectAltName=DNS:VelociraptorServer',
        '-days',
        '2',
      ),
      user: signed('user', '/O=Test/CN=cortex', 'extendedKeyUsage=clientAuth', '-days', '2'),
      // It ended before it began: openssl has no other short way to the past.
      expired: signed('expired', '/O=Test/CN=cortex', 'extendedKeyUsage=clientAuth', '-days', '-1'),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const run = (...args: string[]): void => {
  execFileSync('openssl', args, { stdio: 'pipe' });
};

/** The text of an API file as `velociraptor config api_client` writes it. */
export const apiFile = (
  { authority }: Certificates,
  { certificate, key }: Certificate,
  address: string,
  more: Readonly<Record<string, string>> = {},
): string =>
  stringify({
    ca_certificate: authority,
    client_cert: certificate,
    client_private_key: key,
    api_connection_string: address,
    name: 'cortex',
    ...more,
  });
