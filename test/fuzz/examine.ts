import { readdirSync } from 'node:fs';
import { Ip2ProcessError } from '../../src/errors.ts';
import { openImage } from '../../src/image/open-image.ts';
import { parseIndicator } from '../../src/indicator/parse-indicator.ts';
import { ip2process } from '../../src/run/ip2process.ts';
import { PRINTERS } from '../../src/report/printers.ts';
import { type Report, reportSchema } from '../../src/report/report.ts';
import type { MemoryRun } from '../../src/memory/physical-memory.ts';
import { INDICATOR } from './mutant.ts';

/** What a run must never do, whatever the image. */
export interface Fault {
  readonly kind: 'throws' | 'breaks a law' | 'leaves files' | 'slow' | 'hangs' | 'memory' | 'dies';
  /** The same for the same cause, as far as that can be told. */
  readonly cause: string;
  readonly detail: string;
}

export interface Examined {
  /** Outcome of the report, or kind of the refusal. */
  readonly outcome: string;
  readonly fault: Fault | null;
  /** Milliseconds of processor time of the run itself. */
  readonly cpu: number;
}

/** Runs the whole program on an image and judges what comes out. `scratch` must be an empty folder. A page of HTML costs as much as the run. */
export const examine = (
  path: string,
  scratch: string,
  hasAllPrinters: boolean,
): Promise<Examined> =>
  examineRun(scratch, async (stopClock) => {
    const report = await ip2process({
      indicators: [parseIndicator(INDICATOR)],
      image: path,
      threads: 1,
      scratch,
      toolVersion: '0.0.0',
    });
    stopClock();
    return { outcome: report.outcome, fault: await brokenLaw(report, path, hasAllPrinters) };
  });

/** Runs something that must end in an outcome or in a foreseen refusal, and must leave nothing behind. */
export async function examineRun(
  scratch: string,
  run: (stopClock: () => void) => Promise<{ outcome: string; fault: Fault | null }>,
): Promise<Examined> {
  const handles = openHandles();
  const start = process.cpuUsage();
  let cpu: number | null = null;
  const stopClock = (): void => {
    const { user, system } = process.cpuUsage(start);
    cpu ??= (user + system) / 1000;
  };
  let outcome: string;
  let fault: Fault | null;
  try {
    ({ outcome, fault } = await run(stopClock));
  } catch (error) {
    outcome = error instanceof Ip2ProcessError ? `refused: ${error.kind}` : 'thrown';
    fault = faultOf(error);
  }
  stopClock();
  const left = readdirSync(scratch);
  if (left.length > 0) fault ??= leaves(`${left.length} files in the scratch folder`);
  if (openHandles() > handles) fault ??= leaves('open files');
  return { outcome, fault, cpu: cpu ?? 0 };
}

/** Foreseen failures are part of the contract: a sentence with a kind. */
function faultOf(error: unknown): Fault | null {
  if (error instanceof Ip2ProcessError) {
    const isForeseen = error.kind === 'image' || error.kind === 'analysis';
    const isSentence = /^Cannot [^]+\S$/.test(error.message) && error.message.length < 2000;
    if (isForeseen && isSentence) return null;
    return { kind: 'breaks a law', cause: `a ${error.kind} failure`, detail: error.message };
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const place = /\/src\/([\w/.-]+:\d+)/.exec(stack)?.[1] ?? '';
  return { kind: 'throws', cause: `${stack.split('\n')[0]} at ${place}`, detail: stack };
}

async function brokenLaw(
  report: Report,
  path: string,
  hasAllPrinters: boolean,
): Promise<Fault | null> {
  try {
    const broken = [
      ...brokenShape(report),
      ...brokenNumbers(report),
      ...brokenPrints(report, hasAllPrinters),
    ];
    if (report.image?.container === 'none') {
      const image = await openImage(path);
      broken.push(...brokenPlaces(report, image.memory.runs));
      image.close();
    }
    const [first] = broken;
    return first === undefined
      ? null
      : { kind: 'breaks a law', cause: first.replaceAll(/\d+|0x[0-9a-f]+/g, 'N'), detail: first };
  } catch (error) {
    return faultOf(error);
  }
}

function brokenShape(report: Report): string[] {
  const parsed = reportSchema.safeParse(report);
  return parsed.success
    ? []
    : parsed.error.issues.map(({ path, message }) => `schema: ${path.join('.')}: ${message}`);
}

function brokenNumbers({ coverage, hits, indicators, processes }: Report): string[] {
  const broken: string[] = [];
  if (coverage.bytesSearched > coverage.imageBytes) broken.push('searched more than there is');
  const counted = indicators.reduce((sum, indicator) => sum + indicator.hits, 0);
  if (counted > hits.length) broken.push('counts more hits than it lists');
  for (const { pid, hits: own } of processes) {
    const byForm = Object.values(own.byForm).reduce((sum, count) => sum + count, 0);
    if (own.exclusive > own.total) broken.push(`process ${pid} has more exclusive hits than hits`);
    if (byForm !== own.total)
      broken.push(`process ${pid} has ${own.total} hits, by form ${byForm}`);
  }
  return broken;
}

/** Every hit lies in RAM that the image holds, and its owners see it at addresses that exist. */
function brokenPlaces({ hits }: Report, runs: readonly MemoryRun[]): string[] {
  const isHeld = (at: number): boolean =>
    runs.some(({ start, length }) => at >= start && at < start + length);
  const broken: string[] = [];
  for (const hit of hits) {
    const total = hit.parts.reduce((sum, { length }) => sum + length, 0);
    if (total > hit.length) broken.push('parts are longer than their hit');
    for (const { physicalAddress, length } of hit.parts) {
      const at = Number(physicalAddress);
      if (!isHeld(at) || !isHeld(at + length - 1))
        broken.push('a hit lies where the image has nothing');
    }
    for (const { virtualAddress } of hit.owners) {
      if (!isCanonical(BigInt(virtualAddress))) broken.push(`owner at ${virtualAddress}`);
    }
  }
  return broken;
}

/** With 5 levels at most: bits 56 to 63 are equal. */
const isCanonical = (address: bigint): boolean =>
  address >> 56n === 0n || (address >> 56n === 0xffn && address < 1n << 64n);

/** Every report can be printed, and no byte of the image reaches a terminal as a command. */
function brokenPrints(report: Report, hasAll: boolean): string[] {
  const broken: string[] = [];
  for (const [format, printer] of Object.entries(PRINTERS)) {
    if (!hasAll && format === 'html') continue;
    const text = printer.print(report);
    if (CONTROL.test(text)) broken.push(`control characters in ${format}`);
    if (format === 'json') {
      const again = reportSchema.safeParse(JSON.parse(text));
      if (!again.success) broken.push('the JSON is no report');
    }
  }
  return broken;
}

/** All but tab, line feed and carriage return. */
const CONTROL = /[^\P{Cc}\t\n\r]/u;

const leaves = (what: string): Fault => ({ kind: 'leaves files', cause: what, detail: what });

/** Open files of this process; 0 where the system does not tell. */
function openHandles(): number {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return 0;
  }
}
