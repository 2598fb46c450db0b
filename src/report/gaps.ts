import { FACTORS } from '../attribute/weights.ts';
import { agreementsOf } from './agreements.ts';
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
  gaps.push(...smearIn(findings));
  const incomplete = incompleteProcesses(findings);
  if (incomplete.length > 0) {
    gaps.push(
      `Page tables of ${incomplete.length === 1 ? 'one process' : `${incomplete.length} processes`} are partly missing in the image: what only they map has no owner.`,
    );
  }
  return gaps;
}

/** What page tables and the kernel's books of frames tell apart: one sentence, or none. */
export function smearIn({ located }: Pick<Findings, 'located'>): string[] {
  const { confirmed, contradicted, unchecked } = agreementsOf(located.occurrences);
  if (contradicted === 0) return [];
  const total = confirmed + contradicted + unchecked;
  const some =
    total === 1
      ? 'the one mapping by which a hit was'
      : `${contradicted} of ${total} mappings by which hits were`;
  return [
    `Smear: ${some} given to processes ${contradicted === 1 ? 'is' : 'are'} contradicted by the kernel’s own books of frames: the image mixes moments there, and such hits count × ${FACTORS.contradicted.factor}.`,
  ];
}
