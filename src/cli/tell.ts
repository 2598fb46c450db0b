import type { CliRequest } from './request.ts';
import { explain } from '../report/explain.ts';
import { FORMATS } from '../report/formats.ts';
import { forTerminal } from '../report/text-safety.ts';
import type { Report } from '../report/report.ts';
import { writeAtomically } from '../write-atomically.ts';

/** Where the answer goes. */
export interface Told {
  /** Takes a report as soon as there is one, and again when it is more complete. */
  readonly onReport: (report: Report) => Promise<void>;
  /** Says what was still held back: no more is to come. */
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
  let areNamed = false;
  return {
    async onReport(report) {
      const { image } = report;
      const isComplete = request.hash !== true || image === null || image.sha256 !== null;
      const failure = await write(report);
      if (failure !== undefined) {
        // No answer is lost with a file.
        if (!isPrinted) await print(report);
        throw failure;
      }
      if (isPrinted) {
        if (image?.sha256) stdout.write(`SHA-256 of the image: ${image.sha256}\n`);
      } else if (isComplete || format === 'text' || explains !== null) {
        await print(report);
      }
    },
    async end(report) {
      if (!isPrinted) await print(report);
    },
  };

  /** As many files as can be. @returns why the first of the others could not */
  async function write(report: Report): Promise<unknown> {
    const failures: unknown[] = [];
    for (const { path, format: wanted } of files) {
      const printed = await FORMATS[wanted].printer();
      try {
        writeAtomically(path, printed(report));
        if (!areNamed) stderr.write(`Report: ${forTerminal(path)}\n`);
      } catch (error) {
        failures.push(error);
      }
    }
    areNamed = true;
    return failures[0];
  }

  async function print(report: Report): Promise<void> {
    isPrinted = true;
    const text =
      explains === null ? (await FORMATS[format].printer())(report) : explain(report, explains);
    stdout.write(text);
  }
}
