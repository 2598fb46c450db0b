import type { CaseOutcome, ImageOutcome } from '../src/case/case-run.ts';
import { PRINTERS } from '../src/report/printers.ts';
import type { LivePart } from '../src/report/live-part.ts';
import { redact } from '../src/report/redact.ts';
import type { Report } from '../src/report/report.ts';
import { connectionText } from '../src/report/side-by-side.ts';
import { defang, defangAll, forTerminal } from '../src/report/text-safety.ts';
import type { Operation } from '../src/thehive/operations.ts';
import type { Output } from './output.ts';

/** What is shown of each image in the action itself; the case has the rest. */
const MOST_PROCESSES = 25;
const LONGEST_MARKDOWN = 100_000;

/** What became of a case, as Cortex and TheHive take it: one sentence first, then data, then what TheHive is to do. */
export function answerOf(outcome: CaseOutcome, mostObservables: number): Output {
  const { case: about, idle, images, indicators, warnings } = outcome;
  if (idle !== null) {
    return {
      success: true,
      full: { message: `Nothing to do in case ${about.number}: ${forTerminal(idle, 500)}` },
      operations: [],
    };
  }
  const failed = images.flatMap(({ result }) => (result.kind === 'failed' ? [result.error] : []));
  if (failed.length === images.length) {
    const messages = new Set(failed.map(({ message }) => message));
    return { success: false, errorMessage: [...messages].join(' | ') };
  }
  const asked = images.flatMap(({ result }) =>
    result.kind === 'answered' ? [...result.posted.operations] : [],
  );
  const { operations, leftOut } = withoutRepeats(asked, mostObservables);
  const notes = images.flatMap(({ result }) =>
    result.kind === 'answered' ? result.posted.notes : [],
  );
  return {
    success: true,
    full: {
      message: forTerminal(images.map(sentenceOf).join(' '), 2000),
      case: about.number,
      indicators: indicators.map(({ text }) => defang(text)),
      images: images.map(detailOf),
      warnings: [
        ...new Set([
          ...warnings,
          ...images.flatMap(({ result }) => (result.kind === 'answered' ? result.notes : [])),
          ...notes,
          ...(leftOut > 0
            ? [`${leftOut} observables were not added: the limit of one run is ${mostObservables}`]
            : []),
        ]),
      ],
    },
    operations,
  };
}

function sentenceOf({ candidate: { name }, result }: ImageOutcome): string {
  if (result.kind === 'failed') return `${name}: ${result.error.message}.`;
  if (result.kind === 'answered-before') {
    return `${name}: answered before, see "${result.title}"; delete that to have it answered again.`;
  }
  const { report } = result;
  const isPartial = report.outcome === 'partial' ? ' (parts of the image could not be read)' : '';
  return `${name}: ${defangAll(report.answer.headline, report)}${isPartial}`;
}

function detailOf({ candidate, result }: ImageOutcome): Record<string, unknown> {
  const about = { name: candidate.name, host: candidate.host, sha256: candidate.sha256 };
  if (result.kind === 'answered-before') return { ...about, answeredBefore: result.title };
  if (result.kind === 'failed') return { ...about, error: result.error.message };
  const { posted } = result;
  const report = redact(result.report, 'redacted');
  return {
    ...about,
    outcome: report.outcome,
    verdict: report.answer.verdict,
    why: defangAll(report.answer.why, report),
    doubt: report.answer.doubt === null ? null : defangAll(report.answer.doubt, report),
    system: report.system?.release ?? null,
    hostName: report.system?.hostName ?? null,
    processes: report.processes.slice(0, MOST_PROCESSES).map(processOf),
    ...(report.live ? { live: liveOf(report.live) } : {}),
    observablesWritten: posted.observables,
    warnings: report.warnings.slice(0, 25),
    // Nowhere else: the case could not take it.
    ...(posted.hasText
      ? {}
      : { report: PRINTERS.markdown.print(report).slice(0, LONGEST_MARKDOWN) }),
  };
}

/** The running machine's answer: who was asked, and what it said. */
const liveOf = ({ state, note, provenance, answer, processes, otherProcesses }: LivePart) => ({
  state,
  note,
  client: provenance.client,
  hostName: provenance.hostName,
  flow: provenance.flow,
  link: provenance.link,
  verdict: answer?.verdict ?? null,
  processes: processes.slice(0, MOST_PROCESSES).map((process) => ({
    pid: process.pid,
    name: process.name,
    path: process.path,
    user: process.user,
    verdict: process.verdict,
    score: process.score,
    requests: process.hits.requests,
    connections: process.connections.map(connectionText),
  })),
  notScanned: otherProcesses.filter(({ notScanned }) => notScanned !== null).length,
});

const processOf = (process: Report['processes'][number]): Record<string, unknown> => ({
  pid: process.pid,
  name: process.name,
  path: process.path,
  user: process.user,
  verdict: process.verdict,
  score: process.score,
  hits: process.hits.total,
  connectedToProxy: process.connectedToProxy,
  connectedToIndicator: process.connectedToIndicator,
});

/** Several images name the same tag or program: TheHive would call the second a failure. */
function withoutRepeats(
  asked: readonly Operation[],
  mostObservables: number,
): { operations: Operation[]; leftOut: number } {
  const operations = new Map<string, Operation>();
  let observables = 0;
  let leftOut = 0;
  for (const operation of asked) {
    const key = keyOf(operation);
    if (operations.has(key)) continue;
    if (operation.type === 'AddArtifactToCase') {
      if (observables === mostObservables) {
        leftOut += 1;
        continue;
      }
      observables += 1;
    }
    operations.set(key, operation);
  }
  return { operations: [...operations.values()], leftOut };
}

const keyOf = (operation: Operation): string =>
  JSON.stringify(
    operation.type === 'AddArtifactToCase'
      ? [operation.type, operation.dataType, operation.data]
      : operation.type === 'CreateTask'
        ? [operation.type, operation.title]
        : [operation.type, operation.tag],
  );
