import { printText } from './print-text.ts';
import type { Report } from './report.ts';

export type Format = 'text' | 'json' | 'csv' | 'markdown' | 'html' | 'stix';

type Print = (report: Report) => string;

/**
 * Formats of a report: the ending of their files, and who prints them. Most runs print text: the other printers are
 * loaded when asked for.
 */
export const FORMATS: Readonly<
  Record<Format, { readonly extension: string; readonly printer: () => Promise<Print> }>
> = {
  text: { extension: '.txt', printer: async () => printText },
  json: { extension: '.json', printer: async () => (await others()).json.print },
  csv: { extension: '.csv', printer: async () => (await others()).csv.print },
  markdown: { extension: '.md', printer: async () => (await others()).markdown.print },
  html: { extension: '.html', printer: async () => (await others()).html.print },
  stix: { extension: '.stix.json', printer: async () => (await others()).stix.print },
};

const others = async () => (await import('./printers.ts')).PRINTERS;

export const isFormat = (text: string): text is Format => Object.hasOwn(FORMATS, text);
