import type { Attribution } from '../attribute/attribution.ts';
import type { Located } from '../attribute/locate.ts';
import type { Occurrence } from '../attribute/occurrence.ts';
import type { Pivot } from '../attribute/pivots.ts';
import type { Proxy } from '../attribute/proxy.ts';
import type { Engine } from '../engine/engine.ts';
import type { MemoryImage } from '../image/open-image.ts';
import type { Indicator } from '../indicator/indicator.ts';
import type { NotInMemory } from '../os/not-in-memory.ts';
import type { OperatingSystem } from '../os/operating-system.ts';
import type { SecondOpinion } from './second-opinion.ts';

/** What was looked at, as the stages counted it. */
export interface Searched {
  readonly bytes: number;
  /** Bytes that the image promises and does not give: damaged or cut off. */
  readonly unreadableBytes: number;
  /** Hits counted but not kept, by index of the indicator. */
  readonly hitsNotKept: readonly number[];
  /** Page-table pages that are not in the image, by the engine's space. */
  readonly unreadableTables: readonly number[];
  /** Processes with pages that are compressed or paged out; null: not counted. */
  readonly notInMemory: readonly NotInMemory[] | null;
}

/** What the alert says of machine and time. */
export interface Alert {
  readonly host: string | null;
  readonly at: Date | null;
}

/** Everything the stages found out, ready to be told. */
export interface Findings {
  readonly toolVersion: string;
  readonly indicators: readonly Indicator[];
  /** Texts of the indicators that were not given, but followed from the given ones. */
  readonly followed: ReadonlySet<string>;
  readonly alert: Alert | null;
  readonly image: MemoryImage;
  /** Of the image's file as it was given, packed or not. */
  readonly sha256: string | null;
  readonly system: OperatingSystem | null;
  readonly engine: Engine;
  readonly proxy: Proxy | null;
  readonly located: Located;
  readonly attributions: readonly Attribution[];
  readonly pivots: readonly Pivot[];
  /** Host names that processes connected to the proxy asked it for; told when nothing is found. */
  readonly pivotHosts: readonly string[];
  readonly searched: Searched;
  /** Null: no second engine was asked. */
  readonly second?: SecondOpinion | null;
  readonly warnings: readonly string[];
  readonly timings: Readonly<Record<string, number>>;
}

/** A phantom is shown among the hits, but counts as nothing. */
export const isReal = (occurrence: Occurrence): boolean => !occurrence.flags.includes('phantom');
