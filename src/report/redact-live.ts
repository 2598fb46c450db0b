import type { LivePart } from './live-part.ts';
import { cutSecret, hiddenIn, maskedArguments, placesOf } from './masking.ts';
import { secretsIn } from './secrets.ts';

/** The live part with less of the memory's own text, as `redact` does it with an image's. */
export function redactedLive(
  live: LivePart,
  mode: 'full' | 'redacted' | 'none',
  indicators: readonly string[],
): LivePart {
  if (mode === 'full') return live;
  const ofText = (text: string): string => (mode === 'none' ? '' : maskedContext(text, indicators));
  return {
    ...live,
    processes: live.processes.map((process) => ({
      ...process,
      commandLine:
        process.commandLine === null
          ? null
          : mode === 'none'
            ? (process.commandLine.split(' ')[0] ?? null)
            : maskedArguments(process.commandLine, indicators),
      context: process.context === null ? null : ofText(process.context),
    })),
    hits: live.hits.map((hit) => ({ ...hit, context: ofText(hit.context) })),
  };
}

/** What begins with a request line is not the rest of anything. */
const METHOD = /^[A-Z]{3,7} /;

/**
 * A context comes with dots where lines end, so that a header's value seems to go on to the end: more is hidden than of an
 * image's, never less.
 */
function maskedContext(text: string, indicators: readonly string[]): string {
  const kept = indicators.flatMap((indicator) => placesOf(indicator, text));
  const cut = METHOD.test(text) ? [] : cutSecret(text, kept[0]?.start ?? 0);
  const secrets = [...secretsIn(text, true), ...cut];
  const hidden = hiddenIn(text.length, secrets, kept);
  return [...hidden].map((isHidden, at) => (isHidden === 1 ? '*' : text[at])).join('');
}
