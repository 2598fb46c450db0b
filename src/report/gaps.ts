import { byteCount } from './byte-count.ts';
import { incompleteProcesses } from './coverage.ts';
import type { Findings } from './findings.ts';

/** What could not be read and might change the answer: a sentence each, the gravest first. */
export function gapsOf(findings: Findings): string[] {
  const { searched, system } = findings;
  const gaps: string[] = [];
  if (!system) {
    gaps.push('No operating system could be read from the image, so no hit has an owner.');
  }
  if (searched.unreadableBytes > 0) {
    gaps.push(
      `The image is damaged or cut off: ${byteCount(searched.unreadableBytes)} of it could not be read.`,
    );
  }
  if (searched.hitsNotKept.some((lost) => lost > 0)) {
    gaps.push(
      'There were more hits than a report keeps: the rest were counted, but not given to processes.',
    );
  }
  const contradicted = findings.located.occurrences.filter(({ flags }) =>
    flags.includes('contradicted'),
  ).length;
  if (contradicted > 0) {
    gaps.push(
      `Smear: page tables give ${contradicted === 1 ? 'one hit' : `${contradicted} hits`} to processes, but the kernel’s own books call the frames free or its own; the image mixes moments there.`,
    );
  }
  const incomplete = incompleteProcesses(findings);
  if (incomplete.length > 0) {
    gaps.push(
      `Page tables of ${incomplete.length === 1 ? 'one process' : `${incomplete.length} processes`} are partly missing in the image: what only they map has no owner.`,
    );
  }
  return gaps;
}
