import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Job, Message } from './child.ts';
import type { Fault } from './examine.ts';
import type { Mutant } from './mutant.ts';
import { childProgram } from './program.ts';

/** A fault, and the mutant that shows it. */
export interface Finding {
  readonly target: string;
  readonly seed: number;
  readonly index: number;
  readonly fault: Fault;
  /** Only the changes that it needs, as far as they could be told; null where the process died. */
  readonly mutant: Mutant | null;
}

export interface TargetResult {
  readonly mutants: number;
  /** How the mutants ended, by outcome. */
  readonly outcomes: ReadonlyMap<string, number>;
  readonly findings: readonly Finding[];
  /** Slow or large once, but not again alone. */
  readonly unconfirmed: number;
}

/** Silence of a child on one mutant, in milliseconds, after which it hangs: 100 times what the slowest format needs. */
const SILENCE = 60_000;
const LOOK = 500;
/** Heap of a child, in MiB: what outgrows it dies, and is found by that. */
const HEAP = 512;
/**
 * One thread collects garbage: its work counts as the mutant's, the other core is somebody else's, and it is less in all.
 * Code is optimised ten times as late: mutants disprove what the compiler assumed, and it compiles the same again and again.
 */
const OPTIONS = [
  '--enable-source-maps',
  `--max-old-space-size=${HEAP}`,
  '--max-semi-space-size=16',
  '--single-threaded-gc',
  '--sparkplug',
  '--interrupt-budget=1000000',
];
/** Findings of a target after which it is pointless to go on before they are mended. */
const MOST_FINDINGS = 25;

/** Mutants `from` up to `to` of a target, or until the time is over, in as many processes as it takes. */
export async function fuzzTarget(
  plan: Omit<Job, 'folder'>,
  onProgress: (done: number, findings: number) => void,
): Promise<TargetResult> {
  const folder = mkdtempSync(join(tmpdir(), 'ip2process-fuzz-program-'));
  try {
    return await fuzzWith(await childProgram(folder), plan, onProgress);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function fuzzWith(
  program: string,
  plan: Omit<Job, 'folder'>,
  onProgress: (done: number, findings: number) => void,
): Promise<TargetResult> {
  const outcomes = new Map<string, number>();
  const findings = new Map<string, Finding>();
  let unconfirmed = 0;
  let next = plan.from;
  while (next < plan.to && Date.now() < plan.until && findings.size < MOST_FINDINGS) {
    const run = await runChild(program, { ...plan, from: next }, (done) =>
      onProgress(done - plan.from, findings.size),
    );
    for (const [outcome, count] of run.outcomes) {
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + count);
    }
    next = Math.max(run.next, next + 1);
    for (const finding of run.findings) {
      const { kind, cause } = finding.fault;
      const key = `${kind} ${cause}`;
      if (findings.has(key)) continue;
      if (kind === 'slow' || kind === 'memory') {
        const alone = { ...plan, from: finding.index, to: finding.index + 1, until: Infinity };
        const again = await runChild(program, { ...alone, until: Date.now() + SILENCE }, ignore);
        if (again.findings.length === 0) {
          unconfirmed += 1;
          continue;
        }
      }
      findings.set(key, finding);
    }
    onProgress(next - plan.from, findings.size);
  }
  return { mutants: next - plan.from, outcomes, findings: [...findings.values()], unconfirmed };
}

interface Run {
  /** The first mutant that was not run. */
  readonly next: number;
  readonly outcomes: ReadonlyMap<string, number>;
  readonly findings: readonly Finding[];
}

async function runChild(
  program: string,
  plan: Omit<Job, 'folder'>,
  onProgress: (next: number) => void,
): Promise<Run> {
  const folder = mkdtempSync(join(tmpdir(), 'ip2process-fuzz-'));
  const { target, seed } = plan;
  const outcomes = new Map<string, number>();
  const findings: Finding[] = [];
  let next = plan.from;
  const child = fork(program, [JSON.stringify({ ...plan, folder })], {
    execArgv: OPTIONS,
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  child.on('message', (message: Message) => {
    if (message.kind === 'fault') {
      findings.push({ target, seed, ...message });
    } else if (message.kind === 'outcomes') {
      next = message.next;
      for (const [outcome, count] of Object.entries(message.outcomes)) {
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + count);
      }
      onProgress(next);
    }
  });
  try {
    const death = await ended(child, () => presentOf(folder));
    if (death !== null) {
      const index = presentOf(folder);
      // Before the first mutant: the fuzzer itself is broken.
      if (index === null) throw new Error(`Cannot fuzz ${target}: ${death.detail}`);
      findings.push({ target, seed, index, fault: death, mutant: null });
      next = index + 1;
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return { next, outcomes, findings };
}

const ignore = (): void => undefined;

/** Null: the child did its work. Kills it where it stays on one mutant. */
async function ended(child: ChildProcess, present: () => number | null): Promise<Fault | null> {
  let last: number | null = null;
  let since = Date.now();
  let hangs = false;
  let complaint = '';
  child.stderr?.on('data', (part: Buffer) => {
    complaint = (complaint + part.toString()).slice(-4000);
  });
  const timer = setInterval(() => {
    const now = present();
    if (now !== last) [last, since] = [now, Date.now()];
    if (Date.now() - since < SILENCE) return;
    hangs = true;
    child.kill('SIGKILL');
  }, LOOK);
  const [code, signal] = await new Promise<[number | null, string | null]>((resolve) => {
    child.on('close', (...how) => resolve(how));
  });
  clearInterval(timer);
  if (hangs) {
    return { kind: 'hangs', cause: 'hang', detail: `no answer after ${SILENCE / 1000} s` };
  }
  if (code === 0) return null;
  const cause = /^\w*Error.*$/m.exec(complaint)?.[0] ?? `${code ?? signal}`;
  return { kind: 'dies', cause, detail: complaint || cause };
}

/** Number of the mutant that the child is at; null before the first. */
function presentOf(folder: string): number | null {
  try {
    const text = readFileSync(join(folder, 'present'), 'latin1').trim();
    return text === '' ? null : Number(text);
  } catch {
    return null;
  }
}
