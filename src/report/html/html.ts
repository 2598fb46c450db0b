import { forTerminal } from '../text-safety.ts';

/** A piece of a page. Only `html` and `constant` make one, so text from a report is never taken for it. */
class Markup {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }
}

export type { Markup };

/** Null is nothing; strings and numbers are text. */
export type Value = Markup | readonly Markup[] | string | number | null;

/** Characters of one text that a page shows: names, paths and command lines are shorter, runs of a megabyte are not. */
const LONGEST_TEXT = 2048;

/** Of the source: it is no content. */
const INDENTATION = /\s*\n\s*/g;

/**
 * A template of HTML whose holes are safe for any text: escaped, its control and bidirectional characters made visible.
 * A hole may stand in text or in a double-quoted attribute that can neither run nor load anything; else it throws.
 */
export function html(strings: TemplateStringsArray, ...values: readonly Value[]): Markup {
  let written = '';
  let place: Place = 'text';
  strings.forEach((string, index) => {
    written += string.replace(INDENTATION, '\n');
    place = placeAfter(string, place);
    if (index === values.length) return;
    refuse(place, strings.slice(0, index + 1));
    written += fill(place, values[index] ?? null);
  });
  return new Markup(written);
}

/** Text of the program itself, such as its style sheet, as it stands. Never for text of a report. */
export const constant = (text: string): Markup => new Markup(text);

type Place = 'text' | 'tag' | 'attribute';

function fill(place: Place, value: Value): string {
  if (value === null) return '';
  if (typeof value === 'string' || typeof value === 'number') return escape(String(value));
  if (place === 'attribute') throw new Error('Cannot put markup into an attribute: only text fits');
  if (value instanceof Markup) return value.toString();
  // What is neither comes from a report that breaks its own schema: shown as text, whatever it is.
  return Array.isArray(value)
    ? value.map((one: Value) => fill(place, one)).join('')
    : escape(String(value));
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escape = (text: string): string =>
  forTerminal(text, LONGEST_TEXT).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');

/** Attributes whose value a browser runs, loads or parses as something other than text. */
const DANGEROUS = /^(on.*|style|src|srcset|srcdoc|action|formaction|data|xlink:href)$/i;

/** Where a template stands after a further piece of it. */
function placeAfter(string: string, start: Place): Place {
  let place = start;
  for (const character of string) {
    if (place === 'text' && character === '<') place = 'tag';
    else if (place === 'tag' && character === '>') place = 'text';
    else if (character === '"' && place !== 'text') place = place === 'tag' ? 'attribute' : 'tag';
  }
  return place;
}

/** Throws where a hole after these pieces could do more than show text. */
function refuse(place: Place, before: readonly string[]): void {
  if (place === 'text') return;
  const text = before.join('');
  if (place === 'tag') throw new Error(`Cannot fill a hole inside a tag: ${text.slice(-40)}`);
  const [, name = '', start = ''] = /([^\s"<>]+)="([^"]*)$/.exec(text) ?? [];
  const isLink = name.toLowerCase() === 'href';
  if (DANGEROUS.test(name) || (isLink && !start.startsWith('#'))) {
    throw new Error(`Cannot fill the attribute ${name}: a browser would do more than show it`);
  }
}
