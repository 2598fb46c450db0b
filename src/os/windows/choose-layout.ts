import type { Structures } from '../structures.ts';
import { deriveLayout } from './derive-layout.ts';
import { judgeLayout } from './judge-layout.ts';
import type { WindowsLayout } from './offsets/layout.ts';
import type { ProcessHeader } from './process-header.ts';
import type { SharedData } from './shared-data.ts';
import { withProvenVads } from './vad-shape.ts';

/** Processes that judge: the first, with System among them if it was found, and the last, which have ended. */
const LIVING_JUDGES = 24;
const ENDED_JUDGES = 8;
/** Of the checks: an unlinked or damaged process fails some. */
const GOOD_ENOUGH = 0.85;

export interface LayoutChoice {
  readonly layout: WindowsLayout;
  /** Share of checks that held. */
  readonly score: number;
}

/**
 * The layout that reads this image's processes: of the known ones, with those of its build first, the one that passes
 * most checks; where none passes, one derived from the image. Null where that fails too.
 */
export function chooseLayout(
  structures: Structures,
  known: readonly WindowsLayout[],
  headers: readonly ProcessHeader[],
  shared: SharedData | null,
): LayoutChoice | null {
  const rest = headers.slice(LIVING_JUDGES);
  const judges = [...headers.slice(0, LIVING_JUDGES), ...rest.slice(-ENDED_JUDGES)];
  const judged = (layout: WindowsLayout): LayoutChoice => ({
    layout,
    score: judgeLayout(structures, layout.process, judges, shared?.now ?? null),
  });
  let best: LayoutChoice | null = null;
  for (const layout of nearest(known, shared)) {
    const choice = judged(layout);
    if (choice.score > (best?.score ?? 0)) best = choice;
    if (choice.score === 1) break;
  }
  if (best !== null && best.score >= GOOD_ENOUGH) {
    return { ...best, layout: withProvenVads(structures, best.layout, judges) };
  }

  const derived = deriveLayout(structures, judges);
  const choice = derived && judged(derived);
  return choice !== null && choice.score >= GOOD_ENOUGH ? choice : null;
}

/** Of equals the first wins, so the order decides: listed for the build, then by distance from it. */
function nearest(
  known: readonly WindowsLayout[],
  shared: SharedData | null,
): readonly WindowsLayout[] {
  const build = shared === null ? null : (shared.build ?? buildOfVersion(shared));
  if (build === null) return known;
  const distance = ({ builds }: WindowsLayout): number =>
    Math.min(
      ...builds.map(([first, last]) =>
        build < first ? 1000 + first - build : build > last ? build - last : 0,
      ),
    );
  return known.toSorted((one, other) => distance(one) - distance(other));
}

/** Before Windows 10 the version tells the build, but for service packs. */
export function buildOfVersion({ major, minor }: SharedData): number | null {
  if (major !== 6) return null;
  return [null, 7601, 9200, 9600][minor] ?? null;
}
