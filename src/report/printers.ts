import type { Format } from './formats.ts';
import { printCsv } from './print-csv.ts';
import { printHtml } from './print-html.ts';
import { printJson } from './print-json.ts';
import { printMarkdown } from './print-markdown.ts';
import { printStix } from './print-stix.ts';
import { printText } from './print-text.ts';
import type { Report } from './report.ts';

/** The printers of all formats at once, for whoever needs several; `FORMATS` loads one. */
export const PRINTERS: Readonly<Record<Format, { readonly print: (report: Report) => string }>> = {
  text: { print: printText },
  json: { print: printJson },
  csv: { print: printCsv },
  markdown: { print: printMarkdown },
  html: { print: printHtml },
  stix: { print: printStix },
};
