import { CAP_WITHOUT_BEHAVIOUR, POINTS, THRESHOLDS, TIE_MARGIN } from '../attribute/weights.ts';
import { AGREEMENT_WORDS } from './agreements.ts';
import type { Report, ReportHit, ReportProcess } from './report.ts';
import { forTerminal } from './text-safety.ts';
import { wrap } from './wrap.ts';

const WIDTH = 100;
/** Hits behind one contribution that are told. */
const MOST_HITS = 20;

/** How the score of a process came about, contribution by contribution with the hits behind it; for a terminal. */
export function explain(report: Report, pid: number): string {
  const explained = report.processes.filter((process) => process.pid === pid);
  const lines =
    explained.length > 0
      ? explained.flatMap((process) => explainOne(report, process))
      : whyNotListed(report, pid);
  return `${lines.flatMap((line) => (line === '' ? [''] : folded(line))).join('\n')}\n`;
}

function explainOne(report: Report, process: ReportProcess): string[] {
  const sum = process.evidence.reduce((total, { points }) => total + points, 0);
  return [
    `${process.name} (PID ${process.pid}): ${process.verdict}, ${process.score} of 100, rank ${process.rank} of ${report.processes.length}`,
    ...process.evidence.flatMap((one) => [
      '',
      `${points(one.points)}  ${one.kind}${one.hits > 0 ? ` (${one.hits} ${one.hits === 1 ? 'hit' : 'hits'})` : ''}, at most ${mostOf(one.kind)}`,
      `        ${one.reason}`,
      ...(one.discount === null ? [] : [`        taken away: ${one.discount}`]),
      ...hitLines(report, process, one.kind),
    ]),
    '',
    `${points(sum)}  sum${process.score < Math.round(sum) ? `, bounded to ${process.score}: ${boundOf(sum)}` : ''}`,
    wordRule(process),
    ...process.counterReasons.map((reason) => `Against it: ${reason}`),
  ];
}

const boundOf = (sum: number): string =>
  sum > 100
    ? 'no score is above 100'
    : `without behaviour (sending, a connection) no score is above ${CAP_WITHOUT_BEHAVIOUR}`;

const wordRule = ({ verdict, score }: ReportProcess): string =>
  `${verdict}: ${RULES[verdict](score)}`;

const { responsible: RESPONSIBLE, likely: LIKELY } = THRESHOLDS;
const RULES: Readonly<Record<ReportProcess['verdict'], (score: number) => string>> = {
  responsible: (score) =>
    `${score} is ${RESPONSIBLE} or more, from two kinds of evidence, one of them behaviour`,
  likely: (score) =>
    `${score} is ${LIKELY} or more and below ${RESPONSIBLE}, from two kinds of evidence, one of them behaviour`,
  possible: () =>
    `below ${LIKELY}, or only one kind of evidence, or none of behaviour (scores within ${TIE_MARGIN} are a tie)`,
  'carrier-only': () =>
    'all that it holds is explained by its trade, by lists that it reads, or by chance',
};

function hitLines(report: Report, { pid }: ReportProcess, kind: string): string[] {
  const hits = report.hits.filter((hit) => isBehind(kind, hit, pid));
  const lines = hits.slice(0, MOST_HITS).map((hit) => {
    const owner = hit.owners.find((one) => one.pid === pid);
    const place = owner
      ? `${owner.virtualAddress} ${owner.region.name ?? owner.region.kind} ${owner.region.protection ?? ''}, physical ${hit.physicalAddress}`
      : `physical ${hit.physicalAddress}, kernel memory`;
    // What the process' own mapping is, is told by its agreement.
    const others = hit.flags.filter((flag) => flag !== 'contradicted');
    const flags = others.length > 0 ? `, ${others.join(' ')}` : '';
    const said = owner ? AGREEMENT_WORDS[owner.agreement] : null;
    return `        - ${hit.form} ${hit.encoding} at ${place}, page ${hit.pageState}${said === null ? '' : `, ${said}`}${flags}`;
  });
  const more = hits.length - lines.length;
  return more > 0 ? [...lines, `        … and ${more} more (see the JSON report)`] : lines;
}

const REQUESTS = new Set(['connect-request', 'absolute-uri-request', 'host-header', 'tls-sni']);
const OWN = new Set(['heap', 'stack', 'anonymous']);

/** Is the hit among those that a contribution of this kind counted? */
function isBehind(kind: string, hit: ReportHit, pid: number): boolean {
  const owner = hit.owners.find((one) => one.pid === pid);
  switch (kind) {
    case 'sent-bytes':
    case 'sent-earlier':
      return hit.sentBy.some((one) => one.pid === pid);
    case 'request-text':
      return owner !== undefined && REQUESTS.has(hit.form) && OWN.has(owner.region.kind);
    case 'private-code':
      return owner?.region.protection?.includes('x') === true && OWN.has(owner.region.kind);
    case 'holding':
      return owner !== undefined;
    default:
      return false;
  }
}

/** A process that is not in the answer: there is none, nothing ties it to the indicator, or it could not be read. */
function whyNotListed(
  { otherProcesses, proxy, indicators, coverage }: Report,
  pid: number,
): string[] {
  const process = otherProcesses.find((one) => one.pid === pid);
  const names = indicators.map(({ text }) => text).join(', ');
  if (!process) {
    return [
      `No process with PID ${pid} stands in this image (${coverage.processes} processes, ${coverage.kernelThreads} kernel threads were found). It may have ended before the image was taken.`,
    ];
  }
  const { name, missingTables, connectedToProxy, kernelThread, exited } = process;
  return [
    `${name} (PID ${pid}) is not listed: no page that it maps holds ${names}, it has no connection to it, and the kernel keeps no bytes of it that it sent there.`,
    ...(kernelThread
      ? ['It is a kernel thread: it has no memory of its own in which anything could stand.']
      : []),
    ...(exited ? ['It had ended when the image was taken: its memory had been given back.'] : []),
    ...(missingTables > 0
      ? [
          `${missingTables} of its page-table pages are not in the image: what only they map could not be searched for it.`,
        ]
      : []),
    connectedToProxy
      ? 'It is connected to the proxy, as others are: a connection alone says nothing about this indicator.'
      : `It has no connection to ${proxy ? `the proxy ${proxy.address}:${proxy.port}` : 'a known proxy'}.`,
  ];
}

const mostOf = (kind: string): number =>
  Object.entries(POINTS).find(([name]) => name === kind)?.[1].points ?? 0;

const points = (count: number): string => count.toFixed(1).padStart(6);

function folded(line: string): string[] {
  const indent = /^ */.exec(line)?.[0] ?? '';
  return wrap(forTerminal(line.trimStart()), indent, `${indent}  `, WIDTH);
}
