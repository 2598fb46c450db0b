/**
 * The whole question, which processes hold an address, asked of all that can answer it on a Windows image, in one run, rounds
 * interleaved: this program, MemProcFS' search of every process, and the recipe by hand (two strings passes, grep, Volatility's
 * strings plugin corrected, pslist; as `ip2process recipe` prints them).
 *
 *   tsx test/bench/attributors.ts IMAGE [--memprocfs PYTHON] [--volatility VOL] [--symbols ISF] [--rounds N] [--save FOLDER]
 *
 * What is not named is left out. PYTHON: see memprocfs-search.py. VOL: `npm run setup:volatility3`, with symbol tables of the image's
 * kernel. Needs a build (`npm run build`).
 */
import { execFileSync } from 'node:child_process';
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
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { parseIndicator } from '../../src/indicator/parse-indicator.ts';
import { lookAtImage } from '../../src/recipe/image-look.ts';
import { recipeOf } from '../../src/recipe/recipe.ts';
import { reportSchema } from '../../src/report/report.ts';
import { INDICATOR } from '../support/build-windows/scenarios.ts';
import { fromRoot } from '../support/from-root.ts';
import { conditions } from './conditions.ts';
import { measure, type Measurement } from './measure.ts';
import { median } from './results.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    memprocfs: { type: 'string' },
    volatility: { type: 'string' },
    symbols: { type: 'string' },
    rounds: { type: 'string', default: '3' },
    save: { type: 'string' },
  },
});
const [given] = positionals;
if (given === undefined) throw new Error('name an image: tsx test/bench/attributors.ts IMAGE');
const image = resolve(given);

/** Hits by process. */
type Answer = ReadonlyMap<number, number>;

interface Attributor {
  readonly name: string;
  readonly command: string;
  /** Of what the command wrote; null: it names no process. */
  readonly answer: (() => Answer) | null;
}

interface Run extends Measurement {
  readonly name: string;
  readonly answer: readonly (readonly [pid: number, hits: number])[];
}

const scratch = mkdtempSync(join(tmpdir(), 'ip2process-bench-'));
const attributors: Attributor[] = [
  { name: 'cat > /dev/null', command: `cat '${image}' > /dev/null`, answer: null },
  {
    name: 'grep -aobF IP',
    // Into a pipe: with /dev/null as output grep stops at the first match.
    command: `LC_ALL=C grep -aobF ${INDICATOR} '${image}' | cat > /dev/null`,
    answer: null,
  },
  ownProgram(),
  ...(values.memprocfs === undefined ? [] : [memProcFs(values.memprocfs)]),
  ...(values.volatility === undefined ? [] : [await recipe(values.volatility)]),
];
const runs: Run[] = [];
try {
  // Into the page cache; not counted.
  await measure(`cat '${image}' > /dev/null`);
  for (let round = 0; round < Number(values.rounds); round += 1) {
    for (const { name, command, answer } of attributors) {
      const measured = await measure(command);
      runs.push({ name, ...measured, answer: [...(answer?.() ?? [])] });
    }
  }
} finally {
  rmSync(scratch, { recursive: true });
}
const facts = {
  image: { name: basename(image), bytes: statSync(image).size },
  indicator: INDICATOR,
  ...conditions(),
  rounds: Number(values.rounds),
};
const summary = `${JSON.stringify(facts)}\n\n${table()}\n`;
console.log(summary);
if (values.save !== undefined) {
  mkdirSync(values.save, { recursive: true });
  writeFileSync(join(values.save, 'raw.json'), `${JSON.stringify({ facts, runs }, null, 1)}\n`);
  writeFileSync(join(values.save, 'summary.md'), summary);
}

function ownProgram(): Attributor {
  const report = join(scratch, 'report.json');
  return {
    name: 'ip2process',
    command: `'${process.execPath}' '${fromRoot('dist/ip2process.js')}' ${INDICATOR} --image '${image}' --no-sha256 --quiet --out '${report}' > /dev/null 2>&1`,
    answer: () => {
      const { hits } = reportSchema.parse(JSON.parse(readFileSync(report, 'utf8')));
      // A run that writes none is not to be taken for the one before.
      rmSync(report);
      return counted(hits.flatMap(({ owners }) => owners.map(({ pid }) => pid)));
    },
  };
}

function memProcFs(python: string): Attributor {
  const output = join(scratch, 'memprocfs');
  return {
    name: `MemProcFS ${versionOf(python, 'memprocfs')}, search of every process`,
    command: `'${resolve(python)}' '${fromRoot('test/bench/memprocfs-search.py')}' '${image}' ${INDICATOR} > '${output}'`,
    answer: () => pairsIn(output, /^(?<pid>\d+) (?<hits>\d+)$/gmu),
  };
}

/** The steps that the recipe of 2018 has, of those that `ip2process recipe` prints. */
async function recipe(program: string): Promise<Attributor> {
  const look = await lookAtImage(image);
  const symbols = values.symbols === undefined ? null : resolve(values.symbols);
  const options = { program: resolve(program), symbols, system: null };
  const steps = recipeOf(parseIndicator(INDICATOR), look, options).parts.flatMap(
    (part) => part.steps,
  );
  const wanted = [
    /^strings .*-td \S/u,
    /^strings .* -el /u,
    /^cat /u,
    /windows\.pslist/u,
    /^mkdir -p plugins/u,
    /CorrectedStrings --/u,
  ];
  const commands = wanted.map((pattern) => {
    const step = steps.find(({ command }) => pattern.test(command));
    if (!step) throw new Error(`Cannot measure the recipe: no step is like ${pattern} any more`);
    return step.command;
  });
  return {
    name: 'the recipe by hand',
    command: `cd '${scratch}' && { ${commands.join('; ')}; } > recipe 2>&1`,
    answer: () => pairsIn(join(scratch, 'recipe'), /^ *(?<hits>\d+) Process (?<pid>\d+)$/gmu),
  };
}

/** Of a package of Python. */
function versionOf(python: string, name: string): string {
  const ask = `import importlib.metadata; print(importlib.metadata.version('${name}'))`;
  return execFileSync(python, ['-c', ask], { encoding: 'utf8' }).trim();
}

function counted(pids: readonly number[]): Answer {
  const counts = new Map<number, number>();
  for (const pid of pids) counts.set(pid, (counts.get(pid) ?? 0) + 1);
  return counts;
}

function pairsIn(path: string, pattern: RegExp): Answer {
  const said = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const pairs = [...said.matchAll(pattern)].map(
    ({ groups }) => [Number(groups?.['pid']), Number(groups?.['hits'])] as const,
  );
  if (pairs.length === 0) throw new Error(`Cannot measure: no process is named in "${said}"`);
  return new Map(pairs);
}

function of(name: string): Run[] {
  return runs.filter((run) => run.name === name);
}

function secondsOf(name: string): number {
  return median(of(name).map(({ ms }) => ms)) / 1000;
}

function table(): string {
  const own = secondsOf('ip2process');
  return [
    '| command | median s | of ip2process | peak MiB | processes named | hits in them |',
    '| --- | ---: | ---: | ---: | ---: | ---: |',
    ...attributors.map(({ name, answer }) => {
      const peak = median(of(name).map(({ peakMib }) => peakMib)).toFixed(0);
      const last = of(name).at(-1)?.answer ?? [];
      const told = answer ? [last.length, last.reduce((sum, [, hits]) => sum + hits, 0)] : ['', ''];
      return `| ${name} | ${secondsOf(name).toFixed(2)} | ${(secondsOf(name) / own).toFixed(2)} × | ${peak} | ${told.join(' | ')} |`;
    }),
  ].join('\n');
}
