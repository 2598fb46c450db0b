/**
 * What reading the system costs beside reading the image: 4 GiB of Windows with 120 processes.
 *
 *   tsx test/bench/windows-big.ts FILE [--rounds N] [--save FOLDER]
 *
 * FILE is built first where it is missing (4 GiB, some minutes). Rounds of `cat` and of the program take turns, the image warm in
 * the page cache. Needs a build of the program (`npm run build`).
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { reportSchema } from '../../src/report/report.ts';
import { bigMachine } from '../support/build-windows/big-machine.ts';
import { INDICATOR } from '../support/build-windows/scenarios.ts';
import { fromRoot } from '../support/from-root.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string', default: '5' }, save: { type: 'string' } },
});
const [image] = positionals;
if (image === undefined) throw new Error('name a file: tsx test/bench/windows-big.ts FILE');
if (!existsSync(image)) bigMachine(image);

/** Milliseconds of each round, by what was measured. */
const runs: Record<string, number[]> = {};
let processes = 0;
read(image);
for (let round = 0; round < Number(values.rounds); round += 1) {
  note('cat > /dev/null', read(image));
  const { timings, coverage } = answer(image);
  processes = coverage.processes;
  const { system = NaN, owners = NaN } = timings;
  for (const [phase, time] of Object.entries(timings)) note(phase, time);
  note('system + owners', system + owners);
}

const medians = Object.entries(runs).map(([name, all]) => [name, median(all)] as const);
const once = median(runs['cat > /dev/null'] ?? []);
const lines = [
  '| what | median ms | of one read of the image |',
  '| --- | ---: | ---: |',
  ...medians.map(([name, ms]) => `| ${name} | ${ms.toFixed(0)} | ${(ms / once).toFixed(2)} × |`),
];
const facts = {
  processes,
  machine: `${cpus().length} × ${cpus()[0]?.model ?? '?'}`,
  node: process.version,
  rounds: Number(values.rounds),
  load: readFileSync('/proc/loadavg', 'utf8').trim(),
};
console.log(`${JSON.stringify(facts)}\n\n${lines.join('\n')}`);
if (values.save !== undefined) {
  mkdirSync(values.save, { recursive: true });
  writeFileSync(join(values.save, 'raw.json'), `${JSON.stringify({ facts, runs }, null, 2)}\n`);
  writeFileSync(join(values.save, 'summary.md'), `${lines.join('\n')}\n`);
}

/** Milliseconds that one read of the file takes. */
function read(file: string): number {
  const start = performance.now();
  const { status } = spawnSync('cat', [file], { stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) throw new Error(`Cannot read ${file}: cat ended with ${status}`);
  return performance.now() - start;
}

function answer(file: string) {
  const program = fromRoot('dist/ip2process.js');
  const given = [program, INDICATOR, '--image', file, '--format', 'json', '--quiet'];
  const { stdout, stderr } = spawnSync(process.execPath, given, { maxBuffer: 2 ** 28 });
  // No exit status means "cannot": a report tells its own outcome.
  if (stdout.length === 0) throw new Error(`Cannot measure: ${stderr.toString()}`);
  return reportSchema.parse(JSON.parse(stdout.toString()));
}

function note(name: string, ms: number): void {
  (runs[name] ??= []).push(ms);
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((one, other) => one - other)[Math.floor(numbers.length / 2)] ?? NaN;
}
