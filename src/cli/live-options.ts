import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Environment } from './arguments.ts';
import type { CliRequest } from './request.ts';
import { textOfFile } from './text-file.ts';
import { Ip2ProcessError } from '../errors.ts';
import type { ImageCandidate } from '../evidence/evidence.ts';
import { fetchImage } from '../evidence/fetch-image.ts';
import { uploadNamed } from '../evidence/find-images.ts';
import { ip2process } from '../run/ip2process.ts';
import { liveRun } from '../run/live-run.ts';
import type { RunOptions } from '../run/request.ts';
import type { Report } from '../report/report.ts';
import { forTerminal } from '../report/text-safety.ts';
import { readApiSettings } from '../velociraptor/api-settings.ts';
import { collectImage } from '../velociraptor/collect-image.ts';
import { type Connection, connectVelociraptor } from '../velociraptor/connection.ts';
import { liveScan } from '../velociraptor/live-scan.ts';
import { uploadSource } from '../velociraptor/uploads.ts';
import { VERSION } from '../version.ts';

/** Names the API file where no option does. */
const FILE_VARIABLE = 'IP2PROCESS_VELOCIRAPTOR';
/** Of the API file's key, where it is encrypted. */
const PASSWORD_VARIABLE = 'IP2PROCESS_VELOCIRAPTOR_PASSWORD';

export interface LiveRunOptions extends RunOptions {
  /** A sentence on how far the machine is. */
  readonly onState?: (sentence: string) => void;
}

/** A command with `--live`, or on an image that was uploaded to Velociraptor. */
export async function runLive(
  { request, live }: Pick<CliRequest, 'live' | 'request'>,
  environment: Environment,
  options: LiveRunOptions,
): Promise<Report> {
  const { signal, onState } = options;
  const connection = connectBy(live, environment, signal);
  const waiting = {
    waitMs: live.waitMs,
    ...(live.everyMs === null ? {} : { everyMs: live.everyMs }),
    ...(signal ? { signal } : {}),
    ...(onState ? { onState } : {}),
  };
  try {
    const { machine } = live;
    const collecting = live.collects && machine !== null ? collected(machine) : null;
    // Awaited before the machine is asked; its failure is the image's, and does not keep the machine from an answer.
    await collecting?.catch(stopped);
    const { image } = request;
    const look = collecting
      ? async () => imageReport(await collecting)
      : image === null
        ? null
        : () => imageReport(image);
    if (machine === null) return await (look ?? noQuestion)();
    const { indicators, proxy = null, contexts = 'full', alert = null } = request;
    return await liveRun(
      look,
      () => liveScan(connection, { machine, indicators, proxy }, waiting),
      { indicators, proxy, contexts, alert, toolVersion: VERSION },
    );
  } finally {
    connection.close();
  }

  /** Before the scan: the question itself would stand in the memory that is taken. */
  async function collected(machine: string): Promise<string> {
    const { client, flow, path } = await collectImage(connection, machine, waiting);
    return `velociraptor:${client}/${flow}/${path}`;
  }

  async function imageReport(image: string): Promise<Report> {
    const asked = { ...request, image, toolVersion: VERSION };
    const source = uploadNamed(image);
    if (!source) return ip2process(asked, options);
    const candidate: ImageCandidate = {
      name: forTerminal(source.path, 120),
      host: null,
      bytes: null,
      sha256: null,
      observable: null,
      source,
    };
    const fetched = await fetchImage(
      candidate,
      { uploads: uploadSource(connection) },
      {
        ...(request.scratch === undefined ? {} : { scratch: request.scratch }),
        ...(signal ? { signal } : {}),
      },
    );
    fetched.source.complete.catch(() => undefined);
    try {
      const report = await ip2process({ ...asked, source: fetched.source }, options);
      // Scanned while it came; told only now that size and hash are as they should be.
      await fetched.source.complete;
      return report;
    } finally {
      await fetched.release();
    }
  }
}

/** Thrown on where nobody waits any more, and where it is a bug. */
function stopped(error: unknown): void {
  if (!(error instanceof Ip2ProcessError) || error.kind === 'cancelled') throw error;
}

const noQuestion = (): Promise<Report> => {
  throw new Ip2ProcessError('request', 'Cannot start: neither an image nor a machine was given');
};

/**
 * By an API file: one that is named, else the variable's, else at its place. The key is never an argument.
 *
 * @throws Ip2ProcessError kind 'system'
 */
export function connectBy(
  { apiFile, organisation }: Pick<CliRequest['live'], 'apiFile' | 'organisation'>,
  environment: Environment,
  signal?: AbortSignal,
): Connection {
  const named = apiFile ?? environment[FILE_VARIABLE];
  const path = named ?? join(homedir(), '.config', 'ip2process', 'api_client.yaml');
  const passphrase = environment[PASSWORD_VARIABLE];
  const settings = readApiSettings(
    textOfFile(path, refusalBy),
    passphrase === undefined ? {} : { passphrase },
  );
  return connectVelociraptor(settings, {
    ...(organisation === null ? {} : { organisation }),
    ...(signal ? { signal } : {}),
  });

  function refusalBy(code: string): string {
    const hint =
      named === undefined
        ? `; use --velociraptor FILE, or the variable ${FILE_VARIABLE}, with what \`velociraptor config api_client\` writes`
        : '';
    return `Cannot read the Velociraptor API file: ${code}, file "${forTerminal(path)}"${hint}`;
  }
}
