import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beside } from './commands.ts';

/** What Cortex is asked to run, as TheHive asks it. */
export interface JobInput {
  readonly dataType: string;
  readonly data?: unknown;
  readonly tlp?: number;
  readonly pap?: number;
  readonly parameters?: Readonly<Record<string, unknown>>;
  readonly config: Readonly<Record<string, unknown>>;
}

/** R1: the folder of one job, as Cortex 4.1.0 makes it (JobRunnerSrv.prepareJobFolder). */
export class JobFolder {
  readonly path: string;

  /** @param text instead of the input's JSON; null: no input file at all (R12) */
  constructor(input: JobInput, text?: string | null) {
    this.path = mkdtempSync(join(tmpdir(), 'cortex-job-9f3c-'));
    chmodSync(this.path, 0o700);
    mkdirSync(join(this.path, 'input'), 0o700);
    mkdirSync(join(this.path, 'output'), 0o700);
    const { tlp = 2, pap = 2, parameters = {}, ...rest } = input;
    const whole = JSON.stringify({ ...rest, tlp, pap, message: '', parameters });
    const written = text === undefined ? whole : text;
    if (written !== null) writeFileSync(join(this.path, 'input', 'input.json'), written);
    const { cacerts } = input.config;
    if (typeof cacerts === 'string' && cacerts.trim() !== '') {
      writeFileSync(join(this.path, 'input', 'cacerts'), cacerts);
    }
  }

  /** As if Cortex ran as this user. */
  belongTo(uid: number): void {
    for (const part of ['', 'input', 'output', 'input/input.json', 'input/cacerts']) {
      try {
        chownSync(join(this.path, part), uid, uid);
      } catch {
        // That one is not in this job.
      }
    }
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
    for (const place of Object.values(beside(this.path))) {
      // Only where it is empty: what was mounted there was seen by the job alone.
      if (existsSync(place)) rmdirSync(place);
    }
  }
}
