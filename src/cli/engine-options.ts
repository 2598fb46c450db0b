import { statSync } from 'node:fs';
import type { EngineChoice } from '../run/choose-engine.ts';
import { volatility3Cache, volatility3Command } from '../engine/volatility3/installation.ts';
import { Ip2ProcessError } from '../errors.ts';
import { forTerminal } from '../report/text-safety.ts';

/** What the user said about engines: of the command line, or of the responder's settings. */
export interface EngineValues {
  readonly engine?: string | undefined;
  readonly symbols?: string | undefined;
  readonly volatility?: string | undefined;
  readonly 'volatility-way'?: string | undefined;
  readonly 'volatility-minutes'?: string | undefined;
  readonly 'allow-download'?: boolean | undefined;
}

const WAYS = ['plugin', 'vadyarascan', 'strings'] as const;
const KINDS = ['native', 'volatility3', 'both'] as const;

/**
 * Undefined where the native engine is meant and nothing else is said.
 *
 * @throws Ip2ProcessError `request`
 */
export function engineOf(values: EngineValues): EngineChoice | undefined {
  const { engine = 'native', symbols, volatility } = values;
  const kind = KINDS.find((name) => name === engine);
  if (kind === undefined) {
    throw new Ip2ProcessError(
      'request',
      `Cannot use the engine "${forTerminal(engine, 20)}": it should be ${KINDS.join(', ')}`,
    );
  }
  const of = Object.entries({
    symbols,
    volatility,
    'volatility-way': values['volatility-way'],
    'volatility-minutes': values['volatility-minutes'],
    'allow-download': values['allow-download'],
  }).find(([, value]) => value !== undefined);
  if (kind === 'native') {
    if (of === undefined) return undefined;
    throw new Ip2ProcessError(
      'request',
      `Cannot use --${of[0]}: it speaks of Volatility 3, which is not asked; add --engine both or --engine volatility3`,
    );
  }
  if (
    symbols !== undefined &&
    statSync(symbols, { throwIfNoEntry: false })?.isDirectory() !== true
  ) {
    throw new Ip2ProcessError(
      'request',
      `Cannot use the symbols "${forTerminal(symbols, 200)}": it should be a folder with windows/PDB/GUID-AGE.json.xz or linux/*.json.xz`,
    );
  }
  const minutes = values['volatility-minutes'];
  const way = wayOf(values['volatility-way'], kind);
  return {
    kind,
    ...(way === undefined ? {} : { way }),
    volatility3: {
      command: volatility ?? volatility3Command(),
      symbols: symbols ?? null,
      cache: volatility3Cache(),
      allowsDownload: values['allow-download'] === true,
      ...(minutes === undefined ? {} : { limits: { timeMs: minutesOf(minutes) * 60_000 } }),
    },
  };
}

function wayOf(text: string | undefined, kind: EngineChoice['kind']): EngineChoice['way'] {
  if (text === undefined) return undefined;
  const way = WAYS.find((name) => name === text);
  if (way === undefined) {
    throw new Ip2ProcessError(
      'request',
      `Cannot ask Volatility 3 by "${forTerminal(text, 20)}": it should be ${WAYS.join(', ')}`,
    );
  }
  if (way === 'plugin' || kind === 'both') return way;
  throw new Ip2ProcessError(
    'request',
    `Cannot let ${way} of Volatility 3 answer alone: it tells places of hits only; use --engine both`,
  );
}

function minutesOf(text: string): number {
  const minutes = Number(text);
  if (text.trim() !== '' && minutes >= 0.1 && minutes <= 1440) return minutes;
  throw new Ip2ProcessError(
    'request',
    `Cannot give Volatility 3 "${forTerminal(text, 20)}" minutes: it should be a number from 0.1 to 1440`,
  );
}
