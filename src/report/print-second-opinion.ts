import { differenceGroups, opinionLines, titleOf } from './second-opinion-lines.ts';
import type { SecondOpinionPart } from './second-opinion-part.ts';
import { forMarkdown, forTerminal } from './text-safety.ts';
import { wrap } from './wrap.ts';

/** Groups of differences that are told; the JSON report has them all. */
const MOST_TOLD = 20;

/**
 * For a terminal.
 *
 * @param tell how hosts are told in a sentence
 */
export function secondOpinionText(
  part: SecondOpinionPart,
  width: number,
  tell: (sentence: string) => string,
): string {
  const groups = differenceGroups(part);
  const lines = (text: string, first: string, rest: string): string[] =>
    wrap(forTerminal(tell(text)), first, rest, width);
  return [
    ...lines(`Second opinion: ${titleOf(part)}`, '', '  '),
    ...opinionLines(part).flatMap((line) => lines(line, '  ', '    ')),
    ...groups
      .slice(0, MOST_TOLD)
      .flatMap(({ who, what, reasons }) => [
        ...lines(`${who}: ${what}`, '  ', '    '),
        ...reasons.flatMap(([engine, reason]) => lines(`${engine}: ${reason}`, '    ', '      ')),
      ]),
    ...(groups.length > MOST_TOLD ? [`  ${more(groups.length - MOST_TOLD)}`] : []),
  ].join('\n');
}

/** For a case page. */
export function secondOpinionMarkdown(
  part: SecondOpinionPart,
  tell: (sentence: string) => string,
): string {
  const groups = differenceGroups(part);
  const line = (text: string): string => forMarkdown(tell(text));
  return [
    `## Second opinion: ${line(titleOf(part))}`,
    '',
    ...opinionLines(part).map((one) => `- ${line(one)}`),
    ...groups
      .slice(0, MOST_TOLD)
      .flatMap(({ who, what, reasons }) => [
        `- ${line(`${who}: ${what}`)}`,
        ...reasons.map(([engine, reason]) => `  - ${line(`${engine}: ${reason}`)}`),
      ]),
    ...(groups.length > MOST_TOLD ? [`- ${more(groups.length - MOST_TOLD)}`] : []),
  ].join('\n');
}

const more = (count: number): string => `… and ${count} more (see the JSON report)`;
