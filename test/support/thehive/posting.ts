import { listObservables } from '../../../src/thehive/observables.ts';
import type { PostingContext } from '../../../src/thehive/posting.ts';
import { getCase } from '../../../src/thehive/cases.ts';
import type { Session } from '../../../src/thehive/session.ts';
import { sampleProcess, sampleReport } from '../sample-report.ts';

export const INDICATOR = '35.178.122.152';

/** A culprit with a path, a second suspect, a carrier; a name beside the indicator. */
export const report = () =>
  sampleReport({
    processes: [
      sampleProcess(),
      sampleProcess({
        rank: 2,
        pid: 412,
        name: 'curl',
        verdict: 'possible',
        score: 30,
        path: null,
        startTime: null,
      }),
      sampleProcess({
        rank: 3,
        pid: 77,
        name: 'systemd-resolve',
        verdict: 'carrier-only',
        score: 1,
      }),
    ],
    pivots: [
      { kind: 'domain', text: 'c2.example.net', hits: 3, pids: [299], source: 'Host header' },
    ],
  });

export const notFound = () =>
  sampleReport({
    outcome: 'not-found',
    indicators: [{ kind: 'ipv4', text: INDICATOR, given: INDICATOR, origin: 'given', hits: 0 }],
    processes: [],
    hits: [],
    orphans: [],
    connections: [],
  });

/** A case with the IP in it, as a click on that IP has it. */
export async function contextOf(
  session: Session,
  caseId: string,
  changes: Partial<PostingContext> = {},
): Promise<PostingContext> {
  const observables = await listObservables(session, caseId);
  const source = observables.find(({ data }) => data === INDICATOR);
  return {
    case: await getCase(session, caseId),
    sources: source ? [{ indicator: INDICATOR, observable: source }] : [],
    clicked: source ?? null,
    image: { name: 'endpoint.lime', sha256: 'ab'.repeat(32), isInCase: true },
    ...changes,
  };
}
