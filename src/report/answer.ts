import { incompleteProcesses } from './coverage.ts';
import { type Findings, isReal } from './findings.ts';
import { places } from './reasons.ts';
import type { Report, ReportProcess } from './report.ts';

type Answer = Report['answer'] & Pick<Report, 'outcome'>;

/** The answer in three sentences: which process, why, and the biggest doubt. */
export function answerOf(findings: Findings, processes: readonly ReportProcess[]): Answer {
  const hits = findings.located.occurrences.filter(isReal).length;
  const gaps = gapsOf(findings);
  if (hits === 0 && processes.length === 0) return notFound(findings, gaps);

  const suspects = processes.filter(isSuspect);
  const connected = suspects.filter((one) => one.connectedToProxy || one.connectedToIndicator);
  const named = connected.length > 0 ? connected : suspects;
  const outcome = gaps.length > 0 && connected.length === 0 ? 'partial' : 'found';
  const [first] = named;
  if (!first) {
    return {
      outcome: gaps.length > 0 ? 'partial' : 'found',
      headline: `${names(findings)} stands in memory in ${places(hits)}, but in no process' own text.`,
      why: 'The hits lie in free or kernel memory, in the file cache, or are bare address bytes.',
      doubt: gaps[0] ?? 'The process may have ended: what it left behind names no owner.',
    };
  }
  const others = named.slice(1).map(label).join(', ');
  const peer = first.connectedToIndicator ? 'that address' : 'the proxy';
  const is = others === '' ? 'It is' : 'They are';
  return {
    outcome,
    headline:
      others === ''
        ? `${label(first)} holds ${names(findings)} in ${places(first.hits.total)}.`
        : `${label(first)} holds ${names(findings)} in ${places(first.hits.total)}; so do ${others}.`,
    why:
      connected.length > 0
        ? `${is} also connected to ${peer}; ${processes.length - connected.length} other processes hold it without that.`
        : 'No process that holds it had a connection to a proxy or to it when the image was taken.',
    doubt: gaps[0] ?? doubt(findings, connected.length),
  };
}

const isSuspect = (process: ReportProcess): boolean =>
  process.connectedToIndicator ||
  Object.keys(process.hits.byForm).some((form) => !form.endsWith('-bytes'));

function notFound({ indicators, searched }: Findings, gaps: readonly string[]): Answer {
  const isName = indicators.every(({ kind }) => kind === 'domain' || kind === 'url');
  return {
    outcome: gaps.length > 0 ? 'partial' : 'not-found',
    headline: `No trace of ${indicators.map(({ text }) => text).join(', ')} in ${searched.bytes} bytes of memory.`,
    why: isName
      ? 'Neither text in ASCII or UTF-16, nor URL forms, nor DNS names hold it.'
      : 'Neither text in ASCII or UTF-16, nor URL forms, socket addresses or the bare bytes hold it.',
    doubt:
      gaps[0] ??
      (isName
        ? 'The process may keep the name encrypted, or its memory may be swapped out.'
        : 'Behind a proxy that resolves names a client may never hold the IP: ask for the host names that the proxy log shows for it.'),
  };
}

/** What could not be read and might change the answer. */
function gapsOf(findings: Findings): string[] {
  const gaps: string[] = [];
  if (!findings.system) {
    gaps.push('No operating system could be read from the image, so no hit has an owner.');
  }
  if (findings.searched.unreadableBytes > 0) {
    gaps.push(
      `The image is damaged or cut off: ${findings.searched.unreadableBytes} bytes could not be read.`,
    );
  }
  const incomplete = incompleteProcesses(findings);
  if (incomplete.length > 0) {
    gaps.push(
      `The page tables of ${incomplete.length} processes are partly missing in the image: what only they map has no owner.`,
    );
  }
  return gaps;
}

const doubt = ({ proxy }: Findings, connected: number): string =>
  connected > 0
    ? 'A process that only knows the address and uses the same proxy for something else looks alike: read its contexts.'
    : proxy === null
      ? 'No proxy is known: give it with --proxy, so that a connection to it can tell talkers from readers.'
      : 'Its connection may have been closed before the image was taken.';

const label = ({ name, pid }: ReportProcess): string => `${name} (PID ${pid})`;

const names = ({ indicators }: Findings): string =>
  indicators.length === 1 ? (indicators[0]?.text ?? '') : `${indicators.length} indicators`;
