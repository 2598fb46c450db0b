import { isConnectedTo } from '../attribute/proxy.ts';
import type { Findings } from './findings.ts';
import type { Report } from './report.ts';

/** The processes that nothing ties to an indicator, in the system's order: so that a PID's absence can be explained. */
export function otherProcessesOf(
  findings: Pick<Findings, 'engine' | 'attributions' | 'proxy' | 'searched'>,
): Report['otherProcesses'] {
  const { engine, attributions, proxy, searched } = findings;
  const listed = new Set(attributions.map(({ process }) => process));
  const missing = new Map<number, number>();
  for (const [space, tables] of searched.unreadableTables.entries()) {
    if (tables === 0) continue;
    for (const index of engine.processesOf(space)) missing.set(index, tables);
  }
  return engine.processes.flatMap((process, index) =>
    listed.has(index)
      ? []
      : [
          {
            pid: process.pid,
            name: process.name,
            kernelThread: process.isKernelThread,
            exited: process.state === 'exited',
            connectedToProxy: proxy !== null && isConnectedTo(process, proxy),
            missingTables: missing.get(index) ?? 0,
          },
        ],
  );
}
