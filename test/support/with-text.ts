import type { Report } from '../../src/report/report.ts';

/** Fields that the tool itself fills from a closed set of words, numbers in hex, or times. */
const CLOSED: ReadonlySet<string> = new Set([
  'version',
  'outcome',
  'verdict',
  'privacy',
  'encoding',
  'peer',
  'protocol',
  'physicalAddress',
  'virtualAddress',
  'fileOffset',
  'start',
  'end',
  'bytes',
  'startTime',
  'exitTime',
  'bootTime',
  'captureTime',
  'at',
  'origin',
]);

/** The report with `text` in every field that can hold any text, names of counts among them. */
export function withText(report: Report, text: string, isClosedToo = false): Report {
  const replaced = (value: unknown, key: string, parent: string): unknown => {
    if (typeof value === 'string') {
      const isClosed = CLOSED.has(key) || (parent === 'proxy' && key === 'source');
      return isClosed && !isClosedToo ? value : text;
    }
    if (Array.isArray(value)) return value.map((one) => replaced(one, key, parent));
    if (typeof value !== 'object' || value === null) return value;
    const isCounts = /^(by[A-Z]|hitsNotKept|timings)/.test(key);
    return Object.fromEntries(
      Object.entries(value).map(([name, one], index) => [
        isCounts ? `${text}${index}` : name,
        replaced(one, name, key),
      ]),
    );
  };
  // eslint-disable-next-line typescript/no-unsafe-type-assertion -- every leaf keeps its type
  return replaced(report, '', '') as Report;
}
