import * as z from 'zod';

/** What Cortex makes of a finished job. */
export type CortexReport =
  | { readonly status: 'Success'; readonly full: object; readonly operations: readonly object[] }
  | { readonly status: 'Failure'; readonly errorMessage: string }
  /** For ever: an exception where nothing catches it. */
  | { readonly status: 'InProgress' };

const anything = z.looseObject({});

/**
 * As Cortex 4.1.0 reads `output.json` (JobRunnerSrv.extractReport).
 *
 * @param text null: there is no such file
 * @param printed stdout and stderr of the worker
 */
export function extractReport(text: string | null, printed: string): CortexReport {
  if (text === null || text === '') {
    return { status: 'Failure', errorMessage: printed.replaceAll('\n', '') || 'no output' };
  }
  let output: unknown;
  try {
    output = JSON.parse(text);
  } catch {
    return { status: 'InProgress' };
  }
  const parsed = anything.safeParse(output).data ?? {};
  if (parsed['success'] !== true) {
    const message = parsed['errorMessage'];
    return { status: 'Failure', errorMessage: typeof message === 'string' ? message : '' };
  }
  const full = anything.safeParse(parsed['full']).data;
  if (!full) return { status: 'InProgress' };
  const operations = z.array(anything).safeParse(parsed['operations']).data ?? [];
  return { status: 'Success', full, operations };
}
