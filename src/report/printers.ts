import { printCsv } from './print-csv.ts';
import { printHtml } from './print-html.ts';
import { printJson } from './print-json.ts';
import { printMarkdown } from './print-markdown.ts';
import { printStix } from './print-stix.ts';
import { printText } from './print-text.ts';
import type { Report } from './report.ts';

export type Format = 'text' | 'json' | 'csv' | 'markdown' | 'html' | 'stix';

/** A report as a file of its format; one entry makes a format known to the whole program. */
export const PRINTERS: Readonly<
  Record<Format, { extension: string; print(report: Report): string }>
> = {
  text: { extension: '.txt', print: printText },
  json: { extension: '.json', print: printJson },
  csv: { extension: '.csv', print: printCsv },
  markdown: { extension: '.md', print: printMarkdown },
  html: { extension: '.html', print: printHtml },
  stix: { extension: '.stix.json', print: printStix },
};
