import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Operation } from '../src/thehive/operations.ts';

/**
 * What Cortex reads of a job: `output/output.json`. Text that is not JSON, or a success without `full`, leaves the job
 * running for ever.
 *
 * Source: Cortex 4.1.0, app/org/thp/cortex/services/JobRunnerSrv.scala, extractReport.
 */
export type Output =
  | {
      readonly success: true;
      /** Shown to the analyst as it is; `message` first, useful alone. */
      readonly full: Readonly<Record<string, unknown>> & { readonly message: string };
      readonly operations: readonly Operation[];
    }
  | { readonly success: false; readonly errorMessage: string };

/** Cortex keeps the report as one string and TheHive polls it. */
const LARGEST_OUTPUT = 900_000;

/** Spaces fill a failure up to this: room in which another one can stand when the disk is full. One block of any disk. */
const ROOM_BYTES = 4096;

/** Names of whatever we put into the output folder beside the report: drafts, downloads, unpacked images. */
const OURS = /^\.?ip2process-/;

/** The job's output: written whole or not at all, as often as wanted, the last one counts. */
export class OutputFile {
  readonly folder: string;
  readonly #secrets = new Set<string>();

  constructor(jobFolder: string) {
    this.folder = join(jobFolder, 'output');
  }

  /** These never appear in what is written from now on. */
  hide(secrets: Iterable<string>): void {
    for (const secret of secrets) this.#secrets.add(secret);
  }

  /** What an attempt that was killed left behind: Kubernetes starts the next one on the same folders. */
  clean(): void {
    try {
      for (const name of readdirSync(this.folder)) {
        if (OURS.test(name)) {
          rmSync(join(this.folder, name), { recursive: true, force: true });
        }
      }
    } catch {
      // Nothing there, or not ours to remove.
    }
  }

  /** @throws Error of the file system; what stood there before still stands */
  write(output: Output): void {
    const bytes = Buffer.from(this.#textOf(output));
    try {
      this.#replace(output.success ? bytes : padded(bytes, ROOM_BYTES));
    } catch (error) {
      if (output.success || !isDiskFull(error) || !this.#overwrite(bytes)) throw error;
    }
  }

  #replace(bytes: Uint8Array): void {
    const draft = join(this.folder, '.ip2process-output.part');
    mkdirSync(this.folder, { recursive: true });
    rmSync(draft, { force: true });
    try {
      const file = openSync(draft, 'wx', 0o644);
      try {
        writeAll(file, bytes);
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
      renameSync(draft, this.#place);
    } catch (error) {
      rmSync(draft, { force: true });
      throw error;
    }
  }

  /** In the room of the failure that stands there, by one writing of one block: no new one is needed, and none is torn. */
  #overwrite(bytes: Uint8Array): boolean {
    if (statSync(this.#place).size !== ROOM_BYTES || bytes.length > ROOM_BYTES) return false;
    const file = openSync(this.#place, 'r+');
    try {
      return writeSync(file, padded(bytes, ROOM_BYTES), 0, ROOM_BYTES, 0) === ROOM_BYTES;
    } finally {
      closeSync(file);
    }
  }

  get #place(): string {
    return join(this.folder, 'output.json');
  }

  /** Without secrets in any text. */
  masked(text: string): string {
    let shown = text;
    for (const secret of this.#secrets) shown = shown.replaceAll(secret, '***');
    return shown;
  }

  #textOf(output: Output): string {
    const text = this.#json(output);
    if (text.length <= LARGEST_OUTPUT || !output.success) return text;
    // Only texts of an attacker grow so large; the case has the report.
    const { message } = output.full;
    const full = { message, note: 'The details were left out: they are too long for Cortex' };
    return this.#json({ ...output, full });
  }

  #json(output: Output): string {
    return JSON.stringify(output, (_, value: unknown) =>
      typeof value === 'string' ? this.masked(value) : value,
    );
  }
}

export const isDiskFull = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT');

/** Space is nothing to JSON. */
const padded = (bytes: Uint8Array, size: number): Uint8Array =>
  bytes.length >= size ? bytes : Buffer.concat([bytes, Buffer.alloc(size - bytes.length, ' ')]);

/** One call may write less than all. */
function writeAll(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
}
