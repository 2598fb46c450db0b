import { type Verdict, VERDICTS } from '../attribute/verdict.ts';
import type { Indicator } from '../indicator/indicator.ts';
import type { Proxy } from '../attribute/proxy.ts';
import { isSameHost } from './alert.ts';
import type { Alert } from './findings.ts';
import { liveAnswerOf, liveGaps } from './live-answer.ts';
import type { LiveFindings, LivePart } from './live-part.ts';
import { quoted } from './next-actions.ts';
import { redact } from './redact.ts';
import { redactedLive } from './redact-live.ts';
import type { Report } from './report.ts';
import { REPORT_VERSION } from './report-version.ts';
import { runnerUpOf } from './runner-up.ts';
import { sideBySide } from './side-by-side.ts';

/** What is known where there is no image. */
export interface LiveQuestion {
  readonly indicators: readonly Indicator[];
  readonly proxy: Proxy | null;
  readonly contexts: Report['privacy'];
  readonly alert?: Alert | null;
  readonly toolVersion: string;
  /** What became of the image that was asked for too; empty where none was. */
  readonly warnings: readonly string[];
}

/** A report of an image with what the running machine answered beside it. */
export function withLive(report: Report, findings: LiveFindings): Report {
  const live: LivePart = {
    ...findings,
    answer: findings.state === 'answered' ? liveAnswerOf(findings) : null,
    sideBySide: findings.state === 'answered' ? sideBySide(report, findings) : [],
  };
  const indicators = report.indicators.map(({ text }) => text);
  return {
    ...report,
    ...joined(report, live),
    live: redactedLive(live, report.privacy, indicators),
    warnings: [...report.warnings, ...warningsOf(report, live)],
  };
}

/** A report without an image: its image is null, and what only an image could tell is empty. */
export function liveReport(
  findings: LiveFindings,
  { indicators, proxy, contexts, toolVersion, warnings, alert = null }: LiveQuestion,
): Report {
  const live: LivePart = { ...findings, answer: liveAnswerOf(findings), sideBySide: [] };
  const { verdict, headline, why, doubt } = liveAnswerOf(findings);
  const report: Report = {
    version: REPORT_VERSION,
    tool: { name: 'ip2process', version: toolVersion },
    outcome: outcomeOf(verdict, liveGaps(findings).length > 0 || warnings.length > 0),
    answer: {
      verdict,
      headline,
      why,
      doubt,
      runnerUp: runnerUpOf(live.processes),
      isTie: false,
      hostsToTry: [],
    },
    indicators: indicators.map(({ kind, text, given }) => ({
      kind,
      text,
      given,
      origin: 'given',
      hits: live.hits.filter(({ indicator }) => indicator === text).length,
    })),
    alert: alert && { host: alert.host, at: alert.at?.toISOString() ?? null },
    proxy: proxy && { address: proxy.address, port: proxy.port, source: proxy.source },
    image: null,
    system: null,
    engine: 'none',
    processes: [],
    otherProcesses: [],
    hits: [],
    orphans: [],
    connections: [],
    tree: [],
    pivots: [],
    nextActions: [
      {
        title: 'Have an image taken too: it shows what was sent, ended and hidden processes',
        command: `ip2process ${indicators.map(({ text }) => quoted(text)).join(' ')} --live ${quoted(live.provenance.client ?? live.provenance.asked)} --collect-image`,
      },
    ],
    privacy: 'full',
    coverage: NO_IMAGE,
    live,
    secondOpinion: null,
    warnings: [...warnings, ...wrongHost(alert, live), ...warningsOf(null, live)],
    timings: {},
  };
  return redact(report, contexts);
}

const NO_IMAGE: Report['coverage'] = {
  imageBytes: 0,
  bytesSearched: 0,
  holes: [],
  holeCount: 0,
  processes: 0,
  kernelThreads: 0,
  incompleteProcesses: [],
  notInMemory: null,
  nearMissesAtPageEdges: 0,
  mappings: { confirmed: 0, contradicted: 0, unchecked: 0 },
  hitsNotKept: {},
};

/** The better word of both answers stands first, the image's where they are equal: it proves more. */
function joined(report: Report, live: LivePart): Pick<Report, 'answer' | 'outcome'> {
  const { answer, outcome } = report;
  if (!live.answer) return { answer, outcome };
  const isLiveBetter = rankOf(live.answer.verdict) < rankOf(answer.verdict);
  const verdict = isLiveBetter ? live.answer.verdict : answer.verdict;
  return {
    outcome: outcomeOf(verdict, outcome === 'partial' || liveGaps(live).length > 0),
    answer: isLiveBetter
      ? {
          ...live.answer,
          why: `${live.answer.why} The image: ${answer.headline}`,
          runnerUp: null,
          isTie: false,
          hostsToTry: answer.hostsToTry,
        }
      : { ...answer, why: `${answer.why} ${live.answer.headline}` },
  };
}

const rankOf = (verdict: Verdict): number => VERDICTS.indexOf(verdict);

function outcomeOf(verdict: Verdict, hasGaps: boolean): Report['outcome'] {
  if (hasGaps && verdict !== 'responsible' && verdict !== 'likely') return 'partial';
  return verdict === 'not-found' ? 'not-found' : 'found';
}

function wrongHost(alert: Alert | null, { provenance: { hostName } }: LivePart): string[] {
  if (!alert?.host || !hostName || isSameHost(alert.host, hostName)) return [];
  return [`The live answer is of "${hostName}", the alert is about "${alert.host}"`];
}

function warningsOf(report: Pick<Report, 'system'> | null, live: LivePart): string[] {
  const { note, provenance, coverage } = live;
  const { hostName, foundBy } = provenance;
  const imaged = report?.system?.hostName ?? null;
  return [
    ...(note === null ? [] : [`No live answer: ${note}`]),
    ...(imaged !== null && hostName !== null && !isSameHost(imaged, hostName)
      ? [
          `The image is of the machine "${imaged}", the live answer of "${hostName}": they may not be one`,
        ]
      : []),
    ...(foundBy === 'address'
      ? [
          `The live machine was found by its address only (${hostName ?? ''}): is it the one that is meant?`,
        ]
      : []),
    ...(coverage && coverage.notAsked.length > 0
      ? [
          `Not looked for live, where only addresses can be, and at most 16: ${coverage.notAsked.join(', ')}`,
        ]
      : []),
    ...(coverage?.hitsAreCut === true
      ? [
          `The live hits listed are the first ${live.hits.length}: more are on the Velociraptor server`,
        ]
      : []),
  ];
}
