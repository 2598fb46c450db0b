import type { ScanResult } from './scan/scan.ts';
import { framesOfInterest } from './attribute/frames-of-interest.ts';
import { type Located, locate } from './attribute/locate.ts';
import { compareOpinions } from './attribute/second-opinion.ts';
import type { Engine } from './engine/engine.ts';
import { nativeEngine } from './engine/native.ts';
import { noEngine } from './engine/none.ts';
import type { Volatility3Knowledge } from './engine/volatility3/ask.ts';
import { pluginFolder } from './engine/volatility3/installation.ts';
import type { Volatility3 } from './engine/volatility3/run.ts';
import { volatility3Engine } from './engine/volatility3/volatility3.ts';
import { Ip2ProcessError } from './errors.ts';
import type { MemoryImage } from './image/open-image.ts';
import type { Indicator } from './indicator/indicator.ts';
import { patternsOf } from './indicator/patterns.ts';
import type { OperatingSystem } from './os/operating-system.ts';
import type { SecondOpinion } from './report/second-opinion.ts';

/** Who answers. */
export interface EngineChoice {
  /** `both`: the native engine answers, Volatility 3 is asked beside it. */
  readonly kind: 'native' | 'volatility3' | 'both';
  readonly volatility3: Volatility3;
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
 * The engine that answers, and the one that is asked beside it. Volatility 3 runs while the native engine works.
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
  const native = system ? nativeEngine(image.memory, system) : noEngine();
  if (choice === undefined || choice.kind === 'native') {
    return { engine: native, secondOpinion: null, warnings: [], close: () => undefined };
  }
  const stop = new AbortController();
  const close = (): void => stop.abort();
  const asked = ask(choice.volatility3);
  if (choice.kind === 'volatility3') {
    const knowledge = await asked;
    return {
      engine: volatility3Engine(image.memory, knowledge),
      secondOpinion: null,
      warnings: [...knowledge.warnings, ...namedBy(knowledge)],
      close,
    };
  }
  // Awaited later, when the answer is there to be compared; until then its failure is nobody's.
  const settled = asked.catch((error: unknown) => error);
  return {
    engine: native,
    secondOpinion: async (question) => opinionOf(question, native, image, await settled),
    warnings: [],
    close,
  };

  async function ask(volatility3: Volatility3): Promise<Volatility3Knowledge> {
    // Only now: without Volatility nothing needs the schema library here.
    const { askVolatility3 } = await import('./engine/volatility3/ask.ts');
    const { path, source } = image;
    return askVolatility3(volatility3, {
      image: isFile || source.fd === null ? path : source.fd,
      system: system?.kind ?? null,
      kernel: system?.release ?? null,
      plugins: pluginFolder(),
      signal: signal ? AbortSignal.any([signal, stop.signal]) : stop.signal,
    });
  }

  /** Where our own reading of the system failed, its name is Volatility's. */
  function namedBy(knowledge: Volatility3Knowledge): string[] {
    if (system !== null || knowledge.system === null) return [];
    return [`Volatility 3 reads the system as ${knowledge.system.release}.`];
  }
}

function opinionOf(
  { indicators, found, located, spaces }: Question,
  native: Engine,
  image: MemoryImage,
  settled: unknown,
): SecondOpinion {
  const common = { engine: 'volatility3', way: 'plugin' };
  if (!isKnowledge(settled)) {
    if (!(settled instanceof Ip2ProcessError) || settled.kind === 'cancelled') throw settled;
    return { ...common, version: null, comparison: settled.message, warnings: [] };
  }
  const { tails, heads, hits } = found;
  const second = volatility3Engine(image.memory, settled);
  const owners = second.owners({ interest: framesOfInterest(found), tails, heads });
  const question = { indicators, patterns: patternsOf(indicators) };
  return {
    ...common,
    version: settled.version,
    comparison: compareOpinions(
      { engine: native, located, spaces },
      {
        engine: second,
        located: locate(question, hits, owners, second, image.memory),
        spaces: owners.unreadableTables.length,
      },
    ),
    warnings: settled.warnings,
  };
}

const isKnowledge = (settled: unknown): settled is Volatility3Knowledge =>
  typeof settled === 'object' && settled !== null && 'processes' in settled;
