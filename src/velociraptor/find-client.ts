import * as z from 'zod';
import { ask } from './ask.ts';
import type { Connection } from './connection.ts';
import { VelociraptorError } from './velociraptor-error.ts';

/** A machine as Velociraptor knows it. */
export interface FleetClient {
  /** "C." and hexadecimal digits. */
  readonly id: string;
  readonly hostname: string;
  readonly fqdn: string;
  readonly system: 'windows' | 'linux' | 'other';
  readonly lastSeen: Date;
  /** By what it was found, for the report: an address says less than a name. */
  readonly foundBy: 'client id' | 'host name' | 'address';
}

const Row = z.object({
  client_id: z.string().regex(/^C\.[0-9A-Za-z-]{1,64}$/),
  os_info: z.object({
    hostname: z.string().default(''),
    fqdn: z.string().default(''),
    system: z.string().default(''),
  }),
  /** Microseconds. */
  last_seen_at: z.coerce.number().default(0),
  last_ip: z.string().default(''),
});
type Row = z.infer<typeof Row>;

/** The search of the server goes by prefixes: what it gives is compared here once more, exactly. */
const SEARCH = `SELECT client_id, os_info, last_seen_at, last_ip
FROM clients(search=Search)
LIMIT 200`;
const BY_ID = `SELECT client_id, os_info, last_seen_at, last_ip
FROM clients(client_id=ClientId)`;

/**
 * The client for the name of a machine: its client id, else its host name or full name, else the address at which the server saw
 * it. Names are compared as a whole, addresses too, never by pattern: behind a proxy many clients have the proxy's address.
 *
 * @throws VelociraptorError 'missing' where there is none, or several that could be meant
 */
export async function findClient(connection: Connection, wanted: string): Promise<FleetClient> {
  const name = wanted.trim();
  if (/^C\.[0-9A-Za-z-]{1,64}$/.test(name)) {
    const rows = await ask(connection, 'find the client', Row, BY_ID, { ClientId: name });
    return only(
      rows.filter(({ client_id }) => client_id === name),
      name,
      'client id',
    );
  }
  // Nothing that the search would take for a verb or a wildcard.
  if (!/^[\w.:-]{1,253}$/.test(name)) {
    throw new VelociraptorError(
      'missing',
      `Cannot find a client: ${JSON.stringify(name.slice(0, 80))} is no client id, host name or address`,
    );
  }
  const isAddress = /^[\d.]+$|:/.test(name);
  if (!isAddress) {
    const rows = await search(connection, `host:${name}`);
    const small = name.toLowerCase();
    return only(
      rows.filter(({ os_info }) =>
        [os_info.hostname, os_info.fqdn].some((one) => one.toLowerCase() === small),
      ),
      name,
      'host name',
    );
  }
  const rows = await search(connection, `ip:${name}`);
  return only(
    rows.filter(({ last_ip }) => withoutPort(last_ip) === name.toLowerCase()),
    name,
    'address',
  );
}

const search = (connection: Connection, text: string): Promise<readonly Row[]> =>
  ask(connection, 'find the client', Row, SEARCH, { Search: text });

/** "10.1.2.3:51000", "[2001:db8::1]:51000", or without a port. */
function withoutPort(text: string): string {
  const [, bracketed] = /^\[([^\]]+)\](?::\d+)?$/.exec(text) ?? [];
  return (bracketed ?? text.replace(/^([\d.]+):\d+$/, '$1')).toLowerCase();
}

/** The newest of clients with one and the same name: a machine that was enrolled again. Else there must be one. */
function only(rows: readonly Row[], wanted: string, foundBy: FleetClient['foundBy']): FleetClient {
  const sorted = rows.toSorted((one, other) => other.last_seen_at - one.last_seen_at);
  const [newest] = sorted;
  const names = new Set(sorted.map(({ os_info }) => os_info.hostname.toLowerCase()));
  const fullNames = new Set(sorted.map(({ os_info }) => os_info.fqdn.toLowerCase()));
  if (!newest) {
    throw new VelociraptorError(
      'missing',
      `Cannot find a client for "${wanted}": Velociraptor has none whose ${foundBy} is exactly that${foundBy === 'address' ? '; it knows the address that the server sees, which behind a proxy is the proxy’s. Give the host name' : ''}`,
    );
  }
  if (names.size > 1 || fullNames.size > 1 || (foundBy === 'address' && sorted.length > 1)) {
    const list = sorted
      .slice(0, 10)
      .map(({ client_id, os_info }) => `${client_id} ${os_info.fqdn || os_info.hostname}`)
      .join(', ');
    throw new VelociraptorError(
      'missing',
      `Cannot tell which client "${wanted}" is: ${sorted.length} have that ${foundBy} (${list}); give the client id`,
    );
  }
  const { hostname, fqdn, system } = newest.os_info;
  return {
    id: newest.client_id,
    hostname,
    fqdn,
    system: system === 'windows' || system === 'linux' ? system : 'other',
    lastSeen: new Date(newest.last_seen_at / 1000),
    foundBy,
  };
}
