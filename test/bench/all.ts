/**
 * `npm run bench -- --all [--images FOLDER] [--rounds N] [--save FOLDER] [--no-build] [--no-cold]`: everything that docs/performance.md shows,
 * in about ten minutes once the images are there. Rounds are interleaved: a busy moment hits all alike.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { INDICATOR } from '../support/build-windows/scenarios.ts';
import { benchImages, type BenchImage } from './images.ts';
import { cat, type Contestant, ip2process, peers } from './contestants.ts';
import { machine } from './conditions.ts';
import { measure } from './measure.ts';
import type { Measured, Results } from './results.ts';
import { summaryOf } from './summary.ts';

export interface AllOptions {
  readonly images: string;
  readonly rounds: number;
  readonly save: string;
  readonly builds: boolean;
  /** Whether the page cache may be emptied in between. */
  readonly isCold: boolean;
}

export async function benchAll({
  images,
  rounds,
  save,
  builds,
  isCold,
}: AllOptions): Promise<void> {
  mkdirSync(images, { recursive: true });
  mkdirSync(save, { recursive: true });
  const scratch = mkdtempSync(join(tmpdir(), 'ip2process-bench-'));
  const measured: Measured[] = [];
  const loads = [loadavg()[0] ?? 0];
  try {
    const all = benchImages(images, builds);
    for (const image of all) {
      // Into the page cache; not counted.
      await measure(cat(image.path).command);
      const isMain = image.bytes === 4 * 2 ** 30 && image.processes === 120;
      await rows(image, 'warm', isMain ? [...base(image), ...more(image)] : base(image), rounds);
      loads.push(loadavg()[0] ?? 0);
    }
    const main = all.find(({ bytes, processes }) => bytes === 4 * 2 ** 30 && processes === 120);
    if (main && isCold) await rows(main, 'cold', base(main), 2);
  } finally {
    rmSync(scratch, { recursive: true });
  }
  const results: Results = { facts: { ...programs(), rounds, loads }, measured };
  writeFileSync(join(save, 'raw.json'), `${JSON.stringify(results, null, 1)}\n`);
  writeFileSync(join(save, 'summary.md'), summaryOf(results));
  console.log(summaryOf(results));

  function base({ path }: BenchImage): Contestant[] {
    return [cat(path), ip2process(path, INDICATOR, 1, scratch)];
  }

  function more({ path }: BenchImage): Contestant[] {
    const counts = [10, 100, 1000].map((count) => ip2process(path, INDICATOR, count, scratch));
    return [...peers(path, INDICATOR, scratch), ...counts];
  }

  async function rows(
    image: BenchImage,
    state: Measured['state'],
    contestants: readonly Contestant[],
    times: number,
  ): Promise<void> {
    const about = { image: basename(image.path), bytes: image.bytes, processes: image.processes };
    const own = contestants.map(({ name, indicators }) => ({
      ...about,
      state,
      name,
      indicators,
      runs: [] as Measured['runs'][number][],
    }));
    for (let round = 0; round < times; round += 1) {
      for (const [index, { command, timings }] of contestants.entries()) {
        if (state === 'cold' && !isCacheDropped()) return;
        const run = await measure(command);
        own[index]?.runs.push({ ...run, phases: timings === null ? {} : phasesIn(timings) });
      }
    }
    measured.push(...own);
  }
}

/** Only root can; elsewhere nothing cold is measured. */
function isCacheDropped(): boolean {
  spawnSync('sync');
  try {
    writeFileSync('/proc/sys/vm/drop_caches', '3');
    return true;
  } catch {
    console.error('not root: nothing is measured with a cold page cache');
    return false;
  }
}

/** What `--timings` printed. */
function phasesIn(path: string): Record<string, number> {
  const lines = readFileSync(path, 'utf8').matchAll(/^ *(\w+) +([\d.]+) ms/gmu);
  const phases = Object.fromEntries([...lines].map(([, name, ms]) => [name, Number(ms)]));
  if (phases['scan'] === undefined) {
    throw new Error(`Cannot measure: the program said "${readFileSync(path, 'utf8')}"`);
  }
  return phases;
}

const versionOf = (command: string): string =>
  spawnSync(command, ['--version'], { encoding: 'utf8' }).stdout?.split('\n')[0] ?? 'none';

const programs = () => ({
  machine: machine(),
  node: process.version,
  grep: versionOf('grep'),
  yara: versionOf('yara'),
});
