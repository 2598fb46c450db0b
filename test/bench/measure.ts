import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

export interface Measurement {
  /** From start to end of the command, by the wall clock. */
  readonly ms: number;
  /** Most resident memory of one of its processes, in MiB, as the kernel kept it (VmHWM), asked every 10 ms. */
  readonly peakMib: number;
  /** The same of all of its processes, added: they need not have had it at one time. */
  readonly allMib: number;
}

/** Runs a shell command to its end. */
export async function measure(command: string): Promise<Measurement> {
  const start = performance.now();
  const child = spawn('bash', ['-c', command], { stdio: 'ignore', detached: true });
  const peaks = new Map<number, number>();
  const timer = setInterval(() => {
    for (const pid of familyOf(child.pid ?? 0)) {
      peaks.set(pid, Math.max(peaks.get(pid) ?? 0, highWater(pid)));
    }
  }, 10);
  await new Promise((resolve, reject) => child.on('exit', resolve).on('error', reject));
  clearInterval(timer);
  const all = [...peaks.values()];
  return {
    ms: performance.now() - start,
    peakMib: Math.max(0, ...all) / 1024,
    allMib: all.reduce((sum, peak) => sum + peak, 0) / 1024,
  };
}

/** The command's process and its descendants, whatever group they are in. */
function familyOf(first: number): Set<number> {
  const parents = new Map(
    readdirSync('/proc')
      .map(Number)
      .filter((pid) => pid > 0)
      .map((pid) => [pid, fieldOf(`/proc/${pid}/stat`, /\) \S (\d+)/)]),
  );
  const family = new Set([first]);
  // Sets grow while they are walked.
  for (const one of family) {
    for (const [pid, parent] of parents) if (parent === one) family.add(pid);
  }
  return family;
}

const highWater = (pid: number): number => fieldOf(`/proc/${pid}/status`, /VmHWM:\s+(\d+)/);

/** A number in a file of /proc; 0 where the process is gone. */
function fieldOf(path: string, field: RegExp): number {
  try {
    return Number(field.exec(readFileSync(path, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
