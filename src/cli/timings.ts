import type { Report } from '../report/report.ts';
import type { ScanTimes } from '../scan/scan-part.ts';

/** What each phase of a run is, in the order of the run. */
const PHASES: Readonly<Record<string, string>> = {
  arrive: 'waiting for the image, and scanning what is there',
  open: 'opening it, and unpacking',
  verify: 'hashing it to check the index',
  scan: 'one pass over all bytes: texts, marks of the kernel, cut texts',
  system: 'kernel and processes from what was collected',
  engine: 'choosing who tells the owners',
  owners: 'page tables turned backwards',
  attribute: 'hits joined with owners, their regions, sent data, scores',
  second: 'the second engine',
  report: 'building the report',
  hash: 'SHA-256, behind the answer',
};

const THREADS: Readonly<Record<keyof ScanTimes, string>> = {
  read: 'copying its bytes; all threads together',
  match: 'looking at every byte for texts and marks',
  pages: 'looking closer at some pages: structures, cut texts',
};

/** What `--timings` prints: milliseconds by phase, and of the scan by what its threads did. */
export function timingsText(timings: Report['timings'], scan: ScanTimes | null): string {
  const lines = Object.entries(timings).flatMap(([phase, ms]) => [
    line(phase, ms, PHASES[phase]),
    ...(phase === 'scan' && scan
      ? (['read', 'match', 'pages'] as const).map((part) =>
          line(`  ${part}`, scan[part], THREADS[part]),
        )
      : []),
  ]);
  return lines.join('');
}

const line = (name: string, ms: number, meaning = ''): string =>
  `${`${name.padEnd(10)} ${ms.toFixed(1).padStart(9)} ms  ${meaning}`.trimEnd()}\n`;
