import { openImage } from '../image/open-image.ts';
import type { Indicator } from '../indicator/indicator.ts';
import { patternsOf } from '../indicator/patterns.ts';
import { scan, type ScanOptions } from '../scan/scan.ts';

export interface StringsFile {
  /** Lines `<physical address>:<string>`, as Volatility's strings plugin reads them: the string begins with a letter or digit. */
  readonly text: string;
  readonly hits: number;
  /** Found, but more than are kept. */
  readonly notKept: number;
  readonly warnings: readonly string[];
}

/**
 * All places of the indicator in physical memory, in every spelling: what strings and grep say of a raw image, for any image.
 *
 * @throws Ip2ProcessError as `openImage` and `scan`
 */
export async function stringsFileOf(
  indicator: Indicator,
  path: string,
  options: Pick<ScanOptions, 'onProgress' | 'signal' | 'threads'> & { readonly scratch?: string },
): Promise<StringsFile> {
  const { scratch, ...scanning } = options;
  const image = await openImage(path, {
    ...(scratch === undefined ? {} : { scratch }),
    ...(options.signal ? { signal: options.signal } : {}),
  });
  try {
    const patterns = patternsOf([indicator]);
    const found = await scan(image, patterns, [indicator], scanning);
    const lines = found.hits.map(({ address, pattern, crossesFrames }) => {
      const { spelling = 'text', encoding = 'ascii' } = patterns[pattern] ?? {};
      const how = [spelling, encoding, ...(crossesFrames ? ['crosses a page edge'] : [])];
      return `${address}:${stem(indicator.text)} (${how.join(', ')})\n`;
    });
    return {
      text: lines.join(''),
      hits: lines.length,
      notKept: found.truncated.reduce((sum, count) => sum + count, 0),
      warnings: [...image.warnings, ...found.warnings],
    };
  } finally {
    image.close();
  }
}

/** The plugin leaves out what is no letter or digit at a string's start: "::1" would lose more than it keeps. */
const stem = (text: string): string => (/^\w/.test(text) ? text : `at ${text}`);
