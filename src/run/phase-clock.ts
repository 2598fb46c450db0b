/** What the phases of a run take. */
export interface PhaseClock {
  /** Milliseconds by phase, in the order of the run; grows while it goes on. */
  readonly timings: Readonly<Record<string, number>>;
  /** Runs a phase; one that runs twice is added up. */
  readonly timed: <Result>(phase: string, run: () => Result | Promise<Result>) => Promise<Result>;
}

export function phaseClock(): PhaseClock {
  const timings: Record<string, number> = {};
  return {
    timings,
    async timed(phase, run) {
      const start = performance.now();
      const result = await run();
      const spent = (timings[phase] ?? 0) + performance.now() - start;
      timings[phase] = Math.round(spent * 10) / 10;
      return result;
    },
  };
}
