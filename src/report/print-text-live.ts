import {
  COMPARED_COLUMNS,
  comparedRow,
  LIVE_COLUMNS,
  liveCoverageLines,
  liveFacts,
  liveRow,
  provenanceLines,
} from './live-lines.ts';
import type { LivePart, LiveProcess } from './live-part.ts';
import { forTerminal } from './text-safety.ts';
import { table } from './text-table.ts';
import { wrap } from './wrap.ts';

const DETAILED = 3;
const MOST_ROWS = 20;

/**
 * The live answer for a terminal: after an image's, or alone.
 *
 * @param tell how hosts are told in a sentence
 */
export function liveText(
  live: LivePart,
  width: number,
  tell: (sentence: string) => string,
): string[] {
  const { processes, sideBySide } = live;
  const machine = live.provenance.hostName ?? live.provenance.client ?? live.provenance.asked;
  return [
    [
      `Live: ${forTerminal(machine)}`,
      ...provenanceLines(live).flatMap((line) => wrap(forTerminal(line), '  ', '    ', width)),
    ].join('\n'),
    rows(
      LIVE_COLUMNS,
      processes.slice(0, MOST_ROWS).map(liveRow),
      new Set([0, 2, 3, 6, 7, 8]),
      processes.length,
    ),
    ...processes.slice(0, DETAILED).map((process) => detail(process, width)),
    sideBySide.length === 0 ? '' : comparison(sideBySide, width),
    liveCoverageLines(live)
      .flatMap((line) => wrap(forTerminal(tell(line)), '', '  ', width))
      .join('\n'),
  ];

  function rows(
    head: readonly string[],
    cells: readonly (readonly string[])[],
    right: ReadonlySet<number>,
    all: number,
  ): string {
    if (cells.length === 0) return '';
    const titles = head.map((title) => title.toUpperCase());
    const shown = cells.map((row) => row.map((cell) => forTerminal(cell)));
    const more = all - cells.length;
    return [
      ...table(titles, shown, width, right),
      ...(more > 0 ? [`… and ${more} more (see the JSON report)`] : []),
    ].join('\n');
  }
}

/** A line of the table, and under it what makes both the same and what differs: too long for a column. */
function comparison(all: LivePart['sideBySide'], width: number): string {
  const shown = all
    .slice(0, MOST_ROWS)
    .map((row) => comparedRow(row).map((cell) => forTerminal(cell)));
  const columns = COMPARED_COLUMNS.slice(0, -2).map((title) => title.toUpperCase());
  const [head = '', ...lines] = table(
    columns,
    shown.map((row) => row.slice(0, columns.length)),
    width,
    new Set([0, 3, 5]),
  );
  const more = all.length - shown.length;
  return [
    'Image and live, side by side',
    head,
    ...lines.flatMap((line, index) => [
      line,
      ...wrap((shown[index] ?? []).slice(columns.length).join(': '), '     ', '       ', width),
    ]),
    ...(more > 0 ? [`… and ${more} more (see the JSON report)`] : []),
  ].join('\n');
}

function detail(process: LiveProcess, width: number): string {
  return [
    `${process.rank}. ${forTerminal(process.name)} (PID ${process.pid}), live: ${process.verdict}, ${process.score}/100`,
    ...liveFacts(process).flatMap(([name, value]) =>
      wrap(forTerminal(value), `   ${name.padEnd(9)} `, '             ', width),
    ),
    ...process.reasons.flatMap((reason) => wrap(forTerminal(reason), '   + ', '     ', width)),
    ...(process.context ? [`     ${forTerminal(process.context).slice(0, width - 5)}`] : []),
  ].join('\n');
}
