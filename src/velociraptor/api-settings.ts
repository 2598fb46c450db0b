import { createPrivateKey, X509Certificate } from 'node:crypto';
import { parse } from 'yaml';
import * as z from 'zod';
import { VelociraptorError } from './velociraptor-error.ts';

/** What an API file of Velociraptor (`velociraptor config api_client`) says, checked. */
export interface ApiSettings {
  /** "host:8001" or "unix://path". */
  readonly address: string;
  /** PEM texts. The key is not encrypted any more. */
  readonly authority: string;
  readonly certificate: string;
  readonly key: string;
  /** The name in the server's certificate, which is never its host's. */
  readonly serverName: string;
  /** Name of the API's user: the common name of the certificate. */
  readonly user: string;
  /** When the certificate ends. */
  readonly expires: Date;
}

/** Far more than certificates and a key need. */
const LONGEST_FILE = 256 * 1024;

const ApiFile = z.object({
  ca_certificate: z.string(),
  client_cert: z.string(),
  client_private_key: z.string(),
  api_connection_string: z.string().min(1),
  name: z.string().optional(),
  pinned_server_name: z.string().min(1).optional(),
});

/**
 * Reads the text of an API file.
 *
 * @param passphrase of the key, where the file was made with `--password`
 * @throws VelociraptorError 'settings', or 'certificate' where the certificate has expired or is not yet valid
 */
export function readApiSettings(
  text: string,
  { passphrase, now = new Date() }: { readonly passphrase?: string; readonly now?: Date } = {},
): ApiSettings {
  const file = parsed(text);
  const certificate = pem('client_cert', () => new X509Certificate(file.client_cert));
  pem('ca_certificate', () => new X509Certificate(file.ca_certificate));
  const key = pem('client_private_key', () =>
    createPrivateKey({
      key: file.client_private_key,
      ...(passphrase === undefined ? {} : { passphrase }),
    }).export({ type: 'pkcs8', format: 'pem' }),
  );
  if (!certificate.checkPrivateKey(createPrivateKey(key))) {
    throw unusable('its key does not belong to its certificate');
  }

  const user = /^CN=(.+)$/m.exec(certificate.subject)?.[1] ?? file.name ?? '';
  const expires = new Date(certificate.validTo);
  if (expires < now || new Date(certificate.validFrom) > now) {
    throw new VelociraptorError(
      'certificate',
      `Cannot use the Velociraptor API file: its certificate for "${user}" is valid from ${certificate.validFrom} to ${certificate.validTo}, and it is ${now.toISOString()}; make a new one by \`velociraptor config api_client\`, or set the clock`,
    );
  }
  return {
    address: file.api_connection_string,
    authority: file.ca_certificate,
    certificate: file.client_cert,
    key: String(key),
    serverName: file.pinned_server_name ?? 'VelociraptorServer',
    user,
    expires,
  };
}

function parsed(text: string): z.infer<typeof ApiFile> {
  if (text.length > LONGEST_FILE) throw unusable(`it has more than ${LONGEST_FILE} characters`);
  let yaml: unknown;
  try {
    yaml = parse(text, { maxAliasCount: 0 });
  } catch {
    // The parser's message would show lines of the file.
    throw unusable('it is not YAML');
  }
  const result = ApiFile.safeParse(yaml);
  if (result.success) return result.data;
  const fields = result.error.issues.map(({ path }) => path.join('.')).join(', ');
  throw unusable(
    `it lacks ${fields === '' ? 'everything' : fields}; it should be what \`velociraptor config api_client\` writes`,
  );
}

function pem<T>(field: string, read: () => T): T {
  try {
    return read();
  } catch {
    throw unusable(
      `${field} is not readable${field === 'client_private_key' ? ' (is it encrypted? then give its password)' : ''}`,
    );
  }
}

const unusable = (why: string): VelociraptorError =>
  new VelociraptorError('settings', `Cannot use the Velociraptor API file: ${why}`);
