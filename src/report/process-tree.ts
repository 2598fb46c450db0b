import type { Findings } from './findings.ts';
import type { Report } from './report.ts';

/** Steps towards the first process: a longer chain of parents is a loop, or a lie. */
const DEEPEST = 64;

/** The processes of the answer and their ancestors, in the system's order. */
export function treeOf({ engine, attributions }: Findings): Report['tree'] {
  const byPid = new Map(engine.processes.map((process, index) => [process.pid, index]));
  const verdicts = new Map(attributions.map(({ process, verdict }) => [process, verdict]));
  const shown = new Set<number>();
  for (const index of verdicts.keys()) {
    let at: number | undefined = index;
    for (let depth = 0; at !== undefined && !shown.has(at) && depth < DEEPEST; depth += 1) {
      shown.add(at);
      const parent: number | null = engine.processes[at]?.parentPid ?? null;
      at = parent === null ? undefined : byPid.get(parent);
    }
  }
  return engine.processes.flatMap(({ pid, parentPid, name }, index) =>
    shown.has(index) ? [{ pid, ppid: parentPid, name, verdict: verdicts.get(index) ?? null }] : [],
  );
}
