import { listAttachments } from './attachments.ts';
import { getCase } from './cases.ts';
import { openDownload } from './download.ts';
import { listObservables } from './observables.ts';
import type { Session } from './session.ts';
import type { CaseFiles } from './thehive.ts';

/** A session as the small thing that finding evidence needs. */
export const caseFiles = (session: Session): CaseFiles => ({
  getCase: (idOrNumber) => getCase(session, idOrNumber),
  observables: (caseId) => listObservables(session, caseId),
  attachments: (caseId) => listAttachments(session, caseId),
  download: (attachment, options) => openDownload(session, attachment, options),
});
