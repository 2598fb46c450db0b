import { createHash } from 'node:crypto';
import { afterEach } from '@jest/globals';
import { openSession, type Session } from '../../../src/thehive/session.ts';
import type { Connection } from '../../../src/thehive/thehive.ts';
import { TheHiveStandIn, type StandInOptions } from './server.ts';
import type { StoredAccount } from './store.ts';

export const VERSIONS = [4, 5] as const;

const running: TheHiveStandIn[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((hive) => hive.stop()));
});

/** A stand-in with one case and one writer, stopped after the test. */
export async function startHive(version: 4 | 5, options: Omit<StandInOptions, 'version'> = {}) {
  const hive = await new TheHiveStandIn({ version, ...options }).start();
  running.push(hive);
  return { hive, store: hive.store, aCase: hive.store.addCase(), writer: hive.store.addAccount() };
}

/** Repeats soon; waits for a busy machine. */
export const connectionTo = (
  hive: TheHiveStandIn,
  account: StoredAccount,
  changes: Partial<Connection> = {},
): Connection => ({
  url: hive.url,
  apiKey: account.key,
  organisation: account.organisations[0] ?? null,
  timeoutMs: 10_000,
  retries: 3,
  retryDelayMs: 2,
  ...changes,
});

export const sessionOf = (
  hive: TheHiveStandIn,
  account: StoredAccount,
  changes: Partial<Connection> = {},
): Promise<Session> => openSession(connectionTo(hive, account, changes));

/** Bytes that are not all alike, in parts, without holding them. */
export function* someBytes(size: number, from = 0, part = 65_536): Generator<Uint8Array> {
  for (let at = from; at < size; at += part) {
    const bytes = new Uint8Array(Math.min(part, size - at));
    for (let index = 0; index < bytes.length; index += 1) {
      const place = at + index;
      bytes[index] = (place ^ (place >>> 8) ^ (place >>> 16)) & 0xff;
    }
    yield bytes;
  }
}

/** The failure of a promise that must fail. */
export async function failureOf(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Error) return error;
    throw error;
  }
  throw new Error('it did not fail');
}

export function sha256Of(bytes: Iterable<Uint8Array>): string {
  const hash = createHash('sha256');
  for (const part of bytes) hash.update(part);
  return hash.digest('hex');
}
