import type { IndicatorKind } from '../indicator/indicator.ts';

/** A name or address that stands next to the indicator in memory of a process that talks to it. */
export interface Pivot {
  readonly kind: IndicatorKind;
  readonly text: string;
  readonly hits: number;
  readonly pids: number[];
  /** Where it stood: "Host header", "CONNECT", "URL", "SNI", "DNS". */
  readonly source: string;
}
