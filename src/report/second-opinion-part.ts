import * as z from 'zod';

const count = z.number().int().nonnegative();
const counts = z.object({
  both: count,
  /** Only the engine whose answer the report gives. */
  onlyAnswer: count,
  onlySecond: count,
});
const namedBy = z.enum(['answer', 'second']);

/** What a second engine says about the same image, beside the answer, which stays the first engine's. */
export const secondOpinionPart = z.object({
  engine: z.string(),
  version: z.string().nullable(),
  /** How it was asked: the plugin of ours, or one of its own. */
  way: z.string(),
  state: z.enum(['answered', 'failed']),
  /** Why it did not answer. */
  reason: z.string().nullable(),
  /** Pairs of a hit and a process that holds it, by physical and virtual address. */
  places: counts,
  processes: counts,
  /** At most 200; all are counted above. */
  placeDifferences: z.array(
    z.object({
      /** Null: only a virtual address is known. */
      physicalAddress: z.string().nullable(),
      pid: z.number().int(),
      name: z.string(),
      virtualAddress: z.string(),
      namedBy,
      /** Why each engine names it, or does not. */
      answer: z.string(),
      second: z.string(),
    }),
  ),
  processDifferences: z.array(
    z.object({
      pid: z.number().int(),
      name: z.string(),
      namedBy,
      answer: z.string(),
      second: z.string(),
    }),
  ),
  warnings: z.array(z.string()),
});

export type SecondOpinionPart = z.infer<typeof secondOpinionPart>;
