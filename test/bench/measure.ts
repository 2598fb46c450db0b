import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

export interface Measurement {
  /** From start to end of the command, by the wall clock. */
  readonly ms: number;
  /** Most resident memory of one of its processes, in MiB, as the kernel kept it (VmHWM), asked every 20 ms. */
  readonly peakMib: number;
  /** The same of all of its processes, added: they need not have had it at one time. */
  readonly allMib: number;
}

const ASK_MS = 20;
/** Looking through all processes takes some milliseconds of a core, which would be missing where it is measured. */
const ASKS_BETWEEN_LOOKS = 10;

/** Runs a shell command to its end. */
export async function measure(command: string): Promise<Measurement> {
  const start = performance.now();
  const child = spawn('bash', ['-c', command], { stdio: 'ignore', detached: true, env: ENV });
  const peaks = new Map<number, number>();
  let family = new Set<number>();
  let asked = 0;
  const timer = setInterval(() => {
    if (asked % ASKS_BETWEEN_LOOKS === 0) family = familyOf(child.pid ?? 0);
    asked += 1;
    for (const pid of family) peaks.set(pid, Math.max(peaks.get(pid) ?? 0, highWater(pid)));
  }, ASK_MS);
  await new Promise((resolve, reject) => child.on('exit', resolve).on('error', reject));
  clearInterval(timer);
  const all = [...peaks.values()];
  return {
    ms: performance.now() - start,
    peakMib: Math.max(0, ...all) / 1024,
    allMib: all.reduce((sum, peak) => sum + peak, 0) / 1024,
  };
}

/** Without a company's own certificates: where they are named, Node reads all certificates before it does anything, 55 ms. */
export const ENV: NodeJS.ProcessEnv = { ...process.env, NODE_EXTRA_CA_CERTS: undefined };

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
