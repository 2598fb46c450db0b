import type { Report } from './report.ts';

/** The report itself, keys in the schema's order, two spaces deep. */
export const printJson = (report: Report): string => `${JSON.stringify(report, null, 2)}\n`;
