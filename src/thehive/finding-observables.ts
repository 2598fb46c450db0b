import { defang, forMarkdown, forMarkdownCode, forTerminal } from '../report/text-safety.ts';
import type { Report, ReportProcess } from '../report/report.ts';
import type { NewObservable } from './observables.ts';
import { MADE_BY_US, ownTag } from './own-tags.ts';
import {
  DEFAULT_OBSERVABLES,
  DEFAULT_PROCESS_TYPE,
  hostOf,
  type PostingContext,
} from './posting.ts';

/** Verdicts of processes that a case should know; carriers (the resolver, the journal) stand in the report only. */
const INVOLVED = new Set(['responsible', 'likely', 'possible']);
const GUILTY = new Set(['responsible', 'likely']);
const MOST_PIVOTS = 10;
/** A path of a program; longer ones are nobody's. */
const LONGEST_DATA = 1024;
/** Later responders get it as input, and Cortex takes 100 kB in all. */
const LONGEST_MESSAGE = 4000;
const MOST_REASONS = 8;

/**
 * What the report adds to the case: processes, then the files of the likeliest, the machine, and names and addresses beside
 * the indicator. Each piece of data is a function of image and finding, so that the same finding is the same observable.
 */
export function findingObservables(
  report: Report,
  context: PostingContext,
): { readonly wanted: readonly NewObservable[]; readonly leftOut: number } {
  const all = unique([
    ...report.processes
      .filter(isInvolved)
      .map((process) => processObservable(process, report, context)),
    ...report.processes
      .filter(isGuilty)
      .flatMap((process) => programFile(process, report, context)),
    ...machine(report, context),
    ...imageHash(context),
    ...pivots(report, context),
  ]);
  const most = context.limits?.observables ?? DEFAULT_OBSERVABLES;
  return { wanted: all.slice(0, most), leftOut: Math.max(0, all.length - most) };
}

const isInvolved = ({ verdict }: ReportProcess): boolean => INVOLVED.has(verdict);
const isGuilty = ({ verdict }: ReportProcess): boolean => GUILTY.has(verdict);

/** Indicators of which a process holds bytes, or with which it has a connection. */
export const indicatorsOf = (process: ReportProcess, { indicators }: Report): string[] =>
  indicators
    .map(({ text }) => text)
    .filter(
      (text) =>
        (process.hits.byIndicator[text] ?? 0) > 0 ||
        process.sockets.some(({ remote }) => remote?.address === text),
    );

/** "beacond (299) @ web-1, started 2026-11-22T09:58:01Z": the same in every run over this image. */
export function processText(process: ReportProcess, host: string): string {
  const started = process.startTime ? `, started ${process.startTime.replace(/\.\d+Z$/, 'Z')}` : '';
  return `${oneLine(process.name, 64) || '?'} (${process.pid}) @ ${oneLine(host, 64)}${started}`;
}

function processObservable(
  process: ReportProcess,
  report: Report,
  context: PostingContext,
): NewObservable {
  const host = hostOf(report, context);
  const indicators = indicatorsOf(process, report);
  return {
    dataType: context.limits?.processType ?? DEFAULT_PROCESS_TYPE,
    data: processText(process, host),
    message: whyOf(process, indicators, host, context),
    tlp: tlpOf(indicators, context),
    tags: [
      MADE_BY_US,
      ownTag('pid', String(process.pid), host),
      ...indicators.slice(0, 5).map((indicator) => ownTag('verdict', process.verdict, indicator)),
    ],
  };
}

function whyOf(
  process: ReportProcess,
  indicators: readonly string[],
  host: string,
  { image }: PostingContext,
): string {
  const named = indicators.slice(0, 5).map((text) => forMarkdownCode(defang(text)));
  const lines = [
    `${process.verdict} (${process.score} of 100) for ${named.join(', ') || 'the indicator'} in the memory of ${forMarkdownCode(oneLine(host, 64))} (${forMarkdownCode(oneLine(image.name, 128))})`,
    '',
    ...(process.path ? [`- path ${forMarkdownCode(oneLine(process.path, 512))}`] : []),
    ...(process.user ? [`- user ${forMarkdownCode(oneLine(process.user, 64))}`] : []),
    ...process.reasons.slice(0, MOST_REASONS).map((reason) => `- for: ${forMarkdown(reason)}`),
    ...process.counterReasons
      .slice(0, MOST_REASONS)
      .map((reason) => `- against: ${forMarkdown(reason)}`),
  ];
  return upTo(LONGEST_MESSAGE, lines);
}

function programFile(
  process: ReportProcess,
  report: Report,
  context: PostingContext,
): NewObservable[] {
  const path = process.path?.trim() ?? '';
  if (path === '' || path.length > LONGEST_DATA) return [];
  const about = `program of ${forMarkdownCode(processText(process, hostOf(report, context)))}`;
  return [extra('filename', path, about, tlpOf(indicatorsOf(process, report), context))];
}

function machine(report: Report, context: PostingContext): NewObservable[] {
  const name = report.system?.hostName?.trim() ?? '';
  if (name === '' || name.length > 253 || report.processes.length === 0) return [];
  const about = `machine of the memory image ${forMarkdownCode(oneLine(context.image.name, 128))}`;
  return [extra('hostname', name, about, context.case.tlp)];
}

function imageHash({ image, case: { tlp } }: PostingContext): NewObservable[] {
  if (image.isInCase || !image.sha256) return [];
  const about = `SHA-256 of the memory image ${forMarkdownCode(oneLine(image.name, 128))}`;
  return [extra('hash', image.sha256, about, tlp)];
}

const PIVOT_TYPES = { domain: 'domain', ipv4: 'ip', ipv6: 'ip', url: 'url' } as const;

function pivots(report: Report, context: PostingContext): NewObservable[] {
  return report.pivots
    .filter(({ text }) => text.length <= LONGEST_DATA && text !== report.proxy?.address)
    .slice(0, MOST_PIVOTS)
    .map(({ kind, text, source, hits }) =>
      extra(
        PIVOT_TYPES[kind],
        text,
        `stands beside the indicator in memory (${forMarkdown(source)}, ${hits} times): worth a look, not a finding`,
        context.case.tlp,
      ),
    );
}

const extra = (dataType: string, data: string, message: string, tlp: number): NewObservable => ({
  dataType,
  data: oneLine(data, LONGEST_DATA),
  message: message.slice(0, LONGEST_MESSAGE),
  tlp,
  tags: [MADE_BY_US],
});

/** The strictest of the observables that asked; 3 is RED in one version and below it in the other, but always stricter than 2. */
function tlpOf(indicators: readonly string[], context: PostingContext): number {
  const asked = context.sources
    .filter(({ indicator }) => indicators.includes(indicator))
    .map(({ observable }) => observable.tlp);
  return asked.length > 0 ? Math.max(...asked) : context.case.tlp;
}

/** One line of visible characters: TheHive cuts data at line ends, and the text is the attacker's. */
export const oneLine = (text: string, longest: number): string =>
  forTerminal(text.trim(), longest).replace(/\s+/g, ' ').slice(0, longest).trim();

/** Whole lines, so that no code span stays open. */
function upTo(longest: number, lines: readonly string[]): string {
  const kept: string[] = [];
  let length = 0;
  for (const line of lines) {
    length += line.length + 1;
    if (length > longest) break;
    kept.push(line);
  }
  return kept.join('\n');
}

const unique = (observables: readonly NewObservable[]): NewObservable[] =>
  [
    ...new Map(
      observables
        .filter(({ data }) => data !== '')
        .map((observable) => [`${observable.dataType}\n${observable.data}`, observable] as const)
        .toReversed(),
    ).values(),
  ].toReversed();
