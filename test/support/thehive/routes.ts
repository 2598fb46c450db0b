import type { Answer } from './answer.ts';
import { remove, type Asked } from './asked.ts';
import {
  createObservables,
  currentUser,
  deleteObservable,
  getCase,
  getObservable,
  getType,
  patchCase,
  patchObservable,
  query,
} from './case-handlers.ts';
import { download, fileOf4, fileOf5, fileOfCase } from './download-handlers.ts';
import {
  createLog,
  createPage,
  createTask,
  patchLog,
  patchPage,
  patchTask,
} from './text-handlers.ts';

type Handler = (asked: Asked, ...ids: string[]) => Answer | Promise<Answer>;

/** Method, path with `*` for a variable segment, versions, handler. The first that fits answers. */
export const ROUTES: readonly (readonly [string, string, readonly (4 | 5)[], Handler])[] = [
  ['GET', 'api/v1/user/current', [4, 5], currentUser],
  ['POST', 'api/v1/query', [4, 5], query],
  ['GET', 'api/v1/case/*', [4, 5], getCase],
  ['PATCH', 'api/v1/case/*', [4, 5], patchCase],
  ['POST', 'api/v1/case/*/observable', [4, 5], createObservables],
  ['GET', 'api/v1/observable/type/*', [4, 5], getType],
  ['GET', 'api/v1/observable/*', [4, 5], getObservable],
  ['PATCH', 'api/v1/observable/*', [4, 5], patchObservable],
  ['DELETE', 'api/v1/observable/*', [4, 5], deleteObservable],
  ['POST', 'api/v1/task', [4], createTask],
  ['POST', 'api/v1/case/*/task', [5], createTask],
  ['PATCH', 'api/v1/task/*', [4, 5], patchTask],
  [
    'DELETE',
    'api/v1/task/*',
    [5],
    (asked, id) => remove(asked, 'Task', asked.store.tasks, id, 'manageTask'),
  ],
  ['POST', 'api/v1/task/*/log', [4, 5], createLog],
  ['PATCH', 'api/v1/log/*', [4, 5], patchLog],
  [
    'DELETE',
    'api/v1/log/*',
    [4, 5],
    (asked, id) => remove(asked, 'Log', asked.store.logs, id, 'manageTask'),
  ],
  ['POST', 'api/v1/case/*/page', [5], createPage],
  ['PATCH', 'api/v1/case/*/page/*', [5], patchPage],
  [
    'DELETE',
    'api/v1/case/*/page/*',
    [5],
    (asked, _case, id) => remove(asked, 'Page', asked.store.pages, id, 'managePage'),
  ],
  ['GET', 'api/datastore/*', [4], (asked, id) => download(asked, fileOf4(asked, id), false)],
  ['GET', 'api/datastorezip/*', [4], (asked, id) => download(asked, fileOf4(asked, id), true)],
  [
    'GET',
    'api/v1/observable/*/attachment/*/download',
    [5],
    (asked, of, id) => download(asked, fileOf5(asked, of, id), asked.query.get('asZip') === 'true'),
  ],
  [
    'GET',
    'api/v1/attachment/*/download',
    [5],
    (asked, id) => download(asked, fileOfCase(asked, id), false),
  ],
];
