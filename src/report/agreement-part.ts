import * as z from 'zod';

/**
 * Whether the kernel's books of frames say, too, that the process has the frame there: `confirmed` both ways,
 * `contradicted` (smear, or a lie), or `unchecked` where the books cannot tell.
 */
export const agreementWord = z.enum(['confirmed', 'contradicted', 'unchecked']);

/** Of all mappings by which hits were given to processes. */
export const agreementCounts = z.record(agreementWord, z.number().int().nonnegative());
