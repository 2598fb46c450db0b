import { FORMS, type FormName } from '../indicator/forms.ts';
import type { Indicator } from '../indicator/indicator.ts';
import type { Process } from '../os/process.ts';
import type { RegionKind } from '../os/region.ts';
import type { Occurrence } from './occurrence.ts';
import { isConnectedTo, type Proxy } from './proxy.ts';

/** What one process has to do with the indicators. */
export interface Attribution {
  /** Index into the engine's processes. */
  readonly process: number;
  /** Indices into the occurrences, best evidence first. */
  readonly occurrences: readonly number[];
  readonly byForm: ReadonlyMap<FormName, number>;
  readonly byRegion: ReadonlyMap<RegionKind, number>;
  /** Occurrences that no other process maps. */
  readonly exclusive: number;
  readonly isConnectedToProxy: boolean;
  /** It has a socket to an indicator's own address. */
  readonly isConnectedToIndicator: boolean;
  /** It holds more than bare address bytes: enough to be named in an answer. */
  readonly isEvidence: boolean;
  /** Orders processes; see `rank()`. */
  readonly weight: number;
}

/** Forms that stand for a request or a connection rather than for a mention. */
const REQUEST_FORMS: ReadonlySet<FormName> = new Set<FormName>([
  'connect-request',
  'absolute-uri-request',
  'host-header',
  'sockaddr-in',
  'sockaddr-in6',
]);

/**
 * Every process that holds an indicator or is connected to one, likeliest first: a connection to the indicator or to
 * the proxy comes before any number of mentions; then the strongest form, then how much of it only this process holds.
 */
export function attribute(
  indicators: readonly Indicator[],
  processes: readonly Process[],
  occurrences: readonly Occurrence[],
  proxy: Proxy | null,
): Attribution[] {
  const held = new Map<number, number[]>();
  occurrences.forEach(({ owners }, index) => {
    for (const process of new Set(owners.map((owner) => owner.process))) {
      const list = held.get(process);
      if (list) list.push(index);
      else held.set(process, [index]);
    }
  });
  const addresses = new Set(indicators.map(({ text }) => text));
  processes.forEach((process, index) => {
    const isPeer = process.sockets.some(({ remote }) => remote && addresses.has(remote.address));
    if (isPeer && !held.has(index)) held.set(index, []);
  });

  const attributions = [...held].flatMap(([index, list]) => {
    const process = processes[index];
    return process ? [weigh(index, process, list, occurrences, addresses, proxy)] : [];
  });
  return attributions.toSorted((one, other) => other.weight - one.weight);
}

function weigh(
  index: number,
  process: Process,
  list: readonly number[],
  occurrences: readonly Occurrence[],
  addresses: ReadonlySet<string>,
  proxy: Proxy | null,
): Attribution {
  const byForm = new Map<FormName, number>();
  const byRegion = new Map<RegionKind, number>();
  let exclusive = 0;
  for (const at of list) {
    const occurrence = occurrences[at];
    if (!occurrence) continue;
    const region = occurrence.owners.find((owner) => owner.process === index)?.region?.kind;
    count(byForm, occurrence.form);
    count(byRegion, region ?? 'unknown');
    if (new Set(occurrence.owners.map((owner) => owner.process)).size === 1) exclusive += 1;
  }
  const isConnectedToProxy = proxy !== null && isConnectedTo(process, proxy);
  const isConnectedToIndicator = process.sockets.some(
    ({ remote }) => remote !== null && addresses.has(remote.address),
  );
  const strongest = Math.max(0, ...[...byForm.keys()].map((form) => FORMS[form].weight));
  const isEvidence = isConnectedToIndicator || strongest > BARE_WEIGHT;
  return {
    process: index,
    occurrences: list.toSorted((a, b) => weightOf(occurrences[b]) - weightOf(occurrences[a])),
    byForm,
    byRegion,
    exclusive,
    isConnectedToProxy,
    isConnectedToIndicator,
    isEvidence,
    weight: rank(isConnectedToIndicator, isEvidence && isConnectedToProxy, strongest, exclusive),
  };
}

/** Forms of this weight or less never decide alone: four bytes stand anywhere by chance. */
const BARE_WEIGHT = 0.1;

/** Lexicographic as one number: connection, then strongest form, then occurrences of its own (with falling returns). */
function rank(
  toIndicator: boolean,
  toProxy: boolean,
  strongest: number,
  exclusive: number,
): number {
  const connection = toIndicator ? 2 : toProxy ? 1 : 0;
  return connection * 100 + strongest * 10 + Math.min(Math.log2(1 + exclusive), 20) / 21;
}

const weightOf = (occurrence: Occurrence | undefined): number =>
  occurrence ? FORMS[occurrence.form].weight : 0;

/** Is a form one that a process writes when it talks, rather than when it knows? */
export const isRequest = (form: FormName): boolean => REQUEST_FORMS.has(form);

function count<Key>(map: Map<Key, number>, key: Key): void {
  map.set(key, (map.get(key) ?? 0) + 1);
}
