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
import { forMarkdown, forMarkdownCode } from './text-safety.ts';

const DETAILED = 5;
const MOST_ROWS = 25;

/**
 * The live answer as parts of a Markdown page; what is empty is left out.
 *
 * @param tell how hosts are told in a sentence
 */
export function liveMarkdown(live: LivePart, tell: (sentence: string) => string): string[] {
  const { processes, sideBySide } = live;
  return [
    ['## Live machine', '', ...provenanceLines(live).map((line) => `- ${forMarkdown(line)}`)].join(
      '\n',
    ),
    section(LIVE_COLUMNS, processes.slice(0, MOST_ROWS).map(liveRow)),
    ...processes.slice(0, DETAILED).map(detail),
    sideBySide.length === 0
      ? ''
      : `## Image and live, side by side\n\n${section(COMPARED_COLUMNS, sideBySide.slice(0, MOST_ROWS).map(comparedRow))}`,
    live.coverage === null
      ? ''
      : [
          '### Live coverage',
          '',
          ...liveCoverageLines(live).map((line) => `- ${forMarkdown(tell(line))}`),
        ].join('\n'),
  ];
}

function section(head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '';
  return [head, head.map(() => '---'), ...rows.map((row) => row.map(forMarkdown))]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
}

function detail(process: LiveProcess): string {
  return [
    `### Live ${process.rank}\\. ${forMarkdown(process.name)} (PID ${process.pid})`,
    '',
    ...liveFacts(process).map(([name, value]) => `- ${name} ${forMarkdownCode(value)}`),
    ...process.reasons.map((reason) => `- ${forMarkdown(reason)}`),
    ...(process.context ? [`- text ${forMarkdownCode(process.context)}`] : []),
  ].join('\n');
}
