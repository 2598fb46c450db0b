import type { Report } from './report.ts';

/**
 * Text from an image is the attacker's: names, command lines and memory can hold terminal commands, table borders,
 * formulas and text that runs backwards. Each printer passes it through the function of its own place.
 */

/** Control characters, line breaks, halves of a character, and the invisible characters that reorder or hide text. */
const UNSAFE =
  /[\p{Cc}\p{Cs}\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/gu;

/** For a terminal or a log line: what would not show as itself is written as `\x1b` or `\u202e`. */
export function forTerminal(text: string, longest = 4096): string {
  const shown = text.length > longest ? `${text.slice(0, longest)}…` : text;
  return shown.replace(UNSAFE, (character) => {
    const code = character.charCodeAt(0);
    return code < 0x100
      ? `\\x${code.toString(16).padStart(2, '0')}`
      : `\\u${code.toString(16).padStart(4, '0')}`;
  });
}

/** For JSON that is text already: escapes mean the same to its readers, and nothing to a terminal. */
export const forJson = (json: string): string =>
  json.replace(UNSAFE, (character) =>
    // JSON.stringify() leaves line breaks between values only.
    character === '\n' ? character : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/** For a CSV field: quoted, and never the start of a formula (OWASP "CSV Injection"). */
export function forCsv(text: string): string {
  const shown = forTerminal(text);
  const isFormula = /^[=+\-@\t\r]/.test(shown);
  return `"${(isFormula ? `'${shown}` : shown).replaceAll('"', '""')}"`;
}

/** For Markdown prose and table cells: every character that could mean something is escaped. */
export const forMarkdown = (text: string): string =>
  forTerminal(text)
    .replace(/[\\`*_{}[\]()#+\-.!|~>&:@]/g, '\\$&')
    .replaceAll('<', '&lt;');

/** For Markdown as code: the fence is longer than any run of backticks inside; cells cannot be left. */
export function forMarkdownCode(text: string): string {
  const shown = forTerminal(text);
  const runs = shown.match(/`+/g) ?? [];
  const fence = '`'.repeat(Math.max(0, ...runs.map((run) => run.length)) + 1);
  return `${fence} ${shown.replaceAll('|', '\\|')} ${fence}`;
}

/** An address or name that nobody opens by mistake: `35[.]178[.]122[.]152`, `hxxp://`. */
export const defang = (indicator: string): string =>
  indicator
    .replace(/^http/i, 'hxxp')
    .replaceAll('.', '[.]')
    .replace(/:(?!\/\/)/g, (colon) =>
      indicator.includes('::') || isIpv6(indicator) ? '[:]' : colon,
    );

/** Every host that a report names, made harmless in a sentence. */
export function defangAll(
  text: string,
  { indicators, pivots, proxy }: Pick<Report, 'indicators' | 'pivots' | 'proxy'>,
): string {
  const hosts = [...indicators, ...pivots].map((one) => one.text);
  if (proxy) hosts.push(proxy.address);
  // The longest first: a name may end in another.
  return [...new Set(hosts)]
    .toSorted((one, other) => other.length - one.length)
    .reduce((shown, host) => shown.replaceAll(host, () => defang(host)), text);
}

const isIpv6 = (text: string): boolean => /^[0-9a-f:]+$/i.test(text) && text.split(':').length > 2;
