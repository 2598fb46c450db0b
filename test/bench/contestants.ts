import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromRoot } from '../support/from-root.ts';
import { indicatorList } from './indicators.ts';

/** Something that reads a whole image. */
export interface Contestant {
  readonly name: string;
  readonly indicators: number;
  /** A shell command. */
  readonly command: string;
  /** Where it leaves its milliseconds by phase; null: it has none. */
  readonly timings: string | null;
}

export const cat = (image: string): Contestant => ({
  name: 'cat > /dev/null',
  indicators: 0,
  command: `cat '${image}' > /dev/null`,
  timings: null,
});

/** The whole answer: up to the last line of it. The hash comes after it and is left out. */
export function ip2process(image: string, ip: string, count: number, scratch: string): Contestant {
  const list = join(scratch, `indicators-${count}.txt`);
  const timings = join(scratch, `timings-${count}.txt`);
  writeFileSync(list, `${indicatorList(ip, count).join('\n')}\n`);
  const program = `'${process.execPath}' '${fromRoot('dist/ip2process.js')}'`;
  return {
    name: `ip2process, ${count === 1 ? '1 indicator' : `${count} indicators`}`,
    indicators: count,
    command: `${program} --indicators '${list}' --image '${image}' --no-sha256 --quiet --timings > /dev/null 2> '${timings}'`,
    timings,
  };
}

/** What one would type instead. Into a pipe: with /dev/null as output grep stops at the first match. */
export function peers(image: string, ip: string, scratch: string): Contestant[] {
  const list = join(scratch, 'fixed-100.txt');
  const fixed = indicatorList(ip, 100);
  writeFileSync(list, `${fixed.join('\n')}\n`);
  const grep = [
    {
      name: 'grep -aobF IP',
      indicators: 1,
      command: `LC_ALL=C grep -aobF ${ip} '${image}' | cat > /dev/null`,
      timings: null,
    },
    {
      name: 'grep -aobF -f LIST of 100',
      indicators: 100,
      command: `LC_ALL=C grep -aobF -f '${list}' '${image}' | cat > /dev/null`,
      timings: null,
    },
  ];
  if (spawnSync('yara', ['--version']).status !== 0) return grep;
  return [...grep, ...[1, 100].map((count) => yara(image, fixed.slice(0, count), scratch))];
}

/** The two text forms of each, for yara knows of no others. */
function yara(image: string, indicators: readonly string[], scratch: string): Contestant {
  const rules = join(scratch, `rules-${indicators.length}.yar`);
  const strings = indicators.map((text, index) => `    $t${index} = "${text}" ascii wide`);
  writeFileSync(
    rules,
    `rule indicators {\n  strings:\n${strings.join('\n')}\n  condition: any of them\n}\n`,
  );
  return {
    name: `yara, ${indicators.length === 1 ? '1 indicator' : `${indicators.length} indicators`}`,
    indicators: indicators.length,
    command: `yara -s '${rules}' '${image}' > /dev/null`,
    timings: null,
  };
}
