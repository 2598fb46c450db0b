import * as z from 'zod';
import { badRequest } from './answer.ts';

/**
 * Bodies as strict as they come: a field that TheHive does not know is a mistake of ours, even where TheHive would overlook
 * it. The limits are those of TheHive 5's OpenAPI; TheHive 4 has them only where its database does.
 */
const tags = z.array(z.string().min(1).max(128));
const tlp = z.number().int().min(0).max(4);

export const newObservable = z.strictObject({
  dataType: z.string().min(1).max(64),
  data: z.union([z.string().max(4096), z.array(z.string().max(4096))]),
  message: z.string().max(1_048_576).optional(),
  tlp: tlp.optional(),
  tags: tags.optional(),
  ioc: z.boolean().optional(),
  sighted: z.boolean().optional(),
  ignoreSimilarity: z.boolean().optional(),
});

const observableChange = {
  message: z.string().optional(),
  tlp: tlp.optional(),
  tags: tags.optional(),
  ioc: z.boolean().optional(),
  sighted: z.boolean().optional(),
  // TheHive 4 overlooks these two, which is the trap (H6).
  addTags: tags.optional(),
  removeTags: tags.optional(),
};
export const changedObservable = z.strictObject(observableChange);

export const changedCase = z.strictObject({
  tags: tags.optional(),
  addTags: tags.optional(),
  removeTags: tags.optional(),
  title: z.string().optional(),
});

export const newTask4 = z.strictObject({
  caseId: z.string(),
  title: z.string().min(1).max(128),
  group: z.string().max(64).optional(),
  description: z.string().optional(),
});
export const newTask5 = newTask4.omit({ caseId: true });
export const changedTask = z.strictObject({
  status: z.enum(['Waiting', 'InProgress', 'Completed', 'Cancel']),
});

export const newLog = z.strictObject({ message: z.string().min(1).max(1_048_576) });

export const newPage = z.strictObject({
  title: z.string().min(1).max(512),
  content: z.string().min(1).max(1_048_576),
  category: z.string().min(1).max(128),
});
export const changedPage = newPage.partial();

/** @throws Refusal 400 as TheHive's AttributeCheckingError */
export function checked<Schema extends z.ZodType>(schema: Schema, body: unknown): z.infer<Schema> {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  throw badRequest(
    result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '),
  );
}
