import { median, msOf, phaseOf, type Measured, type Results } from './results.ts';

/** The medians as Markdown: one table for each image and state of the page cache, then what was promised. */
export function summaryOf({ facts, measured }: Results): string {
  const groups = new Map<string, Measured[]>();
  for (const one of measured) {
    groups.set(groupOf(one), [...(groups.get(groupOf(one)) ?? []), one]);
  }
  return [
    `${facts.machine}; Node ${facts.node}; ${facts.grep}; yara ${facts.yara}; ${facts.rounds} rounds; load ${facts.loads.map((load) => load.toFixed(1)).join(', ')}`,
    ...[...groups].map(([title, rows]) => [`### ${title}`, tableOf(rows)].join('\n\n')),
    '### Ratios',
    ratiosOf(measured),
    '',
  ].join('\n\n');
}

const groupOf = ({ bytes, processes, state }: Measured): string =>
  `${bytes / 2 ** 30} GiB, ${processes} processes, ${state} page cache`;

const PHASES = ['scan', 'system', 'owners', 'attribute', 'report'];

function tableOf(rows: readonly Measured[]): string {
  const once = msOf(rows.find(({ indicators }) => indicators === 0) ?? NONE);
  return [
    `| command | s | of cat | peak MiB | ${PHASES.map((phase) => `${phase} ms`).join(' | ')} |`,
    `| --- | --: | --: | --: | ${PHASES.map(() => '--:').join(' | ')} |`,
    ...rows.map((row) => {
      const phases = PHASES.map((phase) => whole(phaseOf(row, phase)));
      const peak = whole(median(row.runs.map(({ peakMib }) => peakMib)));
      return `| ${row.name} | ${(msOf(row) / 1000).toFixed(2)} | ${(msOf(row) / once).toFixed(2)} × | ${peak} | ${phases.join(' | ')} |`;
    }),
  ].join('\n');
}

const whole = (value: number): string => (Number.isNaN(value) ? '' : value.toFixed(0));

/** What the project wants of itself, on the 4 GiB image with 120 processes. */
function ratiosOf(measured: readonly Measured[]): string {
  const main = measured.filter(
    ({ bytes, processes, state }) => bytes === 4 * 2 ** 30 && processes === 120 && state === 'warm',
  );
  const named = (name: string): Measured => main.find((one) => one.name.startsWith(name)) ?? NONE;
  const own = named('ip2process, 1 ');
  const hundred = named('ip2process, 100 ');
  const scan = phaseOf(own, 'scan');
  const rows: [string, number, string][] = [
    ['throughput of the scan, of grep -aobF IP', msOf(named('grep -aobF IP')) / scan, '≥ 1.5'],
    ['throughput of the scan, of cat', msOf(named('cat')) / scan, '≥ 0.6'],
    ['scan of 100 indicators, of one', phaseOf(hundred, 'scan') / scan, '≤ 1.3'],
    ['whole answer on 100 indicators, of one', msOf(hundred) / msOf(own), '≤ 1.3'],
    [
      'grep -aobF -f LIST of 100, of the whole answer on 100',
      msOf(named('grep -aobF -f')) / msOf(hundred),
      '',
    ],
    ['yara on 100, of the whole answer on 100', msOf(named('yara, 100')) / msOf(hundred), ''],
    ['whole answer, of cat', msOf(own) / msOf(named('cat')), '≤ 3'],
    ['whole answer, of one grep -aobF IP', msOf(own) / msOf(named('grep -aobF IP')), '< 1'],
    ['most memory with one indicator, MiB', peakOf(measured, [1]), '< 400'],
    ['most memory of any run, MiB', peakOf(measured, [1, 10, 100, 1000]), ''],
  ];
  return [
    '| what | measured | wanted |',
    '| --- | --: | --: |',
    ...rows.map(([what, value, wanted]) => `| ${what} | ${value.toFixed(2)} | ${wanted} |`),
  ].join('\n');
}

const peakOf = (measured: readonly Measured[], counts: readonly number[]): number =>
  Math.max(
    ...measured
      .filter(({ name, indicators }) => name.startsWith('ip2') && counts.includes(indicators))
      .flatMap(({ runs }) => runs.map(({ peakMib }) => peakMib)),
  );

const NONE: Measured = {
  image: '',
  bytes: 0,
  processes: 0,
  state: 'warm',
  name: '',
  indicators: 0,
  runs: [],
};
