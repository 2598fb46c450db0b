import { type Secret, secretsIn } from './secrets.ts';

/** Characters on either side of the indicator that stay readable where only the look of a text is random. */
const BESIDE = 8;

/** A command line, its secrets as stars; indicators in it stay. */
export function maskedArguments(text: string, indicators: readonly string[]): string {
  const kept = indicators.flatMap((indicator) => placesOf(indicator, text));
  const hidden = hiddenIn(text.length, secretsIn(text, true), kept);
  return [...hidden].map((isHidden, at) => (isHidden === 1 ? '*' : text[at])).join('');
}

/**
 * A card begins in the middle of memory: its first line may be the rest of a header whose name is not seen. Where that
 * line ends before the indicator it is hidden, unless it is a request line; else its first word is.
 */
export function cutSecret(units: string, indicator: number): Secret[] {
  const before = units.slice(0, indicator);
  // eslint-disable-next-line no-control-regex
  const line = /^[^\0-\x08\x0a-\x1f]*/.exec(before)?.[0] ?? '';
  if (/ HTTP\/\d(?:\.\d)?$/.test(line)) return [];
  const end =
    line.length < before.length ? line.length : (/^[^\s;&,"'<>]*/.exec(line)?.[0].length ?? 0);
  // A word that runs into the indicator belongs to it: "http://", "CONNECT".
  return end === 0 || end === before.length ? [] : [{ start: 0, end, kind: 'named' }];
}

/** 1 for each character that is to be hidden. */
export function hiddenIn(
  length: number,
  secrets: readonly Secret[],
  kept: readonly { readonly start: number; readonly end: number }[],
): Uint8Array {
  const hidden = new Uint8Array(length);
  for (const { start, end } of secrets.filter(({ kind }) => kind === 'random')) {
    hidden.fill(1, start, end);
  }
  for (const { start, end } of kept) hidden.fill(0, Math.max(start - BESIDE, 0), end + BESIDE);
  for (const { start, end } of secrets.filter(({ kind }) => kind === 'named')) {
    hidden.fill(1, start, end);
  }
  for (const { start, end } of kept) hidden.fill(0, start, end);
  return hidden;
}

/** Where an indicator stands in a text. */
export function placesOf(indicator: string, text: string): { start: number; end: number }[] {
  const places: { start: number; end: number }[] = [];
  if (indicator === '') return places;
  for (let at = text.indexOf(indicator); at >= 0; at = text.indexOf(indicator, at + 1)) {
    places.push({ start: at, end: at + indicator.length });
  }
  return places;
}
