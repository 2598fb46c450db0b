import { framesOfInterest } from '../../src/attribute/frames-of-interest.ts';
import { locate } from '../../src/attribute/locate.ts';
import { nativeEngine } from '../../src/engine/native.ts';
import { openImage } from '../../src/image/open-image.ts';
import { parseIndicator } from '../../src/indicator/parse-indicator.ts';
import { patternsOf } from '../../src/indicator/patterns.ts';
import type { PhysicalMemory } from '../../src/memory/physical-memory.ts';
import { openSystem } from '../../src/os/open-system.ts';
import { SYSTEM_ANCHORS, SYSTEM_PROBES } from '../../src/os/system-marks.ts';
import { scan } from '../../src/scan/scan.ts';

/** Reads of the image beside the scan's, and their bytes. */
export interface StageReads {
  readonly reads: number;
  readonly bytes: number;
}

/** What each stage behind the scan reads of an image: the same in every run, whatever the machine does meanwhile. */
export async function stageReads(
  path: string,
  indicator: string,
): Promise<Readonly<Record<'system' | 'owners' | 'locate', StageReads>>> {
  const image = await openImage(path);
  const indicators = [parseIndicator(indicator)];
  const patterns = patternsOf(indicators);
  const options = { anchors: SYSTEM_ANCHORS, probes: SYSTEM_PROBES, threads: 1 };
  const found = await scan(image, patterns, indicators, options);

  let total: StageReads = { reads: 0, bytes: 0 };
  const memory: PhysicalMemory = {
    runs: image.memory.runs,
    read(at, into) {
      total = { reads: total.reads + 1, bytes: total.bytes + into.length };
      return image.memory.read(at, into);
    },
  };
  const counted = <Result>(run: () => Result): [Result, StageReads] => {
    const before = total;
    const result = run();
    return [result, { reads: total.reads - before.reads, bytes: total.bytes - before.bytes }];
  };
  try {
    const { vmcoreinfo, cr3: tables } = image.hints;
    const [{ system }, ofSystem] = counted(() =>
      openSystem(memory, found.anchors, { vmcoreinfo, tables }),
    );
    if (system === null) throw new Error(`Cannot count: no system is in ${path}`);
    const engine = nativeEngine(memory, system);
    const { tails, heads, hits } = found;
    const [owners, ofOwners] = counted(() =>
      engine.owners({ interest: framesOfInterest(found), tails, heads }),
    );
    const [, ofLocate] = counted(() =>
      locate({ indicators, patterns }, hits, owners, engine, memory),
    );
    return { system: ofSystem, owners: ofOwners, locate: ofLocate };
  } finally {
    image.close();
  }
}
