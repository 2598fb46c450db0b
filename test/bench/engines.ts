/**
 * Both engines on the same images in one run: time, processors' time and memory, the runs taking turns.
 *
 *   tsx test/bench/engines.ts [IMAGE…] [--symbols FOLDER] [--volatility COMMAND] [--rounds N] [--save FOLDER]
 *
 * Without images: two built Windows machines (the recipe's, 64 MiB; every case, 32 MiB). Volatility 3 is asked through our
 * plugin, so both answer the whole question. Needs a build of the program, and `npm run setup:volatility3`.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { volatility3Command } from '../../src/engine/volatility3/installation.ts';
import { reportSchema } from '../../src/report/report.ts';
import { recipeMachine } from '../support/build-windows/recipe-machine.ts';
import { everyCase, INDICATOR } from '../support/build-windows/scenarios.ts';
import { fromRoot } from '../support/from-root.ts';
import { conditions } from './conditions.ts';
import { measure } from './measure.ts';
import { median } from './results.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    symbols: { type: 'string', default: fromRoot('../shared/reference/isf') },
    volatility: { type: 'string', default: process.env['VOLATILITY'] ?? volatility3Command() },
    rounds: { type: 'string', default: '3' },
    save: { type: 'string' },
  },
});
const ENGINES = ['native', 'volatility3'] as const;
type EngineName = (typeof ENGINES)[number];

/** One run of the whole program. */
interface Run {
  readonly image: string;
  readonly engine: EngineName;
  readonly ms: number;
  /** Processors' time of all its processes. */
  readonly cpuMs: number;
  /** Of the largest process, and of all added. */
  readonly peakMib: number;
  readonly allMib: number;
  /** Pairs of a hit and a process that holds it. */
  readonly places: number;
}

const scratch = mkdtempSync(join(tmpdir(), 'ip2process-bench-'));
const images = positionals.length > 0 ? positionals : built();
const runs: Run[] = [];
for (const image of images) {
  await measure(`cat '${image}' > /dev/null`);
  for (let round = 0; round < Number(values.rounds); round += 1) {
    for (const engine of ENGINES) runs.push(await answer(image, engine));
  }
}
const facts = {
  images: images.map((image) => ({ name: basename(image), bytes: statSync(image).size })),
  volatility: '2.28.2 by requirements.txt',
  ...conditions(),
  rounds: Number(values.rounds),
};
rmSync(scratch, { recursive: true });
const summary = `${JSON.stringify(facts)}\n\n${table()}\n`;
console.log(summary);
if (values.save !== undefined) {
  mkdirSync(values.save, { recursive: true });
  writeFileSync(join(values.save, 'raw.json'), `${JSON.stringify({ facts, runs }, null, 2)}\n`);
  writeFileSync(join(values.save, 'summary.md'), summary);
}

function built(): string[] {
  return [
    ['recipe.raw', recipeMachine()] as const,
    ['every-case.raw', everyCase({ build: 17763 })] as const,
  ].map(([name, machine]) => {
    const path = join(scratch, name);
    writeFileSync(path, machine.build().bytes);
    return path;
  });
}

async function answer(image: string, engine: EngineName): Promise<Run> {
  const report = join(scratch, 'report.json');
  const cpu = join(scratch, 'cpu');
  const asked =
    engine === 'native'
      ? ''
      : `--engine volatility3 --symbols '${values.symbols}' --volatility '${values.volatility}'`;
  const run = `'${process.execPath}' '${fromRoot('dist/ip2process.js')}' ${INDICATOR} --image '${image}' ${asked} --out '${report}' --quiet > /dev/null 2>&1`;
  const { ms, peakMib, allMib } = await measure(`TIMEFORMAT='%U %S'; { time ${run}; } 2> '${cpu}'`);
  const { hits } = reportSchema.parse(JSON.parse(readFileSync(report, 'utf8')));
  rmSync(report);
  const [user = NaN, system = NaN] = readFileSync(cpu, 'utf8').split(' ').map(Number);
  return {
    image: basename(image),
    engine,
    ms,
    cpuMs: (user + system) * 1000,
    peakMib,
    allMib,
    places: hits.reduce((sum, { owners }) => sum + owners.length, 0),
  };
}

function table(): string {
  const rows = images.flatMap((image) =>
    ENGINES.map((engine) => {
      const own = runs.filter((run) => run.image === basename(image) && run.engine === engine);
      const of = (field: 'ms' | 'cpuMs' | 'peakMib' | 'allMib' | 'places'): number =>
        median(own.map((run) => run[field]));
      return [
        basename(image),
        engine,
        (of('ms') / 1000).toFixed(2),
        (of('cpuMs') / 1000).toFixed(2),
        of('peakMib').toFixed(0),
        of('allMib').toFixed(0),
        String(of('places')),
      ];
    }),
  );
  return [
    ['image', 'engine', 'median s', 'processor s', 'peak MiB', 'all MiB', 'hits in processes'],
    ['---', '---', '---:', '---:', '---:', '---:', '---:'],
    ...rows,
  ]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
}
