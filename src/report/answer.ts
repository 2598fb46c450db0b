import { overallVerdict } from '../attribute/verdict.ts';
import { TIE_MARGIN } from '../attribute/weights.ts';
import { incompleteProcesses } from './coverage.ts';
import { type Findings, isReal } from './findings.ts';
import { places } from './reasons.ts';
import type { Report, ReportProcess } from './report.ts';

type Answer = Report['answer'] & Pick<Report, 'outcome'>;

/** The answer in three sentences: which process, why, and the biggest doubt. */
export function answerOf(findings: Findings, processes: readonly ReportProcess[]): Answer {
  const hits = findings.located.occurrences.filter(isReal).length;
  const verdict = overallVerdict(processes, hits);
  const gaps = gapsOf(findings);
  const [first, second] = processes;
  const runnerUp = second
    ? {
        pid: second.pid,
        name: second.name,
        score: second.score,
        margin: (first?.score ?? 0) - second.score,
      }
    : null;
  const told = { verdict, runnerUp, isTie: isTie(first, second) };
  const outcome = outcomeOf(verdict, gaps.length > 0);
  switch (verdict) {
    case 'responsible':
    case 'likely':
      return { ...told, outcome, ...named(findings, processes, gaps) };
    case 'possible':
    case 'carrier-only':
      return { ...told, outcome, ...unproven(findings, processes, hits, gaps) };
    case 'no-owner':
      return {
        ...told,
        outcome,
        headline: `${names(findings)} stands in memory in ${places(hits)}, but no process maps any of them.`,
        why: 'The hits lie in free or kernel memory or in the file cache.',
        doubt: gaps[0] ?? 'The process may have ended: what it left behind names no owner.',
      };
    case 'not-found':
      return { ...told, outcome, ...notFound(findings, gaps) };
  }
}

function outcomeOf(verdict: Answer['verdict'], hasGaps: boolean): Answer['outcome'] {
  // What could not be read cannot take a behaviour away; it could add an owner or a hit.
  if (hasGaps && verdict !== 'responsible' && verdict !== 'likely') return 'partial';
  return verdict === 'not-found' ? 'not-found' : 'found';
}

type Sentences = Pick<Answer, 'headline' | 'why' | 'doubt'>;

/** Processes with behaviour: those with the best word stand in the headline. */
function named(
  findings: Findings,
  processes: readonly ReportProcess[],
  gaps: readonly string[],
): Sentences {
  const talkers = processes.filter(
    ({ verdict }) => verdict === 'responsible' || verdict === 'likely',
  );
  const [first, ...others] = talkers;
  const also = others.map((process) => `${label(process)} ${process.verdict}`).join(', ');
  const rest = processes.length - talkers.length;
  return {
    headline: first
      ? `${label(first)} is ${first.verdict} for ${names(findings)} (${first.score}/100)${also === '' ? '' : `; ${also}`}.`
      : '',
    why: `${capital(first?.reasons[0] ?? '')}.${rest > 0 ? ` ${rest} more ${rest === 1 ? 'process holds' : 'processes hold'} it without talking.` : ''}`,
    doubt:
      gaps[0] ??
      (first && first.hits.sent === 0 && !first.connectedToIndicator
        ? 'A process that only knows the address and uses the same proxy for something else looks alike: read its evidence.'
        : null),
  };
}

/** Processes that hold it, none of which was seen to talk. */
function unproven(
  findings: Findings,
  processes: readonly ReportProcess[],
  hits: number,
  gaps: readonly string[],
): Sentences {
  const [first] = processes;
  return {
    headline: `${names(findings)} stands in memory in ${places(hits)}, but no process was seen to talk to it${first ? `; first is ${label(first)} (${first.score}/100, ${first.verdict})` : ''}.`,
    why: `${processes.length} ${processes.length === 1 ? 'process holds' : 'processes hold'} it; none had a connection to ${findings.proxy ? 'the proxy' : 'a known proxy'} or to it, and none sent it as far as the kernel still knows.`,
    doubt:
      gaps[0] ??
      (findings.proxy === null
        ? 'No proxy is known: give it with --proxy, so that a connection to it can tell talkers from readers.'
        : 'The connection may have been closed before the image was taken.'),
  };
}

function notFound(
  { indicators, searched, pivotHosts }: Findings,
  gaps: readonly string[],
): Sentences {
  const isName = indicators.every(({ kind }) => kind === 'domain' || kind === 'url');
  const hosts =
    pivotHosts.length > 0
      ? ` Hosts that processes asked the proxy for: ${pivotHosts.slice(0, 5).join(', ')}.`
      : '';
  return {
    headline: `No trace of ${names({ indicators })} in ${searched.bytes} bytes of memory.`,
    why: isName
      ? 'Neither text in ASCII or UTF-16, nor URL forms, nor DNS names hold it.'
      : 'Neither text in ASCII or UTF-16, nor URL forms, socket addresses or the bare bytes hold it.',
    doubt:
      gaps[0] ??
      (isName
        ? 'The process may keep the name encrypted, or its memory may be swapped out.'
        : `Behind a proxy that resolves names a client may never hold the IP: search for the host names that the proxy log shows for it.${hosts}`),
  };
}

/** What could not be read and might change the answer. */
function gapsOf(findings: Findings): string[] {
  const gaps: string[] = [];
  const { searched } = findings;
  if (!findings.system) {
    gaps.push('No operating system could be read from the image, so no hit has an owner.');
  }
  if (searched.unreadableBytes > 0) {
    gaps.push(
      `The image is damaged or cut off: ${searched.unreadableBytes} bytes could not be read.`,
    );
  }
  if (searched.hitsNotKept.some((lost) => lost > 0)) {
    gaps.push('There were more hits than a report keeps: the rest was counted, not attributed.');
  }
  const incomplete = incompleteProcesses(findings);
  if (incomplete.length > 0) {
    gaps.push(
      `The page tables of ${incomplete.length} processes are partly missing in the image: what only they map has no owner.`,
    );
  }
  return gaps;
}

const isTie = (first: ReportProcess | undefined, second: ReportProcess | undefined): boolean =>
  first !== undefined && second !== undefined && first.score - second.score < TIE_MARGIN;

const label = ({ name, pid }: ReportProcess): string => `${name} (PID ${pid})`;

const names = ({ indicators }: Pick<Findings, 'indicators'>): string =>
  indicators.length === 1 ? (indicators[0]?.text ?? '') : `${indicators.length} indicators`;

const capital = (sentence: string): string => `It ${sentence}`;
