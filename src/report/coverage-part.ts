import * as z from 'zod';
import { agreementCounts } from './agreement-part.ts';

const address = z.string().regex(/^0x[0-9a-f]+$/);
const count = z.number().int().nonnegative();
const counts = z.record(z.string(), count);

/** What was searched, and what could not be. */
export const coveragePart = z.object({
  /** Bytes of RAM that the image holds, and how many of them were searched. */
  imageBytes: count,
  bytesSearched: count,
  /** Gaps between the image's runs, the first 64 of them; `end` is exclusive. */
  holes: z.array(z.object({ start: address, end: address })),
  holeCount: count,
  /** That lived when the image was taken. */
  processes: count,
  kernelThreads: count,
  /** Processes some of whose page tables are not in the image: what only they map has no owner here. */
  incompleteProcesses: z.array(
    z.object({ pid: z.number().int(), name: z.string(), missingTables: count }),
  ),
  /** Pages that processes have but the search could not see. Null: not counted on this system. */
  notInMemory: z
    .array(
      z.object({
        pid: z.number().int(),
        name: z.string(),
        compressedPages: count,
        /** In a paging file, which is not part of the image. */
        pagedOutPages: count,
      }),
    )
    .nullable(),
  /** Texts at page edges that the owner's neighbouring page showed to be something else. */
  nearMissesAtPageEdges: count,
  /** Of the mappings by which hits were given to processes. */
  mappings: agreementCounts,
  /** Hits that were counted but not kept, by indicator. */
  hitsNotKept: counts,
});
