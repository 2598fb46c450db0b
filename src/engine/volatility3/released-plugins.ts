import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { Ip2ProcessError } from '../../errors.ts';
import type { BytePattern } from '../../indicator/pattern.ts';
import { type PhysicalAddress, type VirtualAddress, virtual } from '../../memory/address.ts';
import { PINNED_VERSION } from './failure.ts';
import { runVolatility3, type Volatility3 } from './run.ts';

/** How Volatility 3 is asked: by our plugin, or by one of its own, which tells processes and addresses of hits only. */
export const WAYS = ['plugin', 'vadyarascan', 'strings'] as const;
export type Way = (typeof WAYS)[number];
export type ReleasedWay = Exclude<Way, 'plugin'>;

/** A process that one of Volatility's own plugins names. */
export interface Testimony {
  readonly pid: number;
  readonly address: VirtualAddress;
}

export interface ReleasedAnswer {
  readonly version: string | null;
  readonly testimonies: readonly Testimony[];
  readonly warnings: readonly string[];
}

export interface ReleasedQuestion {
  readonly image: string | number;
  readonly system: 'windows' | 'linux';
  readonly kernel?: string | null;
  readonly patterns: readonly BytePattern[];
  /** Where the patterns stand in physical memory. */
  readonly hits: readonly PhysicalAddress[];
  readonly signal?: AbortSignal | undefined;
}

/**
 * Asks windows.vadyarascan, linux.vmayarascan or windows.strings.
 *
 * @throws Ip2ProcessError as `runVolatility3`, and `request` for a way that the system has not
 */
export async function askReleased(
  way: ReleasedWay,
  volatility: Volatility3,
  question: ReleasedQuestion,
): Promise<ReleasedAnswer> {
  const folder = mkdtempSync(join(tmpdir(), 'ip2process-way-'));
  try {
    return await (way === 'strings' ? strings : yara)(volatility, question, folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const YaraRow = z.object({ PID: z.number().int(), Offset: z.number().nonnegative() });

async function yara(
  volatility: Volatility3,
  { image, system, kernel = null, patterns, signal }: ReleasedQuestion,
  folder: string,
): Promise<ReleasedAnswer> {
  const rules = join(folder, 'indicators.yar');
  writeFileSync(rules, yaraRule(patterns));
  const plugin = system === 'windows' ? 'windows.vadyarascan' : 'linux.vmayarascan';
  const args = ['--yara-file', rules];
  const { rows, version, warnings } = await runVolatility3(
    volatility,
    { plugin, args, image, kernel, signal },
    YaraRow,
  );
  const testimonies = rows.map(({ PID, Offset }) => ({
    pid: PID,
    address: virtual(BigInt(Offset)),
  }));
  return { version, testimonies, warnings };
}

/** One rule with a hex string for each pattern: bytes are bytes in any encoding, letters in either case where case is free. */
export function yaraRule(patterns: readonly BytePattern[]): string {
  const texts = patterns.map(({ bytes, ignoresCase }, index) => {
    const hex = [...bytes].map((byte) => (ignoresCase ? eitherCase(byte) : twoDigits(byte)));
    return `    $p${index} = { ${hex.join(' ')} }`;
  });
  return `rule ip2process {\n  strings:\n${texts.join('\n')}\n  condition:\n    any of them\n}\n`;
}

const twoDigits = (byte: number): string => byte.toString(16).padStart(2, '0');

function eitherCase(byte: number): string {
  const isLetter = byte >= 0x61 && byte <= 0x7a;
  return isLetter ? `( ${twoDigits(byte)} | ${twoDigits(byte - 0x20)} )` : twoDigits(byte);
}

const StringsRow = z.object({ 'Physical Address': z.number(), Result: z.string() });

async function strings(
  volatility: Volatility3,
  { image, system, hits, signal }: ReleasedQuestion,
  folder: string,
): Promise<ReleasedAnswer> {
  if (system !== 'windows') {
    throw new Ip2ProcessError(
      'request',
      'Cannot ask Volatility 3 by its plugin for strings: it has none for Linux; use --volatility-way vadyarascan or plugin',
    );
  }
  const file = join(folder, 'strings.txt');
  writeFileSync(file, hits.map((at) => `${at} hit\n`).join(''));
  const args = ['--strings-file', file];
  const { rows, version, warnings } = await runVolatility3(
    volatility,
    { plugin: 'windows.strings', args, image, signal },
    StringsRow,
  );
  return {
    version,
    testimonies: rows.flatMap((row) => testimoniesIn(row.Result, row['Physical Address'])),
    warnings: [...warnings, STRINGS_ARE_WRONG],
  };
}

/** "kernel:0xf80797200000, Process 3008:0x210000000": of the page; the offset in it is the physical address's own. */
function testimoniesIn(result: string, physical: number): Testimony[] {
  return [...result.matchAll(/Process (\d{1,10}):0x([0-9a-f]{1,16})/g)].map(([, pid, page]) => ({
    pid: Number(pid),
    address: virtual(BigInt(`0x${page}`) + BigInt(physical % 4096)),
  }));
}

/** By test/contract/volatility3-plugins.test.ts. */
export const STRINGS_ARE_WRONG = `windows.strings of Volatility 3 ${PINNED_VERSION} takes virtual for physical addresses in its reverse map (volatility3 issue 876) and names hardly any process: its silence says nothing. Right are --volatility-way plugin and vadyarascan.`;
