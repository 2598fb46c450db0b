/**
 * `npm run bench -- IMAGE [--rounds N] [--indicator IP] [--save FOLDER]`: the whole run against what one would type
 * instead, on one image in one run, rounds interleaved so that a busy moment hits all alike. Only ratios mean something.
 * With `--all`: see all.ts.
 */
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fromRoot } from '../support/from-root.ts';
import { benchAll } from './all.ts';
import { conditions } from './conditions.ts';
import { measure, type Measurement } from './measure.ts';
import { median } from './results.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '5' },
    indicator: { type: 'string', default: '35.178.122.152' },
    save: { type: 'string' },
    'no-strings': { type: 'boolean', default: false },
    all: { type: 'boolean', default: false },
    images: { type: 'string', default: join(tmpdir(), 'ip2process-bench-images') },
    'no-build': { type: 'boolean', default: false },
    'no-cold': { type: 'boolean', default: false },
  },
});
if (values.all) {
  await benchAll({
    images: values.images,
    rounds: Number(values.rounds),
    save: values.save ?? join(tmpdir(), 'ip2process-bench-results'),
    builds: !values['no-build'],
    isCold: !values['no-cold'],
  });
  process.exit(0);
}
const [image] = positionals;
if (image === undefined) throw new Error('name an image: npm run bench -- IMAGE');
const ip = values.indicator;
const program = `${process.execPath} ${fromRoot('dist/ip2process.js')}`;
const file = `'${image}'`;
const many = Array.from({ length: 49 }, (_, index) => `198.51.${index}.${index + 100}`).join(' ');

/** What is measured: a name, and a shell command that reads the whole image. */
const contestants: Record<string, string> = {
  'cat > /dev/null': `cat ${file} > /dev/null`,
  // Into a pipe: with /dev/null as output grep stops at the first match.
  'grep -aobF IP': `LC_ALL=C grep -aobF ${ip} ${file} | cat > /dev/null`,
  'ip2process, 1 indicator': `${program} ${ip} --image ${file} --no-sha256 --quiet > /dev/null`,
  'ip2process, 50 indicators': `${program} ${ip} ${many} --image ${file} --no-sha256 --quiet > /dev/null`,
  ...(values['no-strings']
    ? {}
    : {
        'strings -td, strings -td -el, grep': `(LC_ALL=C strings -a -td ${file} | grep -F ${ip}; LC_ALL=C strings -a -td -el ${file} | grep -F ${ip}) > /dev/null`,
      }),
};

const runs: Record<string, Measurement[]> = {};
await measure(contestants['cat > /dev/null'] ?? '');
for (let round = 0; round < Number(values.rounds); round += 1) {
  for (const [name, command] of Object.entries(contestants)) {
    (runs[name] ??= []).push(await measure(command));
  }
}

const seconds = Object.fromEntries(
  Object.entries(runs).map(([name, all]) => [name, median(all.map(({ ms }) => ms)) / 1000]),
);
const own = seconds['ip2process, 1 indicator'] ?? Number.NaN;
const lines = [
  '| command | median s | of ip2process | peak MiB |',
  '| --- | ---: | ---: | ---: |',
  ...Object.entries(runs).map(
    ([name, all]) =>
      `| ${name} | ${(seconds[name] ?? 0).toFixed(2)} | ${((seconds[name] ?? 0) / own).toFixed(2)} × | ${median(all.map(({ peakMib }) => peakMib)).toFixed(0)} |`,
  ),
];
const facts = {
  image: { bytes: statSync(image).size },
  ...conditions(),
  rounds: Number(values.rounds),
};
console.log(`${JSON.stringify(facts)}\n\n${lines.join('\n')}`);

if (values.save !== undefined) {
  mkdirSync(values.save, { recursive: true });
  writeFileSync(
    join(values.save, 'raw.json'),
    `${JSON.stringify({ facts, contestants: Object.keys(contestants), runs }, null, 2)}\n`,
  );
  writeFileSync(join(values.save, 'summary.md'), `${lines.join('\n')}\n`);
}
