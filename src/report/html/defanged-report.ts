import type { Report } from '../report.ts';
import type { Tell } from './notation.ts';

/** Evidence and commands stay as they are; a card's text is told when it has been split at the indicator. */
const VERBATIM: ReadonlySet<string> = new Set(['text', 'bytes', 'command']);

/** The report as people read it: indicators and pivots defanged wherever they stand, in names and paths too. */
export const defangedReport = (report: Report, tell: Tell): Report =>
  JSON.parse(JSON.stringify(report), (key, value: unknown) =>
    typeof value === 'string' && !VERBATIM.has(key) ? tell(value) : value,
  );
