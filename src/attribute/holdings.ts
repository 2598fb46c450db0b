import type { Engine } from '../engine/engine.ts';
import { FORMS, type FormName } from '../indicator/forms.ts';
import type { RegionKind } from '../os/region.ts';
import { standsInList } from './lists.ts';
import type { Occurrence, Owner } from './occurrence.ts';
import { FACTORS, PLACES } from './weights.ts';

/** What one process holds, counted. */
export interface Holdings {
  /** Indices into the occurrences, most telling first. */
  readonly occurrences: readonly number[];
  readonly byForm: ReadonlyMap<FormName, number>;
  readonly byRegion: ReadonlyMap<RegionKind, number>;
  /** Occurrences that no other process maps. */
  readonly exclusive: number;
  /** Of them, in executable memory without a file behind it. */
  readonly inPrivateCode: number;
  /** Requests in memory of its own. */
  readonly requests: number;
  readonly inLists: number;
  /** In frames that the kernel's books give to another, or to nobody. */
  readonly contradicted: number;
  /** The sum of form × place × integrity × √n; bare bytes count nothing. */
  readonly units: number;
}

/** Forms that a client writes to talk, not to remember. */
const REQUESTS: ReadonlySet<FormName> = new Set<FormName>([
  'connect-request',
  'absolute-uri-request',
  'host-header',
  'tls-sni',
]);
const OWN: ReadonlySet<RegionKind> = new Set<RegionKind>(['heap', 'stack', 'anonymous']);

/** Surroundings are read for this many occurrences of a process; the rest count as these do. */
const SAMPLED = 64;

/** Form weights at and below this stand for chance. */
const BARE = 0.1;

export function holdingsOf(
  process: number,
  list: readonly number[],
  occurrences: readonly Occurrence[],
  engine: Engine,
): Holdings {
  const byForm = new Map<FormName, number>();
  const byRegion = new Map<RegionKind, number>();
  const groups = new Map<string, { weight: number; count: number }>();
  let [exclusive, inPrivateCode, requests, inLists, contradicted] = [0, 0, 0, 0, 0];

  const sorted = list.toSorted((a, b) => weightOf(occurrences[b]) - weightOf(occurrences[a]));
  for (const [order, at] of sorted.entries()) {
    const occurrence = occurrences[at];
    const owner = occurrence?.owners.find((one) => one.process === process);
    if (!occurrence || !owner) continue;
    const place = owner.region?.kind ?? 'unknown';
    const isShared = occurrence.owners.some((one) => one.process !== process);
    const isListed =
      order < SAMPLED && isText(occurrence) && standsInList(engine, occurrence, owner);
    increment(byForm, occurrence.form);
    increment(byRegion, place);
    if (!isShared) exclusive += 1;
    if (isListed) inLists += 1;
    const isContradicted = owner.agreement === 'contradicted';
    if (isContradicted) contradicted += 1;
    if (isPrivateCode(owner)) inPrivateCode += 1;
    if (REQUESTS.has(occurrence.form) && OWN.has(place) && !isShared && !isListed) requests += 1;

    const weight =
      (isBare(occurrence.form) ? FACTORS.bare.factor : FORMS[occurrence.form].weight) *
      PLACES[place].factor *
      (isShared ? FACTORS.shared.factor : 1) *
      (isListed ? FACTORS.list.factor : 1) *
      (isContradicted ? FACTORS.contradicted.factor : 1);
    const group = groups.get(`${occurrence.form} ${place} ${weight}`);
    if (group) group.count += 1;
    else groups.set(`${occurrence.form} ${place} ${weight}`, { weight, count: 1 });
  }
  const units = [...groups.values()].reduce(
    (sum, { weight, count }) => sum + weight * Math.sqrt(count),
    0,
  );
  return {
    occurrences: sorted,
    byForm,
    byRegion,
    exclusive,
    inPrivateCode,
    requests,
    inLists,
    contradicted,
    units,
  };
}

/** Bare address bytes: they stand anywhere by chance. */
export const isBare = (form: FormName): boolean => FORMS[form].weight <= BARE;

const isText = (occurrence: Occurrence): boolean => occurrence.encoding !== 'binary';

const isPrivateCode = ({ isExecutable, region }: Owner): boolean =>
  isExecutable && region !== null && OWN.has(region.kind);

const weightOf = (occurrence: Occurrence | undefined): number =>
  occurrence ? FORMS[occurrence.form].weight : 0;

function increment<Key>(map: Map<Key, number>, key: Key): void {
  map.set(key, (map.get(key) ?? 0) + 1);
}
