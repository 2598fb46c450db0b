import { readFileSync } from 'node:fs';
import { machinesBy } from '../src/case/live.ts';
import type { Machines } from '../src/case/machines.ts';
import { Ip2ProcessError } from '../src/errors.ts';
import { readApiSettings } from '../src/velociraptor/api-settings.ts';
import { type Connection, connectVelociraptor } from '../src/velociraptor/connection.ts';
import { secretsIn } from './secrets.ts';
import type { Settings } from './settings.ts';

const MINUTE_MS = 60_000;
/** Part of the job's time limit after which no machine is waited for: an image's answer must still be posted. */
const OF_THE_JOB = 0.8;

/**
 * The server of the settings; null where there is none. Nothing is sent before the first question.
 *
 * @param hide gets what of the API file must never be shown
 */
export function velociraptorOf(
  settings: Settings,
  hide: (secrets: Iterable<string>) => void,
  signal: AbortSignal,
): Connection | null {
  const { velociraptor_api: api, velociraptor_api_password: passphrase } = settings;
  if (api === null) {
    if (!settings.live && !settings.velociraptor_acquire) return null;
    throw new Ip2ProcessError(
      'request',
      'Cannot use the configuration of the responder: "live" and "velociraptor_acquire" need "velociraptor_api", the API file of a Velociraptor server',
    );
  }
  const text = textOf(api);
  hide(secretsIn(text));
  const organisation = settings.velociraptor_org;
  return connectVelociraptor(readApiSettings(text, passphrase === null ? {} : { passphrase }), {
    signal,
    ...(organisation === null ? {} : { organisation }),
  });
}

/** Running machines by that server; null where the settings do not allow to ask them. */
export function machinesIn(
  connection: Connection | null,
  { live, velociraptor_acquire, live_minutes, jobTimeout }: Settings,
  signal: AbortSignal,
  now: () => number = Date.now,
): Machines | null {
  if (!connection || !live) return null;
  const end = jobTimeout === undefined ? Infinity : now() + jobTimeout * MINUTE_MS * OF_THE_JOB;
  return machinesBy(connection, {
    waitMs: () => Math.max(0, Math.min(live_minutes * MINUTE_MS, end - now())),
    collects: velociraptor_acquire,
    signal,
  });
}

/** The file itself, the same in base64 (a field of one line takes no other), or its path. */
function textOf(api: string): string {
  if (/ca_certificate\s*:/.test(api)) return api;
  if (api.length > 1000 && /^[A-Za-z0-9+/=\s]+$/.test(api)) {
    return Buffer.from(api, 'base64').toString('utf8');
  }
  try {
    return readFileSync(api, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    // Not the value: what was pasted wrongly may hold the key.
    throw new Ip2ProcessError(
      'request',
      `Cannot read the API file of "velociraptor_api": ${code}; it should be the text of the file, the same in base64, or a path that the responder can read`,
    );
  }
}
