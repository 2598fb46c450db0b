import * as z from 'zod';
import { queryAll } from './query.ts';
import type { Session } from './session.ts';
import type { Attachment, Id } from './thehive.ts';

/** TheHive 4 has `id` (the SHA-256), TheHive 5 `_id` and `id`. */
export const attachmentRow = z.object({
  _id: z.string().optional(),
  id: z.string().optional(),
  name: z.string(),
  size: z.number().int().nonnegative(),
  hashes: z.array(z.string()).default([]),
});

/** Those of the case itself: TheHive 5. */
export async function listAttachments(session: Session, caseId: Id): Promise<Attachment[]> {
  if (session.version === 4) return [];
  const rows = await queryAll(
    session,
    [{ _name: 'getCase', idOrName: caseId }, { _name: 'attachments' }],
    attachmentRow.extend({ _id: z.string() }),
    'list the attachments of the case',
  );
  return rows.map((row) => attachmentOfRow(row, { kind: 'case', id: caseId }));
}

export function attachmentOfRow(
  row: z.infer<typeof attachmentRow>,
  holder: Attachment['holder'],
): Attachment {
  return {
    id: row._id ?? row.id ?? '',
    name: row.name,
    size: row.size,
    sha256: hashOf(64, row.hashes),
    sha1: hashOf(40, row.hashes),
    md5: hashOf(32, row.hashes),
    holder,
  };
}

/** The list has no names; the lengths tell. */
const hashOf = (digits: number, hashes: readonly string[]): string | null =>
  hashes.find((hash) => hash.length === digits && /^[0-9a-f]+$/i.test(hash))?.toLowerCase() ?? null;
