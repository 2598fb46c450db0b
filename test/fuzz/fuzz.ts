/**
 * Mutates small valid images of every format, and demands of each mutant an answer or a refusal in words.
 *
 *     npm run fuzz                                  10,000 mutants of each format
 *     npm run fuzz -- --seconds 240                 as many as fit, spread over the formats
 *     npm run fuzz -- --format lime --mutants 500
 *     npm run fuzz -- --format lime --seed 1 --only 123      one mutant again
 *
 * A mutant that breaks something is written to dist/fuzz/ with the changes that it takes. Exit status 1 then.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { isProgram } from '../support/programs.ts';
import { fromRoot } from '../support/from-root.ts';
import { type Finding, fuzzTarget, type TargetResult } from './supervisor.ts';
import { type Target, TARGETS } from './targets.ts';

const MUTANTS = 10_000;

const { values } = parseArgs({
  options: {
    seconds: { type: 'string' },
    mutants: { type: 'string' },
    format: { type: 'string', multiple: true },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
  },
});

process.exitCode = await main();

async function main(): Promise<number> {
  const seed = numberOf('seed', values.seed);
  const seconds = values.seconds === undefined ? null : numberOf('seconds', values.seconds);
  const only = values.only === undefined ? null : numberOf('only', values.only);
  const most = values.mutants === undefined ? null : numberOf('mutants', values.mutants);
  const targets = chosen(values.format);
  const range =
    only === null
      ? { from: 0, to: most ?? (seconds === null ? MUTANTS : 2 ** 31) }
      : { from: only, to: only + 1 };

  const end = Date.now() + (seconds ?? 0) * 1000;
  let hasFindings = false;
  for (const [index, target] of targets.entries()) {
    const share = (end - Date.now()) / (targets.length - index);
    const until = seconds === null ? Number.MAX_SAFE_INTEGER : Date.now() + share;
    const started = Date.now();
    const plan = { target: target.name, seed, until, ...range };
    const result = await fuzzTarget(plan, (done, findings) => {
      if (process.stderr.isTTY)
        process.stderr.write(`\r${target.name}: ${done}, ${findings} faults `);
    });
    if (process.stderr.isTTY) process.stderr.write('\r');
    console.log(lineOf(target, result, Date.now() - started));
    for (const finding of result.findings) tell(finding);
    hasFindings ||= result.findings.length > 0;
  }
  return hasFindings ? 1 : 0;
}

function lineOf(target: Target, result: TargetResult, milliseconds: number): string {
  const outcomes = [...result.outcomes]
    .toSorted(([, one], [, other]) => other - one)
    .map(([outcome, count]) => `${outcome} ${count}`);
  const each = (milliseconds / Math.max(result.mutants, 1)).toFixed(1);
  return [
    target.name.padEnd(16),
    `${result.mutants} mutants`.padStart(14),
    `${each} ms each`.padStart(15),
    `${result.findings.length} faults`.padStart(10),
    `  ${outcomes.join(', ')}`,
    result.unconfirmed > 0 ? `; ${result.unconfirmed} slow or large only once` : '',
  ].join('');
}

function tell(finding: Finding): void {
  const { target, seed, index, fault } = finding;
  const folder = fromRoot('dist/fuzz');
  mkdirSync(folder, { recursive: true });
  const file = `${folder}/${target}-${seed}-${index}.json`;
  writeFileSync(file, `${JSON.stringify(finding, null, 2)}\n`);
  console.log(`  ${fault.kind}: ${fault.detail.split('\n').slice(0, 6).join('\n    ')}`);
  console.log(`    again: npm run fuzz -- --format ${target} --seed ${seed} --only ${index}`);
}

function chosen(names: readonly string[] | undefined): Target[] {
  const wanted = TARGETS.filter(({ name }) => names?.includes(name) ?? true);
  const known = TARGETS.map(({ name }) => name).join(', ');
  if (wanted.length === 0) throw new Error(`Cannot fuzz ${names?.join(', ')}: known are ${known}`);
  return wanted.filter(({ name, needs }) => {
    if (needs === undefined || isProgram(needs[0])) return true;
    const sentence = `${name}: skipped, it needs ${needs[0]}: ${needs[1]}`;
    if (process.env['IP2PROCESS_REQUIRE_ALL'] === '1') throw new Error(sentence);
    console.log(sentence);
    return false;
  });
}

function numberOf(name: string, text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isSafeInteger(value) && value >= 0) return value;
  throw new Error(`Cannot use --${name} ${text}: it must be a whole number`);
}
