/** Runs mutants one after the other in a process of its own, which may hang, grow or die. Started by `supervisor.ts`. */
import { mkdirSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { examine, type Examined, type Fault } from './examine.ts';
import { examineImage } from './examine-image.ts';
import { imageFile } from './image-file.ts';
import { type Base, basesOf, fileOf, type Mutant, mutantOf } from './mutant.ts';
import { TARGETS } from './targets.ts';

export interface Job {
  readonly target: string;
  readonly seed: number;
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
  /** Milliseconds since 1970 at which to stop. */
  readonly until: number;
  /** Of its own: the mutants, their scratch folder and the number of the present one. */
  readonly folder: string;
}

export type Message =
  | {
      readonly kind: 'fault';
      readonly index: number;
      readonly fault: Fault;
      readonly mutant: Mutant;
    }
  | { readonly kind: 'outcomes'; readonly next: number; readonly outcomes: Record<string, number> };

/** Issue of the project: ten times the normal time is a hang. */
const MOST_TIMES = 10;
/** Below it a pause of the garbage collector looks like slowness. Milliseconds. */
const TIME_FLOOR = 600;
/** Above what the valid image needs. A run on a large image may take 400 MB in all. */
const MOST_GROWTH = 300 * 2 ** 20;
const REPEATS = 3;
/** Runs of a valid image; the first half is slower, because not yet compiled. */
const WARM_UPS = 10;
/** One mutant in so many is printed as HTML too. */
const ALL_PRINTERS_EVERY = 16;

const jobShape = z.object({
  target: z.string(),
  seed: z.number(),
  from: z.number(),
  to: z.number(),
  until: z.number(),
  folder: z.string(),
});

const job = jobShape.parse(JSON.parse(process.argv[2] ?? '{}'));
const leave = (): never => {
  rmSync(job.folder, { recursive: true, force: true });
  process.exit(1);
};
// The supervisor is gone: nobody waits for the rest.
process.once('disconnect', leave);
await run(job);
process.off('disconnect', leave);
process.disconnect();

async function run({ target: name, seed, from, to, until, folder }: Job): Promise<void> {
  const target = TARGETS.find((one) => one.name === name);
  if (!target) throw new Error(`Cannot fuzz "${name}": there is no such format`);
  const scratch = join(folder, 'scratch');
  mkdirSync(scratch, { recursive: true });
  const present = openSync(join(folder, 'present'), 'w');
  const image = imageFile(join(folder, 'image'));
  const beside = {
    state: imageFile(join(folder, 'machine.vmss')),
    memory: join(folder, 'machine.vmem'),
  };
  const baseAt = basesOf(target, seed);
  let outcomes: Record<string, number> = {};

  let base: Base | null = null;
  let normal = { cpu: 0, peak: 0 };
  const normals = new WeakMap<Base, typeof normal>();
  let index = from;
  for (; index < to && Date.now() < until; index += 1) {
    const current = baseAt(index);
    if (current !== base) {
      base = current;
      normal = normals.get(base) ?? (await measure(base));
      normals.set(base, normal);
    }
    writeSync(present, String(index).padEnd(12), 0);
    const mutant = mutantOf(target, base, seed, index);
    const { outcome, fault } = await judge(base, mutant, normal);
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    if (fault !== null) {
      const smallest = isLasting(fault) ? mutant : await minimal(base, mutant, fault, normal);
      tell({ kind: 'fault', index, fault, mutant: smallest });
      // The peak of memory never falls again, and slowness may be this process' own.
      if (isLasting(fault)) {
        index += 1;
        break;
      }
    }
    if (index % 100 === 99) flush(index + 1);
  }
  flush(index);

  function flush(next: number): void {
    tell({ kind: 'outcomes', next, outcomes });
    outcomes = {};
  }

  /** What the valid image costs. It must be answered, or its mutants test nothing. */
  async function measure(of: Base): Promise<typeof normal> {
    const { memoryBeside } = of.encoded;
    if (memoryBeside !== undefined) writeFileSync(beside.memory, memoryBeside);
    const times: number[] = [];
    for (let count = 0; count < WARM_UPS; count += 1) {
      const { outcome, fault, cpu } = await attempt(of, { memory: [], file: [] });
      if (fault || (outcome !== 'found' && outcome !== 'opened')) {
        throw new Error(
          `Cannot start from ${name}, ${of.machine.name}: ${fault?.detail ?? outcome}`,
        );
      }
      times.push(cpu);
    }
    const warm = times.slice(WARM_UPS / 2).toSorted((one, other) => one - other);
    return { cpu: warm[Math.floor(warm.length / 2)] ?? 0, peak: peakMemory() };
  }

  async function judge(of: Base, mutant: Mutant, limits: typeof normal): Promise<Examined> {
    const limit = Math.max(limits.cpu * MOST_TIMES, TIME_FLOOR);
    const before = Math.max(limits.peak, peakMemory());
    let examined = await attempt(of, mutant);
    for (let count = 1; count < REPEATS && examined.cpu > limit; count += 1) {
      const again = await attempt(of, mutant);
      if (again.cpu < examined.cpu) examined = again;
    }
    if (examined.fault !== null) return examined;
    if (examined.cpu > limit) {
      const detail = `${Math.round(examined.cpu)} ms of processor time; the valid image ${Math.round(limits.cpu)} ms`;
      return { ...examined, fault: { kind: 'slow', cause: 'time', detail } };
    }
    if (peakMemory() > limits.peak + MOST_GROWTH && peakMemory() > before) {
      const detail = `${mib(peakMemory())} MiB; the valid image ${mib(limits.peak)} MiB`;
      return { ...examined, fault: { kind: 'memory', cause: 'memory', detail } };
    }
    return examined;
  }

  async function attempt(of: Base, mutant: Mutant): Promise<Examined> {
    const hasAllPrinters = index % ALL_PRINTERS_EVERY === 0;
    const isBeside = of.encoded.memoryBeside !== undefined;
    (isBeside ? beside.state : image).write(fileOf(of, mutant));
    const path = isBeside ? beside.memory : image.path;
    return target?.depth === 'image'
      ? examineImage(path, scratch)
      : examine(path, scratch, hasAllPrinters);
  }

  /** Without the changes that the fault does not need. */
  async function minimal(
    of: Base,
    mutant: Mutant,
    { cause }: Fault,
    limits: typeof normal,
  ): Promise<Mutant> {
    let smallest = mutant;
    for (const part of ['memory', 'file'] as const) {
      for (let at = smallest[part].length - 1; at >= 0; at -= 1) {
        const without = { ...smallest, [part]: smallest[part].toSpliced(at, 1) };
        const { fault } = await judge(of, without, limits);
        if (fault?.cause === cause) smallest = without;
      }
    }
    return smallest;
  }
}

function isLasting({ kind }: Fault): boolean {
  return kind === 'slow' || kind === 'memory';
}

/** Bytes that this process had in RAM at its largest. */
function peakMemory(): number {
  return process.resourceUsage().maxRSS * 1024;
}

function mib(bytes: number): number {
  return Math.round(bytes / 2 ** 20);
}

function tell(message: Message): void {
  process.send?.(message);
}
