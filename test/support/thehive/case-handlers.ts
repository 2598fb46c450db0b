import { badRequest, notFound, notPermitted, type Answer } from './answer.ts';
import { caseOf, isNamed, need, observableOf, remove, type Asked } from './asked.ts';
import * as bodies from './bodies.ts';
import { answerQuery } from './query.ts';
import { caseView, observableView } from './views.ts';

export function currentUser({ account, organisation }: Asked): Answer {
  const { login, permissions, organisations } = account;
  const body = {
    _id: '~8',
    login,
    name: login,
    profile: 'x',
    organisation,
    permissions,
    organisations: organisations.map((name) => ({
      organisationId: '~1',
      organisation: name,
      profile: 'x',
    })),
  };
  return { status: 200, body };
}

export function query({ store, organisation, version, json }: Asked): Answer {
  return answerQuery(store, organisation, version, json);
}

export function getCase(asked: Asked, id: string): Answer {
  return {
    status: 200,
    body: caseView(caseOf(asked, id), asked.version),
  };
}

export function patchCase(asked: Asked, id: string): Answer {
  const found = caseOf(asked, id);
  need(asked, asked.version === 4 ? 'manageCase' : 'manageCase/update');
  return patchTagged(asked, 'Case', found, bodies.checked(bodies.changedCase, asked.json));
}

export function patchObservable(asked: Asked, id: string): Answer {
  const found = observableOf(asked, id);
  need(asked, 'manageObservable');
  return patchTagged(
    asked,
    'Observable',
    found,
    bodies.checked(bodies.changedObservable, asked.json),
  );
}

/** TheHive 4 replaces `tags`, and says nothing about `addTags` that it does not know (H6). */
export function patchTagged(
  { store, version }: Asked,
  objectType: 'Case' | 'Observable',
  found: { _id: string; tags: string[] },
  change: {
    tags?: string[] | undefined;
    addTags?: string[] | undefined;
    removeTags?: string[] | undefined;
  },
): Answer {
  if (change.tags) found.tags = [...new Set(change.tags)];
  if (version === 5) {
    const removed = new Set(change.removeTags ?? []);
    found.tags = [...new Set([...found.tags, ...(change.addTags ?? [])])].filter(
      (tag) => !removed.has(tag),
    );
  }
  store.events.push({
    action: 'update',
    objectType,
    objectId: found._id,
    details: { tags: found.tags },
  });
  return { status: 204 };
}

export function getType({ store }: Asked, name: string): Answer {
  const isAttachment = store.dataTypes.get(name);
  if (isAttachment === undefined) throw notFound('Observable type');
  return { status: 200, body: { _id: '~9', _type: 'ObservableType', name, isAttachment } };
}

export function getObservable(asked: Asked, id: string): Answer {
  return {
    status: 200,
    body: observableView(observableOf(asked, id), asked.version),
  };
}

/** 201 with a list; 207, or 201 in TheHive 5, with {success, failure} when one fails (H5). */
export function createObservables(asked: Asked, caseId: string): Answer {
  const { store, version, account, settings } = asked;
  const of = [...store.cases.values()].find(
    (one) => isNamed(one, caseId) && one.organisation === asked.organisation,
  );
  if (!of && version === 4) throw notPermitted();
  if (!of) throw notFound('Case');
  need(asked, 'manageObservable');
  const { data, dataType, ...rest } = bodies.checked(bodies.newObservable, asked.json);
  const isFile = store.dataTypes.get(dataType);
  if (isFile === undefined) throw notFound('Observable type');
  if (isFile) throw badRequest('a file is needed for this type');
  const [success, failure]: [unknown[], unknown[]] = [[], []];
  for (const item of [data].flat().filter((text) => text.trim() !== '')) {
    const earlier = store.observablesOf(of._id);
    const seen = earlier.slice(0, earlier.length - Math.min(earlier.length, settings.blindCreates));
    const same = (one: string): boolean =>
      settings.ignoresCase ? one.toLowerCase() === item.toLowerCase() : one === item;
    if (seen.some((one) => one.dataType === dataType && same(one.data ?? ''))) {
      failure.push({
        type: 'CreateError',
        message: 'Observable already exists',
        object: { data: item },
      });
      continue;
    }
    const made = store.addObservable(of._id, {
      ...store.stamp(account.login),
      dataType,
      data: item,
      message: rest.message ?? '',
      tlp: rest.tlp ?? 2,
      tags: rest.tags ?? [],
      ioc: rest.ioc ?? false,
      sighted: rest.sighted ?? false,
    });
    store.events.push({
      action: 'create',
      objectType: 'Observable',
      objectId: made._id,
      details: { dataType, data: item, tags: made.tags },
    });
    success.push(observableView(made, version));
  }
  if (failure.length === 0) return { status: 201, body: success };
  return { status: version === 4 ? 207 : 201, body: { success, failure } };
}

export function deleteObservable(asked: Asked, id: string): Answer {
  observableOf(asked, id);
  return remove(asked, 'Observable', asked.store.observables, id, 'manageObservable');
}
