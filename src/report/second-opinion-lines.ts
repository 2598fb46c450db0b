import { agreementIn, nameOf } from './second-opinion.ts';
import type { SecondOpinionPart } from './second-opinion-part.ts';

/** Differences of one process that have the same reasons. */
export interface DifferenceGroup {
  /** "pointed.exe (PID 2308)" */
  readonly who: string;
  /** "2 places only ip2process names, the first 0x200001007 (physical 0x1473007)" */
  readonly what: string;
  /** Who says why, both sides. */
  readonly reasons: readonly (readonly [engine: string, reason: string])[];
}

/** "Volatility 3, 2.28.2, by its vadyarascan" */
export const titleOf = ({ engine, version, way }: SecondOpinionPart): string =>
  [
    nameOf(engine),
    ...(version === null ? [] : [version]),
    ...(way === 'plugin' ? [] : [`by its ${way}`]),
  ].join(', ');

/** How far the second engine agrees, and what it warned of: one sentence each. */
export const opinionLines = (part: SecondOpinionPart): string[] => [
  agreementIn(part),
  ...part.warnings,
];

/** In the report's order, those of places first. */
export function differenceGroups(part: SecondOpinionPart): DifferenceGroup[] {
  const second = nameOf(part.engine);
  const namer = { answer: 'ip2process', second } as const;
  const groups = new Map<string, { first: Difference; count: number }>();
  for (const one of part.placeDifferences) {
    const key = [one.pid, one.name, one.namedBy, one.answer, one.second].join('\0');
    const group = groups.get(key);
    if (group) group.count += 1;
    else groups.set(key, { first: one, count: 1 });
  }
  return [
    ...[...groups.values()].map(({ first, count }) => ({
      who: `${first.name} (PID ${first.pid})`,
      what: `${count} ${count === 1 ? 'place' : 'places'} that only ${namer[first.namedBy]} names, ${count === 1 ? 'at' : 'the first'} ${first.virtualAddress}${first.physicalAddress === null ? '' : ` (physical ${first.physicalAddress})`}`,
      reasons: reasonsOf(first),
    })),
    ...part.processDifferences.map((one) => ({
      who: `${one.name} (PID ${one.pid})`,
      what: `a process that only ${namer[one.namedBy]} names`,
      reasons: reasonsOf(one),
    })),
  ];

  function reasonsOf({ answer, second: other }: { answer: string; second: string }) {
    return [
      ['ip2process', answer],
      [second, other],
    ] as const;
  }
}

type Difference = SecondOpinionPart['placeDifferences'][number];
