import { framesOfInterest } from '../../../src/attribute/frames-of-interest.ts';
import { locate, type Located } from '../../../src/attribute/locate.ts';
import type { Engine } from '../../../src/engine/engine.ts';
import { nativeEngine } from '../../../src/engine/native.ts';
import { parseIndicator } from '../../../src/indicator/parse-indicator.ts';
import { patternsOf } from '../../../src/indicator/patterns.ts';
import { bytesSource } from '../../../src/memory/byte-source.ts';
import { scan } from '../../../src/scan/scan.ts';
import type { OpenedWindows } from './open-built.ts';

/** Where an indicator stands in an image, as the program finds it: scan, page tables backwards, owners' order. */
export async function locateText(
  { system, memory }: OpenedWindows,
  text: string,
): Promise<{ readonly located: Located; readonly engine: Engine }> {
  const indicators = [parseIndicator(text)];
  const patterns = patternsOf(indicators);
  const input = { source: bytesSource(new Uint8Array()), memory };
  const found = await scan(input, patterns, indicators, { threads: 1 });
  const engine = nativeEngine(memory, system);
  const { tails, heads, hits } = found;
  const owners = engine.owners({ interest: framesOfInterest(found), tails, heads });
  return { located: locate({ indicators, patterns }, hits, owners, engine, memory), engine };
}
