import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { bigMachine } from '../support/build-windows/big-machine.ts';

/** A dense Windows image, made by a seeded generator. */
export interface BenchImage {
  readonly path: string;
  readonly bytes: number;
  readonly processes: number;
}

const GIB = 2 ** 30;
/** GiB and processes. */
const WANTED = [
  [1, 120],
  [2, 120],
  [4, 120],
  [16, 1000],
  [4, 12],
  [4, 1000],
] as const;

/** The images in a folder; missing ones are built (half a minute a GiB) unless they are to be left out. */
export function benchImages(folder: string, builds: boolean): BenchImage[] {
  return WANTED.flatMap(([gib, processes]) => {
    const path = join(folder, `windows-${gib}g-${processes}p.raw`);
    if (!existsSync(path)) {
      if (!builds) return [];
      console.error(`building ${path}`);
      bigMachine(path, { ramBytes: gib * GIB, processes });
    }
    return [{ path, bytes: statSync(path).size, processes }];
  });
}
