import type { ScanResult } from '../scan/scan.ts';
import { framesOfInterest } from '../attribute/frames-of-interest.ts';
import { type Located, locate } from '../attribute/locate.ts';
import { compareOpinions } from '../attribute/second-opinion.ts';
import { compareTestimony } from '../attribute/testimony.ts';
import type { Engine } from '../engine/engine.ts';
import { nativeEngine } from '../engine/native.ts';
import { noEngine } from '../engine/none.ts';
import type { Volatility3Knowledge } from '../engine/volatility3/ask.ts';
import { pluginFolder } from '../engine/volatility3/installation.ts';
import type { ReleasedWay, Way } from '../engine/volatility3/released-plugins.ts';
import type { Volatility3 } from '../engine/volatility3/run.ts';
import { volatility3Engine } from '../engine/volatility3/volatility3.ts';
import { Ip2ProcessError } from '../errors.ts';
import type { MemoryImage } from '../image/open-image.ts';
import type { Indicator } from '../indicator/indicator.ts';
import { patternsOf } from '../indicator/patterns.ts';
import type { OperatingSystem } from '../os/operating-system.ts';
import type { SecondOpinion } from '../report/second-opinion.ts';

/** Who answers. */
export interface EngineChoice {
  /** `both`: the native engine answers, Volatility 3 is asked beside it. */
  readonly kind: 'native' | 'volatility3' | 'both';
  readonly volatility3: Volatility3;
  /** With `both`: how Volatility 3 is asked; default: by our plugin. */
  readonly way?: Way;
}

export interface ChosenEngine {
  readonly engine: Engine;
  /** Sets the other engine's answer beside the one given; null where there is no other. */
  readonly secondOpinion: ((question: Question) => Promise<SecondOpinion>) | null;
  readonly warnings: readonly string[];
  /** Ends what is still running. */
  close(): void;
}

/** What was found, and who has it by the engine that answers. */
interface Question {
  readonly indicators: readonly Indicator[];
  readonly found: ScanResult;
  readonly located: Located;
  readonly spaces: number;
}

/**
 * The engine that answers, and the one that is asked beside it. Volatility 3 runs while the native engine works. Where our
 * own reading finds no system, Volatility 3 answers alone.
 *
 * @throws Ip2ProcessError where Volatility 3 alone should answer and cannot
 */
export async function chooseEngine(
  choice: EngineChoice | undefined,
  image: MemoryImage,
  /** Whether the image's path names the very bytes: not where they were unpacked or are still arriving. */
  isFile: boolean,
  system: OperatingSystem | null,
  signal: AbortSignal | undefined,
): Promise<ChosenEngine> {
  const native = system ? nativeEngine(system.kernel.passing, system) : noEngine();
  if (choice === undefined || choice.kind === 'native') {
    return { engine: native, secondOpinion: null, warnings: [], close: () => undefined };
  }
  const { volatility3, way = 'plugin' } = choice;
  const stop = new AbortController();
  const close = (): void => stop.abort();
  const asked = {
    image: isFile || image.source.fd === null ? image.path : image.source.fd,
    kernel: system?.release ?? null,
    signal: signal ? AbortSignal.any([signal, stop.signal]) : stop.signal,
  };
  if (choice.kind === 'volatility3' || system === null) {
    try {
      const knowledge = await ask();
      const engine = volatility3Engine(image.memory, knowledge);
      return { engine, secondOpinion: null, warnings: warningsOf(knowledge, system), close };
    } catch (error) {
      if (choice.kind === 'volatility3' || !isForeseen(error)) throw error;
      return { engine: native, secondOpinion: null, warnings: [error.message], close };
    }
  }
  if (way !== 'plugin') {
    return {
      engine: native,
      secondOpinion: (question) => testimonyOpinion(way, system.kind, question),
      warnings: [],
      close,
    };
  }
  // Awaited later, when the answer is there to be compared; until then its failure is nobody's.
  const settled = ask().catch((error: unknown) => error);
  return {
    engine: native,
    secondOpinion: async (question) =>
      failureOr('plugin', async () => {
        const knowledge = await settled;
        if (!isKnowledge(knowledge)) throw knowledge;
        return knowledgeOpinion(question, native, image, knowledge);
      }),
    warnings: [],
    close,
  };

  async function ask(): Promise<Volatility3Knowledge> {
    // Only now: without Volatility nothing needs the schema library here.
    const { askVolatility3 } = await import('../engine/volatility3/ask.ts');
    const plugins = pluginFolder();
    return askVolatility3(volatility3, { ...asked, system: system?.kind ?? null, plugins });
  }

  async function testimonyOpinion(
    by: ReleasedWay,
    kind: OperatingSystem['kind'],
    { indicators, found, located, spaces }: Question,
  ): Promise<SecondOpinion> {
    const { askReleased } = await import('../engine/volatility3/released-plugins.ts');
    return failureOr(by, async () => {
      const patterns = patternsOf(indicators);
      const hits = found.hits.map(({ address }) => address);
      const question = { ...asked, system: kind, patterns, hits };
      const { version, testimonies, warnings } = await askReleased(by, volatility3, question);
      const opinion = { engine: native, located, spaces };
      const comparison = compareTestimony(opinion, testimonies, SILENCE[by]);
      return { engine: 'volatility3', way: by, version, comparison, warnings };
    });
  }
}

/** Why a plugin of Volatility's own may not name a place. */
const SILENCE: Readonly<Record<ReleasedWay, string>> = {
  vadyarascan:
    'does not find it: it searches listed processes only, and no pages that only prototype entries lead to',
  strings: 'does not name the process, as it hardly ever does (volatility3 issue 876)',
};

/** A second opinion that fails is a fact of the report; a request to stop is none. */
async function failureOr(way: Way, opinion: () => Promise<SecondOpinion>): Promise<SecondOpinion> {
  try {
    return await opinion();
  } catch (error) {
    if (!isForeseen(error)) throw error;
    return { engine: 'volatility3', way, version: null, comparison: error.message, warnings: [] };
  }
}

const isForeseen = (error: unknown): error is Ip2ProcessError =>
  error instanceof Ip2ProcessError && error.kind !== 'cancelled';

function knowledgeOpinion(
  { indicators, found, located, spaces }: Question,
  native: Engine,
  image: MemoryImage,
  knowledge: Volatility3Knowledge,
): SecondOpinion {
  const { tails, heads, larger, hits } = found;
  const engine = volatility3Engine(image.memory, knowledge);
  const owners = engine.owners({ interest: framesOfInterest(found), tails, heads, larger });
  const question = { indicators, patterns: patternsOf(indicators) };
  const second = {
    engine,
    located: locate(question, hits, owners, engine, image.memory),
    spaces: owners.unreadableTables.length,
  };
  return {
    engine: 'volatility3',
    way: 'plugin',
    version: knowledge.version,
    comparison: compareOpinions({ engine: native, located, spaces }, second),
    warnings: knowledge.warnings,
  };
}

const isKnowledge = (settled: unknown): settled is Volatility3Knowledge =>
  typeof settled === 'object' && settled !== null && 'processes' in settled;

/** Where our own reading of the system failed, its name is Volatility's. */
function warningsOf(knowledge: Volatility3Knowledge, system: OperatingSystem | null): string[] {
  if (system !== null || knowledge.system === null) return [...knowledge.warnings];
  const { release } = knowledge.system;
  return [
    ...knowledge.warnings,
    `Our own reading found no system; Volatility 3 answers, and reads it as ${release}`,
  ];
}
