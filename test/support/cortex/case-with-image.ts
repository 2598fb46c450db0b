import * as z from 'zod';
import { buildImage } from '../build-image.ts';
import { startHive } from '../thehive/hive.ts';
import type { TheHiveStandIn } from '../thehive/server.ts';
import type { StandInOptions } from '../thehive/server.ts';
import type { RunResult } from './cortex.ts';
import { configOf } from './inputs.ts';

export const IP = '203.0.113.7';

/** A machine on which `evil` holds the address. */
export const image = buildImage()
  .process('evil', { pid: 42, exe: '/tmp/evil' })
  .maps(0x7ff0_0000n, `ascii GET http://${IP}/x HTTP/1.1`)
  .toBytes();

/** A case with the address and the image, and a key that may write, or what is said. */
export async function caseWithImage(
  version: 4 | 5,
  permissions?: readonly string[],
  options: Omit<StandInOptions, 'version'> = {},
) {
  const started = await startHive(version, options);
  const { hive, store, aCase } = started;
  const account = permissions ? store.addAccount({ permissions }) : started.writer;
  const ip = store.addObservable(aCase._id, { data: IP });
  const file = store.addFile(aCase._id, store.file('WS-12.raw', image), {
    tags: ['memory-image', 'host:WS-12'],
  });
  const config = configOf(hive.url, account.key);
  return { ...started, ip, file, config, case: aCase };
}

/** What an analyst reads first, of a success or a failure. */
export function messageOf({ report }: RunResult): string {
  if (report.status === 'Failure') return report.errorMessage;
  if (report.status === 'InProgress') return 'in progress, for ever';
  return z.looseObject({ message: z.string() }).parse(report.full).message;
}

export const downloadsOf = (hive: TheHiveStandIn): number =>
  hive.requests.filter(({ path }) => /download$|datastore/.test(path)).length;
