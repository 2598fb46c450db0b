import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

export interface Measurement {
  /** From start to end of the command, by the wall clock. */
  readonly ms: number;
  /** Most resident memory of one of its processes, in MiB, as the kernel kept it (VmHWM), asked every 10 ms. */
  readonly peakMib: number;
}

/** Runs a shell command to its end. */
export async function measure(command: string): Promise<Measurement> {
  const start = performance.now();
  const child = spawn('bash', ['-c', command], { stdio: 'ignore', detached: true });
  let peak = 0;
  const timer = setInterval(() => {
    for (const pid of groupOf(child.pid ?? 0)) peak = Math.max(peak, highWater(pid));
  }, 10);
  await new Promise((resolve, reject) => child.on('exit', resolve).on('error', reject));
  clearInterval(timer);
  return { ms: performance.now() - start, peakMib: peak / 1024 };
}

/** Processes of the command: all of its process group. */
function groupOf(group: number): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && fieldOf(`/proc/${pid}/stat`, /\) \S \d+ (\d+)/) === group);
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
