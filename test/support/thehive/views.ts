import type {
  StoredCase,
  StoredFile,
  StoredLog,
  StoredObservable,
  StoredPage,
  StoredTask,
} from './store.ts';

/** What the API shows of a thing; the versions differ in files above all (reference 5.3). */

export const fileView = (file: StoredFile, version: 4 | 5) => {
  const { name, size, sha256, contentType } = file;
  const hashes = [sha256, 'a'.repeat(40), 'b'.repeat(32)];
  return version === 4
    ? { name, hashes, size, contentType, id: sha256 }
    : {
        _id: file.id,
        _type: 'Attachment',
        _createdBy: 'ana@example.org',
        _createdAt: 1_767_225_600_000,
        name,
        hashes,
        size,
        contentType,
        id: file.id,
        extraData: {},
      };
};

export const caseView = (one: StoredCase, version: 4 | 5) => {
  const { organisation: _organisation, attachments: _attachments, stage, ...shown } = one;
  return { ...shown, _type: 'Case', ...(version === 5 ? { stage } : {}), extraData: {} };
};

export const observableView = (one: StoredObservable, version: 4 | 5) => {
  const { caseId: _caseId, data, attachment, ...shown } = one;
  return {
    ...shown,
    _type: 'Observable',
    ...(data === null ? {} : { data }),
    ...(attachment ? { attachment: fileView(attachment, version) } : {}),
    startDate: one._createdAt,
    reports: {},
    extraData: {},
    ...(version === 5 ? { pap: 2 } : {}),
  };
};

export const taskView = ({ caseId: _caseId, ...shown }: StoredTask) => ({
  ...shown,
  _type: 'Task',
});

export const logView = ({ taskId: _taskId, files, ...shown }: StoredLog, version: 4 | 5) => {
  const named = files.map(({ name, text }) => ({ name, size: text.length }));
  return {
    ...shown,
    _type: 'Log',
    ...(version === 5 ? { attachments: named } : named[0] ? { attachment: named[0] } : {}),
  };
};

export const pageView = ({ caseId: _caseId, ...shown }: StoredPage) => ({
  ...shown,
  _type: 'Page',
});
