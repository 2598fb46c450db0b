/**
 * What an index costs and saves: the first question that makes it, and each further one, for something new that the image does not
 * hold, and for what processes of it hold: there owners, regions and scores come on top.
 *
 *   tsx test/bench/index.ts IMAGE [--found INDICATOR] [--rounds N] [--save FOLDER]
 *
 * Rounds of `cat`, of the program without an index, of the run that makes it and of those that use it take turns, the image warm in
 * the page cache. The image's hash, which comes behind every answer, is left out everywhere. Needs a build (`npm run build`).
 */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fromRoot } from '../support/from-root.ts';
import { conditions } from './conditions.ts';
import { measure, type Measurement } from './measure.ts';
import { median } from './results.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    // That of the generator.
    found: { type: 'string', default: '35.178.122.152' },
    rounds: { type: 'string', default: '5' },
    save: { type: 'string' },
  },
});
const [image] = positionals;
if (image === undefined) throw new Error('name an image: tsx test/bench/index.ts IMAGE');

const folder = mkdtempSync(join(tmpdir(), 'ip2process-bench-index-'));
const program = `${process.execPath} ${fromRoot('dist/ip2process.js')}`;
const ask = (what: string, more = ''): string =>
  `${program} ${what} --image '${image}' ${more} --quiet --no-sha256 > /dev/null`;
const withIndex = `--index-folder '${folder}'`;

let asked = 0;
/** An address that was not asked before. */
const another = (): string => {
  asked += 1;
  return `198.51.${100 + Math.floor(asked / 200)}.${1 + (asked % 200)}`;
};
const clear = (): void => {
  for (const file of readdirSync(folder)) rmSync(join(folder, file));
};

const runs: Record<string, Measurement[]> = {};
const note = async (name: string, command: string): Promise<void> => {
  (runs[name] ??= []).push(await measure(command));
};

await measure(`cat '${image}' > /dev/null`);
try {
  for (let round = 0; round < Number(values.rounds); round += 1) {
    clear();
    await note('cat > /dev/null', `cat '${image}' > /dev/null`);
    await note('without an index', ask(another()));
    await note('the first question, which makes it', ask(another(), withIndex));
    await note('a further question: one address', ask(another(), withIndex));
    await note('a further question: a domain', ask(`host${round}.example`, withIndex));
    const ten = Array.from({ length: 10 }, another).join(' ');
    await note('a further question: ten addresses', ask(ten, withIndex));
    await note('a further question: what processes hold', ask(values.found, withIndex));
    await note('the same without an index', ask(values.found));
  }
  report();
} finally {
  rmSync(folder, { recursive: true });
}

function report(): void {
  const [index] = readdirSync(folder);
  const indexBytes = index === undefined ? NaN : statSync(join(folder, index)).size;
  const imageBytes = statSync(image ?? '').size;
  const lines = [
    '| command | median ms | least ms | peak MiB |',
    '| --- | ---: | ---: | ---: |',
    ...Object.entries(runs).map(([name, all]) => {
      const times = all.map(({ ms }) => ms);
      const peak = Math.max(...all.map(({ peakMib }) => peakMib));
      return `| ${name} | ${median(times).toFixed(0)} | ${Math.min(...times).toFixed(0)} | ${peak.toFixed(0)} |`;
    }),
    '',
    `The index has ${indexBytes} bytes: ${((100 * indexBytes) / imageBytes).toFixed(1)} % of the image's ${imageBytes}.`,
  ];
  const facts = {
    image: { bytes: imageBytes },
    index: { bytes: indexBytes },
    ...conditions(),
    rounds: Number(values.rounds),
  };
  console.log(`${JSON.stringify(facts)}\n\n${lines.join('\n')}`);
  if (values.save === undefined) return;
  mkdirSync(values.save, { recursive: true });
  writeFileSync(join(values.save, 'raw.json'), `${JSON.stringify({ facts, runs }, null, 2)}\n`);
  writeFileSync(join(values.save, 'summary.md'), `${lines.join('\n')}\n`);
}
