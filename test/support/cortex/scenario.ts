import { startHive } from '../thehive/hive.ts';
import type { StoredObservable } from '../thehive/store.ts';
import type { Runner } from './commands.ts';
import { runAsCortex, type RunRequest, type RunResult, type Worker } from './cortex.ts';
import { artifactInput, configOf } from './inputs.ts';

export const PROXY_PASSWORD = 'pr0xy-p4ss/word';

export type World = Awaited<ReturnType<typeof startHive>> & {
  readonly ip: StoredObservable;
  readonly config: Readonly<Record<string, unknown>>;
};

/** A situation that any responder of ours must get right; `check` says what is wrong with what came out of it. */
export interface Scenario {
  readonly rule: string;
  readonly name: string;
  readonly runner?: Runner;
  readonly ask: (
    world: World,
  ) => Pick<RunRequest, 'input'> & Partial<Pick<RunRequest, 'inputText' | 'interrupt'>>;
  readonly check?: (result: RunResult, world: World) => string[];
}

/** Runs it against a fresh TheHive; all faults, those of `judge` too. */
export async function faultsIn(
  scenario: Scenario,
  worker: Worker,
  version: 4 | 5,
): Promise<string[]> {
  const world = await freshWorld(version);
  const asked = scenario.ask(world);
  const result = await runAsCortex({
    worker,
    ...asked,
    ...(scenario.runner ? { runner: scenario.runner } : {}),
    expected: {
      ranOn: asked.input.dataType === 'thehive:case' ? 'case' : 'case_artifact',
      secrets: [world.writer.key, PROXY_PASSWORD, encodeURIComponent(PROXY_PASSWORD)],
      mostObservables: 50,
    },
  });
  return [...result.faults, ...(scenario.check?.(result, world) ?? [])];
}

async function freshWorld(version: 4 | 5): Promise<World> {
  const started = await startHive(version);
  const ip = started.store.addObservable(started.aCase._id);
  return { ...started, ip, config: configOf(started.hive.url, started.writer.key) };
}

/** A failure whose message fits, and nothing was written. */
export function refused(rule: string, message: RegExp) {
  return ({ report }: RunResult, { hive }: World): string[] => [
    ...(report.status === 'Failure' && message.test(report.errorMessage)
      ? []
      : [`${rule}: instead of a refusal like ${message}: ${JSON.stringify(report).slice(0, 300)}`]),
    ...(hive.writes.length > 0 ? [`${rule}: wrote to TheHive: ${hive.writes[0]?.path}`] : []),
  ];
}

/** The case has no image: the shortest way through all of the worker. */
export const NO_IMAGE = /^Cannot find a memory image/;
export const onIp = ({ ip, aCase, config }: World) => ({ input: artifactInput(ip, aCase, config) });
export const withConfig =
  (changes: Readonly<Record<string, unknown>>) =>
  ({ ip, aCase, config }: World) => ({
    input: artifactInput(ip, aCase, { ...config, ...changes }),
  });
export const onObservable =
  (changes: Partial<StoredObservable>) =>
  ({ store, aCase, config }: World) => ({
    input: artifactInput(store.addObservable(aCase._id, changes), aCase, config),
  });
export const changed =
  (change: (data: Record<string, unknown>) => void) =>
  ({ ip, aCase, config }: World) => {
    const input = artifactInput(ip, aCase, config);
    const data = { ...(typeof input.data === 'object' ? input.data : {}) };
    change(data);
    return { input: { ...input, data } };
  };

export const refusing = (
  rule: string,
  name: string,
  ask: Scenario['ask'],
  message: RegExp,
): Scenario => ({
  rule,
  name,
  ask,
  check: refused(rule, message),
});
