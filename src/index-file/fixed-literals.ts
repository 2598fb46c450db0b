import { parseIndicator } from '../indicator/parse-indicator.ts';
import { patternsOf } from '../indicator/patterns.ts';
import type { PhysicalMemory } from '../memory/physical-memory.ts';
import { bestMatcher } from '../scan/best-matcher.ts';
import { indexLiterals } from '../scan/literal-index.ts';
import { literalsOf } from '../scan/scan-task.ts';
import { confirmed } from './confirm.ts';
import { literalName, pagesWith } from './candidates.ts';
import type { IndexFile } from './index-file.ts';
import type { PagePlan } from './page-plan.ts';
import { members } from './page-bits.ts';

/** Literals on more pages than this are left to the signatures. */
const MOST_PAGES = 2 ** 16;

/**
 * Literals that stand in every question after an IPv4 address (like `://0`, with which hexadecimal hosts begin) are too short
 * for signatures of noisy pages. Where they stand is found out once, with the index itself.
 */
export function fixedPages(
  index: IndexFile,
  plan: PagePlan,
  memory: PhysicalMemory,
): Record<string, number[]> {
  const [one = [], other = []] = ['192.0.2.1', '203.0.113.77'].map((text) =>
    literalsOf(patternsOf([parseIndicator(text)])),
  );
  const others = new Set(other.map(literalName));
  const fixed = one.filter((literal) => others.has(literalName(literal)));
  return Object.fromEntries(
    fixed.flatMap((literal) => {
      const pages = pagesWith(index, plan, literal);
      if (pages === null) return [];
      const matcher = bestMatcher(indexLiterals([literal]), CONFIRM_BYTES);
      const numbers = [...members(confirmed(pages, plan, memory, matcher))];
      return numbers.length > MOST_PAGES ? [] : [[literalName(literal), numbers]];
    }),
  );
}

/** Pages that are looked at in one go. */
const CONFIRM_BYTES = 256 * 1024;
