import { hex } from '../memory/address.ts';
import type { PhysicalMemory } from '../memory/physical-memory.ts';
import { agreementsOf } from './agreements.ts';
import type { Findings } from './findings.ts';
import type { Report } from './report.ts';

const MOST_HOLES = 64;

export function coverageOf(findings: Findings): Report['coverage'] {
  const { image, engine, indicators, located, searched } = findings;
  const holes = holesOf(image.memory);
  return {
    imageBytes: image.memory.runs.reduce((sum, { length }) => sum + length, 0),
    bytesSearched: searched.bytes,
    holes: holes.slice(0, MOST_HOLES),
    holeCount: holes.length,
    processes: engine.processes.filter(
      ({ isKernelThread, state }) => !isKernelThread && state === 'alive',
    ).length,
    kernelThreads: engine.processes.filter(({ isKernelThread }) => isKernelThread).length,
    incompleteProcesses: incompleteProcesses(findings),
    notInMemory:
      searched.notInMemory?.map(({ process: { pid, name }, compressedPages, pagedOutPages }) => ({
        pid,
        name,
        compressedPages,
        pagedOutPages,
      })) ?? null,
    nearMissesAtPageEdges: located.nearMisses,
    mappings: agreementsOf(located.occurrences),
    hitsNotKept: Object.fromEntries(
      indicators.flatMap(({ text }, index) => {
        const lost = searched.hitsNotKept[index] ?? 0;
        return lost > 0 ? [[text, lost]] : [];
      }),
    ),
  };
}

/** Processes whose page tables are partly missing in the image. */
export function incompleteProcesses({
  engine,
  searched,
}: Findings): Report['coverage']['incompleteProcesses'] {
  return searched.unreadableTables.flatMap((missingTables, space) =>
    missingTables === 0
      ? []
      : engine.processesOf(space).flatMap((index) => {
          const process = engine.processes[index];
          return process ? [{ pid: process.pid, name: process.name, missingTables }] : [];
        }),
  );
}

function holesOf({ runs }: PhysicalMemory): { start: string; end: string }[] {
  const holes: { start: string; end: string }[] = [];
  let end = 0;
  for (const run of runs) {
    if (run.start > end) holes.push({ start: hex(end), end: hex(run.start) });
    end = run.start + run.length;
  }
  return holes;
}
