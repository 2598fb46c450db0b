import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { Ip2ProcessError } from '../src/errors.ts';

/** Cortex itself takes 100 kB; where that was raised, this is far more than any case. */
const LARGEST_INPUT = 64 * 2 ** 20;

const id = z.string().min(1).max(1024);

/** A case as TheHive renders it for responders ("v0"): read only what is needed, whatever else it holds. */
const caseData = z.object({
  _id: id,
  tlp: z.number().nullish(),
  pap: z.number().nullish(),
});

const observableData = z.object({
  _id: id,
  dataType: z.string(),
  /** Missing where it is a file. */
  data: z.string().nullish(),
  tags: z.array(z.string()).nullish(),
  tlp: z.number().nullish(),
  pap: z.number().nullish(),
  case: caseData.nullish(),
  /** Instead of `case`. */
  alert: z.unknown().optional(),
});

/**
 * `input/input.json` of a responder's job.
 *
 * Source: Cortex 4.1.0, app/org/thp/cortex/services/JobRunnerSrv.scala, prepareJobFolder; TheHive 4.1.24,
 * cortex/connector ActionSrv.scala.
 */
const jobSchema = z.object({
  dataType: z.string(),
  data: z.unknown(),
  tlp: z.number().default(2),
  pap: z.number().default(2),
  parameters: z
    .object({
      organisation: z.string().nullish(),
      user: z.string().nullish(),
      /** Of a notification: our own, see docs/install.md. */
      auto: z.boolean().nullish(),
      again: z.boolean().nullish(),
    })
    .catch({})
    .default({}),
  config: z.record(z.string(), z.unknown()).default({}),
});

export type Job = z.infer<typeof jobSchema>;
export type ObservableData = z.infer<typeof observableData>;
export type CaseData = z.infer<typeof caseData>;

/** @throws Ip2ProcessError that says what an admin can mend */
export function readJob(folder: string): Job {
  const path = join(folder, 'input', 'input.json');
  const { data, error } = jobSchema.safeParse(jsonOf(path));
  if (data) return data;
  throw refusal(path, `it is not a job of Cortex (${placesOf(error)})`);
}

export const observableOf = (job: Job): ObservableData => dataOf(job, observableData);
export const caseOf = (job: Job): CaseData => dataOf(job, caseData);

/** PEM text that Cortex puts beside the input when `cacerts` is configured. */
export function authoritiesOf(folder: string): string | null {
  try {
    return readFileSync(join(folder, 'input', 'cacerts'), 'utf8').trim() || null;
  } catch {
    return null;
  }
}

function jsonOf(path: string): unknown {
  let text: string;
  try {
    if (statSync(path).size > LARGEST_INPUT) throw new RangeError('it is far too long');
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null;
    if (code === 'ENOENT') {
      throw refusal(
        path,
        "it is not there; the argument should be the job's folder, and with Docker Cortex's job.dockerDirectory must be the same folder as its job.directory",
      );
    }
    if (code === 'EACCES') {
      throw refusal(
        path,
        'permission denied; the job folder belongs to the user that runs Cortex, so run as that user or as root',
      );
    }
    throw refusal(path, error instanceof Error ? error.message : String(error));
  }
  try {
    return JSON.parse(text);
  } catch {
    throw refusal(path, `its ${text.length} characters are not whole JSON`);
  }
}

function dataOf<Schema extends z.ZodType>({ data, dataType }: Job, schema: Schema) {
  const parsed = schema.safeParse(data);
  if (parsed.success) return parsed.data;
  throw new Ip2ProcessError(
    'request',
    `Cannot use the job: its data is not what TheHive sends as ${dataType} (${placesOf(parsed.error)})`,
  );
}

/** Where, not what: values are the case's. */
const placesOf = (error: z.ZodError): string =>
  error.issues
    .slice(0, 5)
    .map(({ path, code }) => `${path.join('.') || 'the whole'}: ${code}`)
    .join(', ');

const refusal = (path: string, why: string): Ip2ProcessError =>
  new Ip2ProcessError('request', `Cannot read the job: ${why}: ${path}`, { path });
