/**
 * What reading the system costs beside reading the image, on a Windows machine from a seeded generator.
 *
 *   tsx test/bench/windows-big.ts FILE [--processes N] [--ram GIB] [--seed N] [--rounds N] [--cold N] [--save FOLDER]
 *
 * FILE is built first where it is missing: 4 GiB dense with 120 processes unless told, some minutes. Rounds of `cat`, of
 * `grep` and of the program take turns, the image warm in the page cache. Cold rounds (2) need the right to drop the page
 * cache; without it they are left out, and said to be. Needs a build of the program (`npm run build`).
 */
import { execFileSync, spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { reportSchema } from '../../src/report/report.ts';
import { bigMachine } from '../support/build-windows/big-machine.ts';
import { INDICATOR } from '../support/build-windows/scenarios.ts';
import { fromRoot } from '../support/from-root.ts';
import { conditions } from './conditions.ts';
import { ENV, measure } from './measure.ts';
import { median } from './results.ts';
import { stageReads } from './stage-reads.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    processes: { type: 'string', default: '120' },
    ram: { type: 'string', default: '4' },
    seed: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '7' },
    cold: { type: 'string', default: '2' },
    save: { type: 'string' },
  },
});
const [image] = positionals;
if (image === undefined) throw new Error('name a file: tsx test/bench/windows-big.ts FILE');
if (!existsSync(image)) {
  bigMachine(image, {
    processes: Number(values.processes),
    ramBytes: Number(values.ram) * 2 ** 30,
    seed: Number(values.seed),
  });
}

const scratch = mkdtempSync(join(tmpdir(), 'ip2process-bench-'));
const program = `'${process.execPath}' '${fromRoot('dist/ip2process.js')}'`;
const CAT = `cat '${image}' > /dev/null`;
const PEAK = 'peak of memory, MiB';
/** Each number of each round, by what was measured: milliseconds, but for the peak. */
const warm: Record<string, number[]> = {};
const cold: Record<string, number[]> = {};
let processes = 0;

await measure(CAT);
for (let round = 0; round < Number(values.rounds); round += 1) {
  note(warm, 'cat > /dev/null', await timed(CAT));
  note(
    warm,
    'grep -aobF IP',
    await timed(`LC_ALL=C grep -aobF ${INDICATOR} '${image}' | cat > /dev/null`),
  );
  note(warm, '--help: start-up', await timed(`${program} --help > /dev/null`));
  await answer(warm);
  await printed(warm);
}
let isColdAllowed = true;
for (let round = 0; round < Number(values.cold) && isColdAllowed; round += 1) {
  isColdAllowed = dropCaches();
  if (!isColdAllowed) break;
  note(cold, 'cat > /dev/null', await timed(CAT));
  dropCaches();
  await answer(cold);
}
rmSync(scratch, { recursive: true });

const facts = {
  imageBytes: statSync(image).size,
  generator: { processes: values.processes, ramGib: values.ram, seed: values.seed },
  processes,
  ...conditions(),
  rounds: Number(values.rounds),
  cold: isColdAllowed ? Number(values.cold) : 'left out: the page cache may not be dropped',
  readsBesideTheScan: await stageReads(image, INDICATOR),
};
const summary = `${JSON.stringify(facts)}\n\n${table('warm', warm)}\n\n${table('cold', cold)}\n`;
console.log(summary);
if (values.save !== undefined) {
  mkdirSync(values.save, { recursive: true });
  writeFileSync(
    join(values.save, 'raw.json'),
    `${JSON.stringify({ facts, warm, cold }, null, 2)}\n`,
  );
  writeFileSync(join(values.save, 'summary.md'), summary);
}

/** A run of the program without the image's hash: as a whole, by its phases, its processors' time and its peak of memory. */
async function answer(runs: Record<string, number[]>): Promise<void> {
  const report = join(scratch, 'report.json');
  const cpu = join(scratch, 'cpu');
  // No exit status means "cannot": a report tells its own outcome.
  const run = `${program} ${INDICATOR} --image '${image}' --out '${report}' --no-sha256 --quiet > /dev/null 2>&1`;
  const { ms, peakMib } = await measure(`TIMEFORMAT='%U %S'; { time ${run}; } 2> '${cpu}'`);
  if (!existsSync(report)) throw new Error(`Cannot measure: ${run} writes no report`);
  const { timings, coverage } = reportSchema.parse(JSON.parse(readFileSync(report, 'utf8')));
  rmSync(report);
  processes = coverage.processes;
  const [user = NaN, system = NaN] = readFileSync(cpu, 'utf8').split(' ').map(Number);
  const { scan = NaN, system: opening = NaN, owners = NaN } = timings;
  note(runs, 'whole answer', ms);
  for (const [phase, time] of Object.entries(timings)) note(runs, `phase ${phase}`, time);
  note(runs, 'system + owners', opening + owners);
  note(runs, 'all but the scan', ms - scan);
  note(runs, 'processor time, user', user * 1000);
  note(runs, 'processor time, system', system * 1000);
  note(runs, PEAK, peakMib);
}

/** When the answer stands on the terminal, and when the hash behind it is done. */
async function printed(runs: Record<string, number[]>): Promise<void> {
  const start = performance.now();
  const given = [fromRoot('dist/ip2process.js'), INDICATOR, '--image', image ?? '', '--quiet'];
  const child = spawn(process.execPath, given, { stdio: ['ignore', 'pipe', 'ignore'], env: ENV });
  const ended = new Promise((resolve) => child.on('close', resolve));
  await new Promise((resolve) => child.stdout.once('data', resolve));
  note(runs, 'answer printed', performance.now() - start);
  child.stdout.resume();
  await ended;
  note(runs, 'its hash done', performance.now() - start);
}

async function timed(command: string): Promise<number> {
  return (await measure(command)).ms;
}

/** False: not allowed here. */
function dropCaches(): boolean {
  try {
    execFileSync('sync');
    writeFileSync('/proc/sys/vm/drop_caches', '3');
    return true;
  } catch {
    return false;
  }
}

function note(runs: Record<string, number[]>, name: string, number: number): void {
  (runs[name] ??= []).push(number);
}

function table(name: string, runs: Readonly<Record<string, readonly number[]>>): string {
  const once = median(runs['cat > /dev/null'] ?? []);
  return [
    `| ${name} | median ms | least | of one read of the image |`,
    '| --- | ---: | ---: | ---: |',
    ...Object.entries(runs).map(([what, all]) => {
      const [middle, least] = [median(all), Math.min(...all)];
      const ratio = what === PEAK ? '' : `${(middle / once).toFixed(2)} ×`;
      return `| ${what} | ${middle.toFixed(0)} | ${least.toFixed(0)} | ${ratio} |`;
    }),
  ].join('\n');
}
