import type { Verdict } from '../attribute/verdict.ts';
import { VERDICTS } from '../attribute/verdict.ts';
import type { LiveFindings, LivePart, LiveProcess } from './live-part.ts';

type Answer = LivePart['answer'] & object;
type Sentences = Omit<Answer, 'verdict'>;

/** Processes that a sentence names. */
const MOST_NAMED = 4;
/** States of processes that were not read, and could not have changed the answer: ours, and those that are gone. */
const NO_GAP = /^(?:self|exited)$/;

/** The live answer in three sentences, in the words of an image's. */
export function liveAnswerOf(live: LiveFindings): Answer {
  const verdict: Verdict =
    VERDICTS.find((word) => live.processes.some((process) => process.verdict === word)) ??
    'not-found';
  const machine = live.provenance.hostName ?? live.provenance.client ?? live.provenance.asked;
  const [gap = null] = liveGaps(live);
  return { verdict, ...sentencesOf(verdict, live, machine, gap) };
}

/** Processes that were not read and might hold it: one sentence, or none. */
export function liveGaps({ otherProcesses }: Pick<LiveFindings, 'otherProcesses'>): string[] {
  const unread = otherProcesses.filter(
    ({ notScanned }) => notScanned !== null && !NO_GAP.test(notScanned),
  );
  if (unread.length === 0) return [];
  const reasons = [...new Set(unread.map(({ notScanned }) => notScanned ?? ''))].map((why) => {
    const names = unread.filter(({ notScanned }) => notScanned === why);
    const more = names.length - MOST_NAMED;
    return `${why}: ${names
      .slice(0, MOST_NAMED)
      .map(({ name, pid }) => `${name} (${pid})`)
      .join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  });
  return [
    `${several(unread.length, 'live process was', 'live processes were')} not scanned (${reasons.join('; ')}): what they hold is not known.`,
  ];
}

function sentencesOf(
  verdict: Verdict,
  { processes, coverage }: LiveFindings,
  machine: string,
  gap: string | null,
): Sentences {
  const [first] = processes;
  const what = (coverage?.searched ?? []).join(', ') || 'the address';
  if (!first) {
    const scanned = coverage?.scanned ?? 0;
    return {
      headline: `No trace of ${what} in the memory of ${several(scanned, 'live process', 'live processes')} of ${machine}.`,
      why: `Searched: ${coverage?.kinds === '' ? 'text' : (coverage?.kinds ?? 'text')}, in what could be read of each process, and their connections before and after. Not searched: ended and hidden processes, the kernel's buffers.`,
      doubt:
        gap ??
        'This proves little: a text is gone seconds after its use. An image holds more: the free pages and what the kernel still has to send.',
    };
  }
  const others = [
    ...new Set(processes.filter(({ pid }) => pid !== first.pid).map(({ pid }) => pid)),
  ];
  const told = first.reasons.slice(0, 2).join(' ');
  if (verdict === 'responsible' || verdict === 'likely') {
    return {
      headline: `Live on ${machine}, ${label(first)} is ${verdict === 'likely' ? 'likely ' : ''}responsible for ${first.indicator} (${first.score}/100).`,
      why: `${told}${others.length > 0 ? ` ${several(others.length, 'more process holds', 'more processes hold')} it or ${others.length === 1 ? 'is' : 'are'} connected to it.` : ''}`,
      doubt:
        first.carrier === null
          ? (gap ??
            'That it sent the address is not proven: live memory does not show what the kernel sends.')
          : `It is a ${first.carrier}: its trade is to hold other people's addresses.`,
    };
  }
  if (verdict === 'carrier-only') {
    return {
      headline: `Live on ${machine}, only processes that hold other people's addresses hold ${what}: ${named(processes)}.`,
      why: told,
      doubt: gap ?? 'Whoever talked to it may have ended, or have freed the text.',
    };
  }
  return {
    headline: `Live on ${machine}, ${several(others.length + 1, 'process holds', 'processes hold')} ${what}, but nothing shows that one talked to it; look at ${label(first)} first (${first.score}/100).`,
    why: told,
    doubt: gap ?? 'Its connection may have been closed before the scan and opened after it.',
  };
}

const label = ({ name, pid }: LiveProcess): string => `${name} (PID ${pid})`;

function named(processes: readonly LiveProcess[]): string {
  const names = [...new Set(processes.map(label))];
  const more = names.length - MOST_NAMED;
  return `${names.slice(0, MOST_NAMED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

const several = (count: number, one: string, many: string): string =>
  `${count} ${count === 1 ? one : many}`;
