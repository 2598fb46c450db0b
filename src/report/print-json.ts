import type { Report } from './report.ts';
import { forJson } from './text-safety.ts';

/** The report itself, keys in the schema's order, two spaces deep. */
export const printJson = (report: Report): string =>
  `${forJson(JSON.stringify(report, null, 2))}\n`;
