import { caseRun, type CaseRequest } from '../src/case/case-run.ts';
import { refuseRole, roleOf } from '../src/case/indicators.ts';
import type { TimeLimit } from '../src/case/time-limit.ts';
import { volatility3Command } from '../src/engine/volatility3/installation.ts';
import { Ip2ProcessError } from '../src/errors.ts';
import { givenProxy } from '../src/run/given-proxy.ts';
import { parseIndicator } from '../src/indicator/parse-indicator.ts';
import { openSession } from '../src/thehive/session.ts';
import type { Connection as Velociraptor } from '../src/velociraptor/connection.ts';
import { VERSION } from '../src/version.ts';
import { answerOf } from './answer.ts';
import { checkClearance } from './clearance.ts';
import { connectionOf } from './connection.ts';
import { evidenceOf } from './evidence.ts';
import { authoritiesOf, caseOf, observableOf, readJob, type Job } from './job.ts';
import type { Output, OutputFile } from './output.ts';
import { secretsOf } from './secrets.ts';
import { settingsOf, type Settings } from './settings.ts';
import { machinesIn, velociraptorOf } from './velociraptor.ts';

/** Of the job's time limit, for saying that it is reached: a tenth, at most a minute. */
const MARGIN_MS = 60_000;

/** A job from its input to what Cortex is to read. Every foreseen failure is a failed report of one sentence. */
export async function runJob(
  folder: string,
  output: OutputFile,
  stopped: AbortSignal,
): Promise<Output> {
  let velociraptor: Velociraptor | null = null;
  let limit: TimeLimit | null = null;
  try {
    const job = readJob(folder);
    output.hide(secretsOf(job.config));
    const settings = settingsOf(job.config);
    limit = timeLimitOf(settings);
    const signal = limit ? AbortSignal.any([stopped, limit.signal]) : stopped;
    const asked = questionOf(job, settings);
    const connection = connectionOf(job, settings, authoritiesOf(folder), signal);
    velociraptor = velociraptorOf(settings, (secrets) => output.hide(secrets), signal);
    const session = await openSession(connection);
    const request: CaseRequest = {
      session,
      ...asked,
      ...(await evidenceOf(settings, output.folder, connection, velociraptor)),
      isAutomatic: job.parameters.auto === true,
      again: job.parameters.again === true,
      results: settings.results,
      limits: {
        observables: settings.max_observables,
        ...(settings.process_type ? { processType: settings.process_type } : {}),
      },
      analysis: analysisOf(settings, output.folder),
      machines: machinesIn(velociraptor, settings, signal),
    };
    const outcome = await caseRun(request, { signal: stopped, ...(limit ? { limit } : {}) });
    return answerOf(outcome, settings.max_observables);
  } catch (error) {
    if (!(error instanceof Ip2ProcessError)) throw error;
    const isLate = error.kind === 'cancelled' && limit?.signal.aborted === true;
    return { success: false, errorMessage: isLate ? (limit?.text ?? '') : error.message };
  } finally {
    velociraptor?.close();
  }
}

/**
 * What was clicked, and whether it can be looked at: said from the input alone, before anybody is asked.
 *
 * @throws Ip2ProcessError kind 'request'
 */
function questionOf(job: Job, settings: Settings): Pick<CaseRequest, 'caseId' | 'observableId'> {
  if (job.dataType === 'thehive:case') {
    const about = caseOf(job);
    checkClearance(job, about, settings);
    return { caseId: about._id, observableId: null };
  }
  if (job.dataType !== 'thehive:case_artifact') {
    throw new Ip2ProcessError(
      'request',
      'Cannot look into memory for this: run the responder on a case, on an observable of a case, or on a memory image in it',
    );
  }
  const clicked = observableOf(job);
  checkClearance(job, clicked, settings);
  if (clicked.alert !== undefined && !clicked.case) {
    throw new Ip2ProcessError(
      'request',
      'Cannot look into memory for an observable of an alert: make a case of the alert first',
    );
  }
  const tags = clicked.tags ?? [];
  const role = roleOf({ dataType: clicked.dataType, tags }, settings.image_tags);
  // Automatic runs are told by the run itself that there is nothing to do.
  if (job.parameters.auto !== true) {
    if (!role) refuseRole(clicked.dataType, settings.image_tags);
    if (role === 'indicator') parseIndicator(clicked.data ?? '');
  }
  return { caseId: clicked.case?._id ?? null, observableId: clicked._id };
}

function timeLimitOf({ jobTimeout }: Settings): TimeLimit | null {
  if (jobTimeout === undefined) return null;
  const whole = jobTimeout * 60_000;
  return {
    signal: AbortSignal.timeout(Math.round(whole - Math.min(whole / 10, MARGIN_MS))),
    text: `Stopped: the job's time limit of ${jobTimeout} minutes is nearly reached; raise "jobTimeout" of the responder in Cortex, which is short for a memory image`,
  };
}

function analysisOf(settings: Settings, scratch: string): CaseRequest['analysis'] {
  return {
    proxy: settings.proxy_address === null ? null : givenProxy(settings.proxy_address),
    ...(settings.threads > 0 ? { threads: settings.threads } : {}),
    scratch,
    contexts: settings.contexts,
    ...engineIn(settings, scratch),
    toolVersion: VERSION,
  };
}

/** Volatility 3 stays offline, and keeps nothing: a job's container is gone with the job. */
function engineIn(settings: Settings, scratch: string): Pick<CaseRequest['analysis'], 'engine'> {
  if (settings.engine === 'native') return {};
  return {
    engine: {
      kind: settings.engine,
      volatility3: {
        command: settings.volatility3_command ?? volatility3Command(),
        symbols: settings.volatility3_symbols,
        scratch,
        limits: { timeMs: settings.volatility3_minutes * 60_000 },
      },
    },
  };
}
