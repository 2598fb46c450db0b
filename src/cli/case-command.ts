import type { Environment } from './arguments.ts';
import { caseRequest, type CliCaseRequest } from './case-request.ts';
import { inForeground, type Foreground } from './foreground.ts';
import { connectBy } from './live-options.ts';
import { caseRun, type CaseOutcome } from '../case/case-run.ts';
import { machinesBy } from '../case/live.ts';
import type { Report } from '../report/report.ts';
import { forTerminal } from '../report/text-safety.ts';
import { openSession } from '../thehive/session.ts';
import type { Connection as Velociraptor } from '../velociraptor/connection.ts';
import { uploadSource } from '../velociraptor/uploads.ts';

export { CASE_HELP } from './case-request.ts';

/** One run over a case. @returns the exit status by name */
export const caseCommand = (
  argv: readonly string[],
  environment: Environment,
): Promise<Report['outcome'] | 'failed' | 'interrupted'> =>
  inForeground(async (foreground) => {
    const { signal, progress } = foreground;
    const asked = await caseRequest(argv, environment, signal);
    const { connection, live, isQuiet } = asked;
    const velociraptor = live.isWanted ? connectBy(live, environment, signal) : null;
    try {
      const session = await openSession(connection);
      const request = velociraptor
        ? withVelociraptor(velociraptor, asked, foreground)
        : asked.request;
      const outcome = await caseRun(
        { ...request, session },
        { signal, ...(isQuiet ? {} : { onProgress: progress.update }) },
      );
      progress.stop();
      return tell(outcome, foreground);
    } finally {
      velociraptor?.close();
    }
  });

/** Uploads as images, and the machines of the case where they are asked. */
function withVelociraptor(
  velociraptor: Velociraptor,
  { request, live, isQuiet }: CliCaseRequest,
  { signal, say }: Foreground,
): CliCaseRequest['request'] {
  const { asksMachines, collects, waitMs } = live;
  const options = {
    waitMs: () => waitMs,
    collects,
    signal,
    ...(isQuiet ? {} : { onState: (sentence: string) => say('Live', sentence) }),
  };
  return {
    ...request,
    places: { ...request.places, uploads: uploadSource(velociraptor) },
    machines: asksMachines ? machinesBy(velociraptor, options) : null,
  };
}

const TELLING: readonly Report['outcome'][] = ['found', 'partial', 'not-found'];

function tell(
  { idle, images, warnings }: CaseOutcome,
  { say }: Foreground,
): Report['outcome'] | 'failed' {
  if (idle !== null) process.stdout.write(`Nothing to do: ${forTerminal(idle)}\n`);
  const outcomes = new Set<Report['outcome']>();
  for (const { candidate, result } of images) {
    const name = forTerminal(candidate.name, 120);
    if (result.kind === 'failed') {
      process.stderr.write(`${name}: ${forTerminal(result.error.message)}\n`);
    } else if (result.kind === 'answered-before') {
      process.stdout.write(`${name}: answered before, see "${forTerminal(result.title)}"\n`);
    } else {
      outcomes.add(result.report.outcome);
      process.stdout.write(`${name}: ${forTerminal(result.report.answer.headline)}\n`);
      for (const note of [...result.notes, ...result.posted.notes]) say('Note', note);
    }
  }
  for (const warning of warnings) say('Note', warning);
  if (images.length > 0 && images.every(({ result }) => result.kind === 'failed')) return 'failed';
  return TELLING.find((outcome) => outcomes.has(outcome)) ?? 'found';
}
