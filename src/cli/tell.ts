import type { CliRequest } from './request.ts';
import { Ip2ProcessError } from '../errors.ts';
import { explain } from '../report/explain.ts';
import { FORMATS } from '../report/formats.ts';
import { forTerminal } from '../report/text-safety.ts';
import type { Report } from '../report/report.ts';
import { writeAtomically } from '../write-atomically.ts';

/** Where the answer goes. */
export interface Told {
  /** Takes a report as soon as there is one, and again when it is more complete. */
  readonly onReport: (report: Report) => Promise<void>;
  /**
   * Says what was still held back: no more is to come.
   *
   * @throws Ip2ProcessError `system` that names each file that could not be written
   */
  readonly end: (report: Report) => Promise<void>;
}

type Asked = Pick<CliRequest, 'format' | 'files' | 'explains'> & {
  readonly request: Pick<CliRequest['request'], 'hash'>;
};

/**
 * Nobody waits for the image's hash: the text is printed and the files are written before it, and completed by it. Only what
 * programs read from stdout (JSON and the like) cannot be completed, so it waits.
 */
export function telling(
  { format, files, explains, request }: Asked,
  stdout: Pick<NodeJS.WriteStream, 'write'>,
  stderr: Pick<NodeJS.WriteStream, 'write'>,
): Told {
  let isPrinted = false;
  const named = new Set<string>();
  /** By path. Neither the answer nor its hash nor another file is lost with a file: told at the end. */
  const failures = new Map<string, Ip2ProcessError>();
  return {
    async onReport(report) {
      const { image } = report;
      const isComplete = request.hash !== true || image === null || image.sha256 !== null;
      for (const file of files) await write(report, file);
      if (isPrinted) {
        if (image?.sha256) stdout.write(`SHA-256 of the image: ${image.sha256}\n`);
      } else if (isComplete || format === 'text' || explains !== null) {
        await print(report);
      }
    },
    async end(report) {
      if (!isPrinted) await print(report);
      if (failures.size === 0) return;
      const reasons = [...failures.values()].map(({ message }) => message);
      throw new Ip2ProcessError('system', reasons.join('; '));
    },
  };

  async function write(report: Report, { path, format: wanted }: Asked['files'][number]) {
    const text = (await FORMATS[wanted].printer())(report);
    try {
      writeAtomically(path, text);
      failures.delete(path);
    } catch (error) {
      if (!(error instanceof Ip2ProcessError)) throw error;
      failures.set(path, error);
      return;
    }
    if (!named.has(path)) stderr.write(`Report: ${forTerminal(path)}\n`);
    named.add(path);
  }

  async function print(report: Report): Promise<void> {
    isPrinted = true;
    const text =
      explains === null ? (await FORMATS[format].printer())(report) : explain(report, explains);
    stdout.write(text);
  }
}
