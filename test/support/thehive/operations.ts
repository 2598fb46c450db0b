import * as z from 'zod';
import type { Store } from './store.ts';

/** What a responder ran on. */
export interface RanOn {
  readonly kind: 'case' | 'case_artifact';
  readonly id: string;
  /** Login of who clicked. */
  readonly user?: string;
}

export interface Executed {
  /** 'pending': TheHive 4 lost them all, and the action keeps its initial status for ever. */
  readonly action: 'Success' | 'pending';
  readonly operations: readonly {
    readonly type: string;
    readonly status: 'Success' | 'Failure';
    readonly message: string;
  }[];
}

const name = { type: z.string() };
/** Fields that are needed, with their types; unknown ones are ignored (reference 4.2). */
const SHAPES: Readonly<Record<string, z.ZodType>> = {
  AddTagToArtifact: z.looseObject({ ...name, tag: z.string() }),
  AddTagToCase: z.looseObject({ ...name, tag: z.string() }),
  AddArtifactToCase: z.looseObject({
    ...name,
    data: z.string(),
    dataType: z.string(),
    message: z.string(),
    tlp: z.number().int().optional(),
    ioc: z.boolean().optional(),
    sighted: z.boolean().optional(),
    ignoreSimilarity: z.boolean().optional(),
    tags: z.array(z.string()).optional(),
  }),
  CreateTask: z.looseObject({ ...name, title: z.string(), description: z.string() }),
  AddCustomFields: z.looseObject({
    ...name,
    name: z.string(),
    tpe: z.string(),
    value: z.unknown(),
  }),
  AssignCase: z.looseObject({ ...name, owner: z.string() }),
  AddLogToTask: z.looseObject({ ...name, content: z.string() }),
  CloseTask: z.looseObject(name),
  AddTagToAlert: z.looseObject({ ...name, tag: z.string() }),
  MarkAlertAsRead: z.looseObject(name),
};

const artifact = z.object({
  data: z.string(),
  dataType: z.string(),
  message: z.string(),
  // Not inherited from the case.
  tlp: z.number().default(2),
  ioc: z.boolean().default(false),
  tags: z.array(z.string()).default([]),
});

/**
 * The operations of a finished job, as TheHive 4 carries them out (H8): all in one transaction and in the name of who clicked,
 * whatever the responder's own key may.
 */
export function executeOperations(
  store: Store,
  ranOn: RanOn,
  operations: readonly unknown[],
): Executed {
  const typed = operations.map((operation) => {
    const type = z.looseObject(name).safeParse(operation).data?.type ?? '';
    return { type, isWhole: SHAPES[type]?.safeParse(operation).success ?? false, operation };
  });
  if (typed.some(({ isWhole }) => !isWhole)) return { action: 'pending', operations: [] };
  return {
    action: 'Success',
    operations: typed.map(({ type, operation }) => {
      const message = carryOut(store, ranOn, type, operation);
      return { type, status: message === '' ? 'Success' : 'Failure', message };
    }),
  };
}

/** @returns why not, or nothing */
function carryOut(store: Store, ranOn: RanOn, type: string, operation: unknown): string {
  const clicked = ranOn.kind === 'case_artifact' ? store.observables.get(ranOn.id) : undefined;
  const of = store.cases.get(clicked?.caseId ?? ranOn.id);
  if (!of) return 'Case not found';
  const login = ranOn.user ?? 'ana@example.org';
  switch (type) {
    case 'AddTagToArtifact': {
      if (!clicked) return 'Wrong entity for AddTagToArtifact';
      // TheHive 4 writes no audit entry here, so no notification sees it.
      clicked.tags = [...new Set([...clicked.tags, tagOf(operation)])];
      return '';
    }
    case 'AddTagToCase': {
      of.tags = [...new Set([...of.tags, tagOf(operation)])];
      store.events.push({
        action: 'update',
        objectType: 'Case',
        objectId: of._id,
        details: { tags: of.tags },
      });
      return '';
    }
    case 'AddArtifactToCase': {
      const { data, dataType, ...rest } = artifact.parse(operation);
      if (!store.dataTypes.has(dataType)) return 'NotFoundError: Observable type not found';
      if (store.dataTypes.get(dataType)) return 'An attachment type cannot hold text';
      if (
        store.observablesOf(of._id).some((one) => one.dataType === dataType && one.data === data)
      ) {
        return 'Observable already exists';
      }
      const made = store.addObservable(of._id, { ...store.stamp(login), dataType, data, ...rest });
      store.events.push({
        action: 'create',
        objectType: 'Observable',
        objectId: made._id,
        details: { dataType, data, tags: made.tags },
      });
      return '';
    }
    case 'CreateTask': {
      const { title, description } = z
        .object({ title: z.string(), description: z.string() })
        .parse(operation);
      store.addTask(of._id, { title, description }, login);
      return '';
    }
    default:
      return `Wrong entity for ${type}`;
  }
}

const tagOf = (operation: unknown): string => z.object({ tag: z.string() }).parse(operation).tag;
