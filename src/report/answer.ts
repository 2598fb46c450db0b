import { overallVerdict } from '../attribute/verdict.ts';
import { TIE_MARGIN } from '../attribute/weights.ts';
import { startedAfter } from './alert.ts';
import { byteCount } from './byte-count.ts';
import { type Findings, isReal } from './findings.ts';
import { gapsOf } from './gaps.ts';
import { places, withArticle } from './reasons.ts';
import type { Report, ReportProcess } from './report.ts';
import { runnerUpOf } from './runner-up.ts';

type Answer = Report['answer'] & Pick<Report, 'outcome'>;

/** The answer in three sentences: which process, why, and the biggest doubt. */
export function answerOf(findings: Findings, processes: readonly ReportProcess[]): Answer {
  const hits = findings.located.occurrences.filter(isReal).length;
  const verdict = overallVerdict(processes, hits);
  const told: Told = { findings, processes, hits, gaps: gapsOf(findings) };
  const [first, second] = processes;
  return {
    verdict,
    ...SENTENCES[verdict](told),
    runnerUp: runnerUpOf(processes),
    isTie: isTie(first, second),
    hostsToTry:
      verdict === 'responsible' || verdict === 'likely'
        ? []
        : findings.pivotHosts.slice(0, MOST_HOSTS),
    outcome: outcomeOf(verdict, told.gaps.length > 0),
  };
}

const MOST_HOSTS = 20;
/** Processes that a sentence names. */
const MOST_NAMED = 4;

interface Told {
  readonly findings: Findings;
  readonly processes: readonly ReportProcess[];
  readonly hits: number;
  readonly gaps: readonly string[];
}

type Sentences = Pick<Answer, 'headline' | 'why' | 'doubt'>;

const SENTENCES: Readonly<Record<Answer['verdict'], (told: Told) => Sentences>> = {
  responsible: talking,
  likely: talking,
  possible: holding,
  'carrier-only': carrying,
  'no-owner': ownerless,
  'not-found': notFound,
};

function outcomeOf(verdict: Answer['verdict'], hasGaps: boolean): Answer['outcome'] {
  // What could not be read cannot take a behaviour away; it could add an owner or a hit.
  if (hasGaps && verdict !== 'responsible' && verdict !== 'likely') return 'partial';
  return verdict === 'not-found' ? 'not-found' : 'found';
}

/** Processes with behaviour: those with the best words stand in the headline. */
function talking({ findings, processes, gaps }: Told): Sentences {
  const talkers = processes.filter(
    ({ verdict }) => verdict === 'responsible' || verdict === 'likely',
  );
  const [first, ...others] = talkers;
  if (!first) throw new Error('a verdict of behaviour without a process that behaves');
  const rest = processes.length - talkers.length;
  return {
    headline: `${label(first)} is ${first.verdict === 'likely' ? 'likely ' : ''}responsible for ${names(findings)} (${first.score}/100)${also(others)}.`,
    why: `It ${first.reasons.slice(0, 2).join('; it ')}.${rest > 0 ? ` ${several(rest, 'more process holds', 'more processes hold')} it without having been seen to talk.` : ''}`,
    doubt: gaps[0] ?? doubtOf(first, findings),
  };
}

function doubtOf(first: ReportProcess, { alert, attributions, engine }: Findings): string | null {
  const process = engine.processes[attributions[0]?.process ?? -1];
  const [late] = process ? startedAfter(alert, process) : [];
  if (late !== undefined) return `It ${late}.`;
  if (first.carrier) {
    return `It is ${withArticle(first.carrier.kind)}: ${first.carrier.reason}.`;
  }
  if (first.hits.sent === 0 && !first.connectedToIndicator) {
    return 'That it sent the indicator itself is not proven: a process that only knows it and uses the proxy for something else looks alike. Read its evidence.';
  }
  return null;
}

/** "; so is b (PID 2); c (PID 3) is likely (50/100)". */
function also(others: readonly ReportProcess[]): string {
  const same = others.filter(({ verdict }) => verdict === 'responsible');
  const likely = others.filter(({ verdict }) => verdict === 'likely');
  return [
    ...(same.length > 0 ? [`so ${same.length === 1 ? 'is' : 'are'} ${list(same)}`] : []),
    ...(likely.length > 0
      ? [`${list(likely)} ${likely.length === 1 ? 'is' : 'are'} likely too`]
      : []),
  ]
    .map((part) => `; ${part}`)
    .join('');
}

/** Processes that hold it, none of which was seen to talk to it. */
function holding({ findings, processes, hits, gaps }: Told): Sentences {
  const { proxy } = findings;
  const [first] = processes;
  const connected = processes.filter((one) => one.connectedToProxy && one.hits.total > 0);
  const connection =
    connected.length > 0
      ? `${list(connected)} ${connected.length === 1 ? 'was' : 'were'} connected to the proxy, but asked it for other hosts or ${connected.length === 1 ? 'has' : 'have'} another reason to hold it`
      : `none of them was connected to ${proxy ? `the proxy ${proxy.address}:${proxy.port}` : 'a known proxy'} or to it`;
  return {
    headline: `${names(findings)} stands in memory in ${places(hits)}, but nothing shows that a process talked to it${first ? `; look at ${label(first)} first (${first.score}/100)` : ''}.`,
    why: `${several(processes.length, 'process holds', 'processes hold')} it; ${connection}, and none sent it as far as the kernel still knows.`,
    doubt:
      gaps[0] ??
      (proxy === null
        ? 'No proxy is known: give it with --proxy, so that a connection to it can tell talkers from readers.'
        : 'The connection may have been closed before the image was taken.'),
  };
}

/** Whoever holds it has a trade that explains it. */
function carrying({ findings, processes, gaps }: Told): Sentences {
  const trades = [...new Set(processes.flatMap(({ carrier }) => carrier?.reason ?? []))];
  return {
    headline: `Only processes that hold other people's addresses hold ${names(findings)}: ${list(processes)}.`,
    why:
      trades.length > 0
        ? `Their trade explains it: ${trades.slice(0, 3).join('; ')}.`
        : 'It stands in lists of many addresses, or as bare bytes that stand in memory by chance too.',
    doubt: gaps[0] ?? 'Whoever talked to it may have ended before the image was taken.',
  };
}

/** Hits in frames that belong to nobody. */
function ownerless({ findings, hits, gaps }: Told): Sentences {
  const states = new Map<string, number>();
  for (const { pageState, flags } of findings.located.occurrences) {
    if (flags.includes('phantom')) continue;
    states.set(pageState.kind, (states.get(pageState.kind) ?? 0) + 1);
  }
  const told = [...states]
    .toSorted(([, one], [, other]) => other - one)
    .map(([kind, count]) => `${kind} ${count}`)
    .join(', ');
  return {
    headline: `${names(findings)} stands in memory in ${places(hits)}, but no process maps any of them.`,
    why:
      findings.system === null
        ? 'Nothing tells what their pages are used for.'
        : `By the kernel's books the pages are: ${told}.`,
    doubt:
      gaps[0] ??
      'A process that has ended leaves its text behind in free memory, without its name: look for other traces of it (program start events, the proxy log).',
  };
}

function notFound({ findings, gaps }: Told): Sentences {
  const { indicators, searched, engine } = findings;
  const isName = indicators.every(({ kind }) => kind === 'domain' || kind === 'url');
  const forms = isName
    ? 'text in ASCII and UTF-16, URLs, requests, TLS and DNS names'
    : 'text in ASCII and UTF-16, URLs in every spelling, requests, socket addresses, DNS answers and the bare bytes';
  const living = engine.processes.filter(({ state }) => state === 'alive').length;
  return {
    headline: `No trace of ${names(findings)} in ${byteCount(searched.bytes)} of memory.`,
    why: `Searched: ${forms}, in all memory of the image (${several(living, 'process', 'processes')}). Not searched: what was swapped out, compressed or encrypted.`,
    doubt:
      gaps[0] ??
      (isName
        ? 'The process may keep the name encrypted, may have ended, or may use another name or the bare address.'
        : 'This does not clear the machine: where a proxy resolves names, a client may never hold the IP. Search again for the host names that the proxy log shows for it.'),
  };
}

const isTie = (first: ReportProcess | undefined, second: ReportProcess | undefined): boolean =>
  first !== undefined && second !== undefined && first.score - second.score < TIE_MARGIN;

const label = ({ name, pid }: ReportProcess): string => `${name} (PID ${pid})`;

function list(processes: readonly ReportProcess[]): string {
  const named = processes.slice(0, MOST_NAMED).map(label);
  const more = processes.length - named.length;
  if (more > 0) named.push(`${more} more`);
  return [named.slice(0, -1).join(', '), ...named.slice(-1)].filter(Boolean).join(' and ');
}

/** What was asked for: pivots that were followed are told apart. */
function names({ indicators, followed }: Findings): string {
  const given = indicators.filter(({ text }) => !followed.has(text));
  const told = given.length === 1 ? (given[0]?.text ?? '') : `${given.length} indicators`;
  return followed.size === 0
    ? told
    : `${told} and ${several(followed.size, 'pivot', 'pivots')} from it`;
}

const several = (count: number, one: string, many: string): string =>
  `${count} ${count === 1 ? one : many}`;
