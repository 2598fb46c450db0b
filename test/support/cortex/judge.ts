import * as z from 'zod';

/** What is seen of a run from outside. */
export interface SeenRun {
  /** Bytes of output.json; null: there is none. */
  readonly output: Uint8Array | null;
  /** Names in the output folder. */
  readonly files: readonly string[];
  /** Readings of output.json while the worker ran that were neither nothing nor JSON. */
  readonly tornReadings: number;
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Expectation {
  readonly ranOn: 'case' | 'case_artifact';
  readonly secrets: readonly string[];
  readonly mostObservables: number;
}

/** `R6: …`: a rule of section 8.1 of the integration contract, and how it was broken. */
export type Fault = `R${number}: ${string}`;

const MEGABYTE = 2 ** 20;

/** Everything that a run did wrong; empty: nothing. */
export function judge(seen: SeenRun, expected: Expectation): Fault[] {
  const faults: Fault[] = [];
  if (seen.exitCode !== 0) faults.push(`R4: exit code ${seen.exitCode}`);
  for (const name of seen.files) {
    if (name !== 'output.json') faults.push(`R6: left ${name} in the output folder`);
  }
  if (seen.tornReadings > 0) faults.push(`R6: ${seen.tornReadings} readings saw half a report`);
  const printed = `${seen.stdout}\n${seen.stderr}`;
  const text = seen.output ? Buffer.from(seen.output).toString('utf8') : '';
  for (const [place, shown] of [
    ['what it printed', printed],
    ['output.json', text],
  ] as const) {
    if (expected.secrets.some((secret) => shown.includes(secret))) {
      faults.push(`R8: a secret stands in ${place}`);
    }
  }
  return [...faults, ...judgeOutput(seen.output, expected)];
}

const failure = z.object({ success: z.literal(false), errorMessage: z.string().min(1) });
const success = z.object({
  success: z.literal(true),
  full: z.looseObject({ message: z.string().min(1) }),
  summary: z.looseObject({}).optional(),
  operations: z.array(z.looseObject({})).optional(),
});

function judgeOutput(bytes: Uint8Array | null, expected: Expectation): Fault[] {
  if (!bytes || bytes.length === 0) return ['R6: no output.json'];
  if (bytes.length >= MEGABYTE) return [`R6: output.json has ${bytes.length} bytes`];
  if (bytes[0] === 0xef) return ['R6: output.json begins with a byte order mark'];
  let output: unknown;
  try {
    output = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return ['R6: output.json is not JSON in UTF-8'];
  }
  if (failure.safeParse(output).success) return [];
  const parsed = success.safeParse(output);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return [`R6: output.json is no report: ${issue?.path.join('.')} ${issue?.message}`];
  }
  const { full, operations = [] } = parsed.data;
  return [
    ...(full.message.includes('\n') ? (['R6: the message has several lines'] as const) : []),
    ...judgeOperations(operations, expected),
  ];
}

const tag = z.string().min(1).max(128);
const line = z
  .string()
  .min(1)
  .max(4096)
  .refine((text) => text === text.trim() && !/[\r\n]/.test(text), 'should be one trimmed line');

/** Those that are of use to us, as strictly as any version reads them. */
const OPERATIONS: Readonly<Record<string, z.ZodType>> = {
  AddTagToArtifact: z.strictObject({ type: z.string(), tag }),
  AddTagToCase: z.strictObject({ type: z.string(), tag }),
  CreateTask: z.strictObject({
    type: z.string(),
    title: z.string().min(1).max(128),
    description: z.string(),
  }),
  AddArtifactToCase: z.strictObject({
    type: z.string(),
    dataType: z.string().min(1).max(64),
    data: line,
    message: z.string(),
    tlp: z.number().int().min(0).max(4).optional(),
    ioc: z.boolean().optional(),
    sighted: z.boolean().optional(),
    ignoreSimilarity: z.boolean().optional(),
    tags: z.array(tag).optional(),
  }),
};

function judgeOperations(operations: readonly object[], expected: Expectation): Fault[] {
  const faults: Fault[] = [];
  const seen = new Set<string>();
  let observables = 0;
  for (const operation of operations) {
    const { type, dataType, data } = z
      .looseObject({
        type: z.string().catch(''),
        dataType: z.unknown().optional(),
        data: z.unknown().optional(),
      })
      .parse(operation);
    const parsed = OPERATIONS[type]?.safeParse(operation);
    if (!parsed) faults.push(`R7: unknown operation "${type}"`);
    else if (!parsed.success) {
      const [issue] = parsed.error.issues;
      faults.push(`R7: ${type} is wrong: ${issue?.path.join('.')} ${issue?.message}`);
    }
    if (type === 'AddTagToArtifact' && expected.ranOn === 'case') {
      faults.push('R7: AddTagToArtifact where the responder ran on a case');
    }
    if (type !== 'AddArtifactToCase') continue;
    observables += 1;
    const key = JSON.stringify([dataType, data]);
    if (seen.has(key)) faults.push(`R7: ${key} twice`);
    seen.add(key);
  }
  if (observables > expected.mostObservables) {
    faults.push(`R7: ${observables} observables, ${expected.mostObservables} are allowed`);
  }
  return faults;
}
