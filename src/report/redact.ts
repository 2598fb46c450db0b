import type { EvidenceCard, Report, ReportProcess } from './report.ts';
import { type Secret, secretsIn } from './secrets.ts';

/**
 * The same report with less of the memory's own text: `redacted` masks secrets, unit for unit, and keeps the indicator and
 * what stands right beside it; `none` keeps of the cards only the indicator, and of command lines only the program.
 * A report that was already reduced is never made fuller.
 */
export function redact(report: Report, mode: Report['privacy']): Report {
  if (LEVELS.indexOf(mode) <= LEVELS.indexOf(report.privacy)) return report;
  const indicators = report.indicators.map(({ text }) => text);
  return {
    ...report,
    processes: report.processes.map((process) =>
      mode === 'none' ? bare(process) : masked(process, indicators),
    ),
    privacy: mode,
  };
}

/** The fullest first. */
const LEVELS: readonly Report['privacy'][] = ['full', 'redacted', 'none'];

/** Characters on either side of the indicator that stay readable where only the look of a text is random. */
const BESIDE = 8;

function bare(process: ReportProcess): ReportProcess {
  return {
    ...process,
    commandLine: process.commandLine?.split(' ')[0] ?? null,
    role: process.role?.startsWith('runs ') === true ? null : process.role,
    cards: process.cards.map((card) => {
      const { at, length, text, bytes } = card;
      const width = digitsOf(card);
      return {
        ...card,
        text: text.slice(at, at + length),
        at: 0,
        bytes: bytes.slice(at * width, (at + length) * width),
      };
    }),
  };
}

function masked(process: ReportProcess, indicators: readonly string[]): ReportProcess {
  const { commandLine, role } = process;
  return {
    ...process,
    commandLine: commandLine === null ? null : maskedArguments(commandLine, indicators),
    role: role === null ? null : maskedArguments(role, indicators),
    cards: process.cards.map(maskedCard),
  };
}

function maskedArguments(text: string, indicators: readonly string[]): string {
  const kept = indicators.flatMap((indicator) => placesOf(indicator, text));
  const hidden = hiddenIn(text.length, secretsIn(text, true), kept);
  return [...hidden].map((isHidden, at) => (isHidden === 1 ? '*' : text[at])).join('');
}

function maskedCard(card: EvidenceCard): EvidenceCard {
  const { text, bytes, at, length } = card;
  const width = digitsOf(card);
  // The shown text has dots for line ends, so that a header seems to go on: the bytes know better.
  const units = unitsOf(bytes, width);
  const secrets = [...secretsIn(units, false), ...cutSecret(units, at)];
  const hidden = hiddenIn(text.length, secrets, [{ start: at, end: at + length }]);
  let [shown, digits] = ['', ''];
  for (const [index, isHidden] of hidden.entries()) {
    shown += isHidden === 1 ? '*' : (text[index] ?? '');
    digits += isHidden === 1 ? '*'.repeat(width) : bytes.slice(index * width, (index + 1) * width);
  }
  return { ...card, text: shown, bytes: digits };
}

/** Hex digits of one unit of the text. */
const digitsOf = ({ encoding }: EvidenceCard): number => (encoding === 'utf16le' ? 4 : 2);

/** One character for each unit; a unit above 0xff is no character that a rule looks at. */
function unitsOf(bytes: string, width: number): string {
  let units = '';
  for (let at = 0; at + width <= bytes.length; at += width) {
    const low = Number.parseInt(bytes.slice(at, at + 2), 16);
    const high = width === 4 ? Number.parseInt(bytes.slice(at + 2, at + 4), 16) : 0;
    units += high === 0 ? String.fromCharCode(low) : '\ufffd';
  }
  return units;
}

/**
 * A card begins in the middle of memory: its first line may be the rest of a header whose name is not seen. Where that
 * line ends before the indicator it is hidden, unless it is a request line; else its first word is.
 */
function cutSecret(units: string, indicator: number): Secret[] {
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
function hiddenIn(
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

function placesOf(indicator: string, text: string): { start: number; end: number }[] {
  const places: { start: number; end: number }[] = [];
  if (indicator === '') return places;
  for (let at = text.indexOf(indicator); at >= 0; at = text.indexOf(indicator, at + 1)) {
    places.push({ start: at, end: at + indicator.length });
  }
  return places;
}
