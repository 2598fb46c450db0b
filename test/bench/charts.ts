/**
 * Draws docs/charts/*.svg from the raw results of `npm run bench -- --all`, and puts their tables into docs/performance.md:
 *
 *   tsx test/bench/charts.ts test/bench/runs/DATE-all
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format } from 'prettier';
import { fromRoot } from '../support/from-root.ts';
import { msOf, phaseOf, type Measured, type Results } from './results.ts';
import { summaryOf } from './summary.ts';
import { type Chart, type Series, svgChart } from './svg-chart.ts';

const GIB = 2 ** 30;
const [START, END] = ['<!-- measured: begin -->', '<!-- measured: end -->'];

function chartsOf({ measured }: Results): Record<string, Chart> {
  const warm = measured.filter(({ state }) => state === 'warm');
  const main = warm.filter(({ bytes, processes }) => bytes === 4 * GIB && processes === 120);
  const own = warm.filter(({ name }) => name === 'ip2process, 1 indicator');
  const sized = own.filter(({ bytes, processes }) => processes === 120 || bytes > 4 * GIB);
  const cats = (rows: readonly Measured[]): Measured[] =>
    warm.filter(
      ({ name, image }) => name.startsWith('cat') && rows.some((one) => one.image === image),
    );
  const processed = own.filter(bySize);
  const counted = main.filter(({ name }) => name.startsWith('ip2process'));
  return {
    'time-by-size': {
      title: 'Time against the size of the image (one indicator, warm)',
      x: 'GiB',
      y: 'seconds',
      series: [
        series('whole answer', sized, size, seconds),
        series('scan', sized, size, scan),
        series('cat > /dev/null', cats(sized), size, seconds),
      ],
    },
    'time-by-processes': {
      title: 'Time against processes (4 GiB, one indicator, warm)',
      x: 'processes',
      y: 'seconds',
      isLogarithmic: true,
      series: [
        series('whole answer', processed, ({ processes }) => processes, seconds),
        series('scan', processed, ({ processes }) => processes, scan),
        series('cat > /dev/null', cats(processed), ({ processes }) => processes, seconds),
      ],
    },
    'time-by-indicators': {
      title: 'Time against indicators (4 GiB, 120 processes, warm)',
      x: 'indicators',
      y: 'seconds',
      isLogarithmic: true,
      series: [
        series('whole answer', counted, ({ indicators }) => indicators, seconds),
        series('scan', counted, ({ indicators }) => indicators, scan),
        series(
          'grep -aobF',
          main.filter(({ name }) => name.startsWith('grep')),
          ({ indicators }) => indicators,
          seconds,
        ),
        series(
          'yara',
          main.filter(({ name }) => name.startsWith('yara')),
          ({ indicators }) => indicators,
          seconds,
        ),
      ].filter(({ points }) => points.length > 0),
    },
  };
}

const seconds = (one: Measured): number => msOf(one) / 1000;

const series = (
  name: string,
  rows: readonly Measured[],
  x: (one: Measured) => number,
  y: (one: Measured) => number,
): Series => ({
  name,
  points: rows.map((one) => [x(one), y(one)] as const).toSorted(([a], [b]) => a - b),
});

const size = ({ bytes }: Measured): number => bytes / GIB;

const scan = (one: Measured): number => phaseOf(one, 'scan') / 1000;

const bySize = ({ bytes }: Measured): boolean => bytes === 4 * GIB;

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('name the results: tsx test/bench/charts.ts FOLDER');
const results: Results = JSON.parse(readFileSync(join(folder, 'raw.json'), 'utf8'));
mkdirSync(fromRoot('docs/charts'), { recursive: true });
for (const [name, chart] of Object.entries(chartsOf(results))) {
  writeFileSync(fromRoot(`docs/charts/${name}.svg`), svgChart(chart));
}
const page = fromRoot('docs/performance.md');
const words = readFileSync(page, 'utf8');
const [begin, end] = [words.indexOf(START), words.indexOf(END)];
if (begin < 0 || end < begin) throw new Error(`Cannot write the tables: no "${START}" in ${page}`);
const told = `${words.slice(0, begin)}${START}\n\n${summaryOf(results)}\n${words.slice(end)}`;
writeFileSync(page, await format(told, { parser: 'markdown' }));
