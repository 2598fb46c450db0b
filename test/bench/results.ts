/** What `--all` saves as raw.json. */
export interface Results {
  readonly facts: {
    readonly machine: string;
    readonly node: string;
    readonly grep: string;
    readonly yara: string;
    readonly rounds: number;
    /** Load average over a minute, after each image. */
    readonly loads: readonly number[];
  };
  readonly measured: readonly Measured[];
}

/** One contestant on one image. */
export interface Measured {
  readonly image: string;
  readonly bytes: number;
  readonly processes: number;
  /** Whether the image was in the page cache. */
  readonly state: 'warm' | 'cold';
  readonly name: string;
  readonly indicators: number;
  readonly runs: readonly {
    readonly ms: number;
    readonly peakMib: number;
    /** Milliseconds by phase, where it tells. */
    readonly phases: Readonly<Record<string, number>>;
  }[];
}

export const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;

export const msOf = ({ runs }: Measured): number => median(runs.map(({ ms }) => ms));

export const phaseOf = ({ runs }: Measured, phase: string): number =>
  median(runs.map(({ phases }) => phases[phase] ?? Number.NaN));
