import { executeOperations, type Executed } from '../thehive/operations.ts';
import type { TheHiveStandIn } from '../thehive/server.ts';
import type { StoredCase, StoredObservable } from '../thehive/store.ts';
import type { Runner } from './commands.ts';
import { BUILT, runAsCortex, type RunRequest, type RunResult } from './cortex.ts';
import { artifactInput, caseInput } from './inputs.ts';
import type { JobInput } from './job-folder.ts';

export interface Click {
  readonly hive: TheHiveStandIn;
  readonly case: StoredCase;
  /** Null: the case itself was clicked. */
  readonly observable?: StoredObservable | null;
  readonly config: Readonly<Record<string, unknown>>;
  readonly parameters?: Readonly<Record<string, unknown>>;
  readonly runner?: Runner;
  readonly interrupt?: RunRequest['interrupt'];
  /** What Cortex is sent instead of what TheHive sends. */
  readonly change?: (input: JobInput) => JobInput;
  readonly inputText?: string | null;
}

export type Clicked = RunResult & {
  /** What TheHive made of the operations; null after a failure. */
  readonly executed: Executed | null;
};

/** An analyst's click: TheHive asks Cortex, Cortex runs the built worker, and TheHive carries out its operations. */
export async function click(request: Click): Promise<Clicked> {
  const { hive, case: of, observable = null, config, parameters = {} } = request;
  const { thehive_apikey: key, max_observables: most } = config;
  const sent = observable
    ? artifactInput(observable, of, config, parameters)
    : caseInput(of, config, parameters);
  const { runner, interrupt, change, inputText } = request;
  const result = await runAsCortex({
    worker: BUILT,
    input: change ? change(sent) : sent,
    ...(inputText === undefined ? {} : { inputText }),
    ...(runner ? { runner } : {}),
    ...(interrupt ? { interrupt } : {}),
    expected: {
      ranOn: observable ? 'case_artifact' : 'case',
      secrets: [String(key)],
      mostObservables: typeof most === 'number' ? most : 50,
    },
  });
  const ranOn = observable
    ? ({ kind: 'case_artifact', id: observable._id } as const)
    : ({ kind: 'case', id: of._id } as const);
  const { report } = result;
  return {
    ...result,
    executed:
      report.status === 'Success' ? executeOperations(hive.store, ranOn, report.operations) : null,
  };
}
