import * as z from 'zod';

/** A collection that runs, or ran, on a client. */
export interface Flow {
  readonly client: string;
  /** "F." and letters and digits. */
  readonly id: string;
  /** Somebody, perhaps an earlier run of ours, had started it. */
  readonly wasRunning: boolean;
}

const SCAN = {
  windows: 'Custom.Windows.Memory.IPScan',
  linux: 'Custom.Linux.Memory.IPScan',
} as const;
const ACQUISITION = {
  windows: 'Custom.Windows.Memory.AcquireForIP2Process',
  linux: 'Custom.Linux.Memory.AcquireForIP2Process',
} as const;

/** 'scan': which process talks to it; 'acquisition': an image of the memory. */
export type Purpose = 'scan' | 'acquisition';
/** Name of the artifact that answers for a system. */
export const artifactFor = (system: 'windows' | 'linux', purpose: Purpose): string =>
  (purpose === 'scan' ? SCAN : ACQUISITION)[system];

/** What the server tells of a flow, as far as it is read. */
export const FlowRow = z.object({
  session_id: z.string().regex(/^F\.[0-9A-Za-z.-]{1,64}$/),
  state: z.string(),
  status: z.string().nullish(),
  /** Microseconds. */
  create_time: z.coerce.number().default(0),
  active_time: z.coerce.number().nullish(),
  total_collected_rows: z.coerce.number().default(0),
  artifacts_with_results: z.array(z.string()).nullish(),
  request: z
    .object({
      creator: z.string().nullish(),
      artifacts: z.array(z.string()).nullish(),
      specs: z
        .array(
          z.object({
            artifact: z.string().default(''),
            parameters: z
              .object({
                env: z
                  .array(z.object({ key: z.string(), value: z.string().default('') }))
                  .nullish(),
              })
              .nullish(),
          }),
        )
        .nullish(),
    })
    .nullish(),
});
