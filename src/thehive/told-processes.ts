import { type ProcessVerdict, VERDICTS } from '../attribute/verdict.ts';
import type { LiveProcess } from '../report/live-part.ts';
import type { Report, ReportProcess } from '../report/report.ts';
import { hitsOf } from '../report/side-by-side.ts';

/**
 * The report with all processes that a case should know of: those of the image, and those of the running machine. One that
 * both know stands once, with the better word of both and the reasons of both. For tags and observables; the text of the
 * report tells image and machine apart.
 */
export function withLiveProcesses(report: Report): Report {
  const { live } = report;
  if (!live || live.processes.length === 0) return report;
  const processes = [...report.processes];
  for (const living of firstOfEach(live.processes)) {
    const pair = live.sideBySide.find(
      (row) => row.match === 'same process' && row.live?.pid === living.pid,
    );
    const at = processes.findIndex(({ pid }) => pid === pair?.image?.pid);
    const known = processes[at];
    if (known) processes[at] = joined(known, living);
    else processes.push(imaged(living, live.processes));
  }
  return { ...report, processes: processes.toSorted(byWord) };
}

/** Rows of one process, one for each address, come together with the likeliest first. */
const firstOfEach = (all: readonly LiveProcess[]): LiveProcess[] =>
  all.filter(({ pid }, index) => all.findIndex((one) => one.pid === pid) === index);

const byWord = (one: ReportProcess, other: ReportProcess): number =>
  rankOf(one.verdict) - rankOf(other.verdict) || other.score - one.score;

const rankOf = (verdict: ProcessVerdict): number => VERDICTS.indexOf(verdict);

function joined(known: ReportProcess, living: LiveProcess): ReportProcess {
  const isBetter = rankOf(living.verdict) < rankOf(known.verdict);
  return {
    ...known,
    ...(isBetter ? { verdict: living.verdict, score: living.score } : {}),
    reasons: [...known.reasons, ...liveReasons(living)],
  };
}

const liveReasons = ({ verdict, score, reasons }: LiveProcess): string[] => [
  `live: ${verdict} (${score} of 100)`,
  ...reasons.map((reason) => `live: ${reason}`),
];

/** What a live process and an image's have in common; the rest is empty. */
function imaged(living: LiveProcess, all: readonly LiveProcess[]): ReportProcess {
  const own = all.filter(({ pid }) => pid === living.pid);
  const byIndicator = Object.fromEntries(
    own.map((row) => [row.indicator, Math.max(hitsOf(row), 1)] as const),
  );
  return {
    rank: 0,
    verdict: living.verdict,
    score: living.score,
    evidence: [],
    carrier: living.carrier === null ? null : { kind: living.carrier, reason: living.carrier },
    role: null,
    pid: living.pid,
    ppid: living.ppid,
    parentName: null,
    name: living.name,
    path: living.path,
    commandLine: living.commandLine,
    user: living.user,
    startTime: living.startTime,
    exitTime: null,
    hidden: false,
    exited: false,
    kernelThread: false,
    threads: null,
    hits: {
      total: own.reduce((sum, row) => sum + hitsOf(row), 0),
      exclusive: 0,
      byIndicator,
      byForm: {},
      byRegion: {},
      sent: 0,
    },
    connectedToProxy: living.connections.some(({ peer }) => peer === 'proxy'),
    connectedToIndicator: living.connections.some(({ peer }) => peer === 'indicator'),
    sockets: [],
    reasons: liveReasons(living),
    counterReasons: [],
    cards: [],
    regions: [],
  };
}
