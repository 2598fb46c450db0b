import * as z from 'zod';
import type { Account, Connection } from './thehive.ts';
import { TheHiveError } from './thehive-error.ts';
import { openTransport, type Transport } from './transport.ts';

/** A TheHive that answered, the version it is, and who we are there. What every call to it needs. */
export interface Session {
  readonly version: 4 | 5;
  /** As the server says it: "4.1.24-1". */
  readonly release: string;
  readonly account: Account;
  readonly transport: Transport;
}

/** TheHive 4 has `versions`, TheHive 5 `version`. */
const statusAnswer = z.object({
  version: z.string().optional(),
  versions: z.object({ TheHive: z.string() }).optional(),
});

const accountAnswer = z.object({
  login: z.string(),
  organisation: z.string(),
  permissions: z.array(z.string()).default([]),
});

/**
 * Finds out what is there and who we are: two reads, so that a wrong URL, key or organisation is said at once.
 *
 * @throws TheHiveError, or Ip2ProcessError kind 'request' when the connection cannot be one
 */
export async function openSession(connection: Connection): Promise<Session> {
  const transport = openTransport(connection);
  const status = await transport.json(
    { method: 'GET', path: ['api', 'v1', 'status'], task: 'read the version' },
    statusAnswer,
  );
  const release = status.versions?.TheHive ?? status.version ?? '';
  const version = connection.version ?? (status.versions ? 4 : 5);
  const major = Number.parseInt(release, 10);
  if (!connection.version && major !== version) {
    throw new TheHiveError(
      'not-thehive',
      `Cannot use TheHive at ${new URL(connection.url.trim()).host}: its version is "${release.slice(0, 40)}", known are 4 and 5`,
    );
  }
  const account = await transport.json(
    { method: 'GET', path: ['api', 'v1', 'user', 'current'], task: 'read the own account' },
    accountAnswer,
  );
  return { version, release, account, transport };
}

/** Permissions by TheHive 4's name; TheHive 5 divides some: "manageCase/update". */
export type Permission = 'manageObservable' | 'manageTask' | 'manageCase' | 'managePage';

export function may({ account, version }: Session, permission: Permission): boolean {
  const exact = version === 5 && permission === 'manageCase' ? 'manageCase/update' : permission;
  return account.permissions.some((held) => held === permission || held === exact);
}
