import { cutSecret, hiddenIn, maskedArguments } from './masking.ts';
import { redactedLive } from './redact-live.ts';
import type { EvidenceCard, Report, ReportProcess } from './report.ts';
import { secretsIn } from './secrets.ts';

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
    live: report.live && redactedLive(report.live, mode, indicators),
    privacy: mode,
  };
}

/** The fullest first. */
const LEVELS: readonly Report['privacy'][] = ['full', 'redacted', 'none'];

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
