import { formOf, type FormName } from '../../src/indicator/forms.ts';
import { parseIndicator } from '../../src/indicator/parse-indicator.ts';
import { patternsOf } from '../../src/indicator/patterns.ts';
import type { BytePattern, Recognition } from '../../src/indicator/pattern.ts';
import { recognise } from '../../src/indicator/recognise.ts';

export interface Found extends Recognition {
  readonly form: FormName;
}

/** All occurrences in a window, one each, as a slow and simple scan finds them. */
export function find(given: string, window: Uint8Array): Found[] {
  const indicator = parseIndicator(given);
  const byStart = new Map<number, Found>();
  for (const pattern of patternsOf([indicator])) {
    for (let at = 0; at + pattern.bytes.length <= window.length; at += 1) {
      const recognition = holds(pattern, window, at) && recognise(pattern, indicator, window, at);
      if (!recognition) continue;
      const { start, length } = recognition;
      byStart.set(start, {
        ...recognition,
        form: formOf(pattern, indicator, window, start, length),
      });
    }
  }
  return [...byStart.values()].toSorted((one, other) => one.start - other.start);
}

/** The same for text, with a line end on either side so that no boundary is open. */
export const findText = (
  given: string,
  text: string,
  encoding: BufferEncoding = 'latin1',
): Found[] => find(given, Buffer.from(`\n${text}\n`, encoding));

/** Forms only: the short way to say what is found. */
export const formsIn = (
  given: string,
  text: string,
  encoding: BufferEncoding = 'latin1',
): FormName[] => findText(given, text, encoding).map(({ form }) => form);

function holds({ bytes, ignoresCase }: BytePattern, window: Uint8Array, at: number): boolean {
  return bytes.every((byte, index) => {
    const actual = window[at + index] ?? 0;
    const isCapital = actual >= 0x41 && actual <= 0x5a;
    return byte === (ignoresCase && isCapital ? actual + 0x20 : actual);
  });
}
