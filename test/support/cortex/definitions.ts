import { accessSync, constants, readdirSync, readFileSync, statSync } from 'node:fs';
import { isAbsolute, join, normalize } from 'node:path';
import * as z from 'zod';

/** A definition as Cortex 4.1.0 holds it (WorkerDefinition.scala), with the id that people see. */
export interface LoadedDefinition {
  readonly id: string;
  readonly command: string | null;
  readonly dockerImage: string | null;
  readonly items: readonly string[];
}

export interface Loaded {
  readonly definitions: readonly LoadedDefinition[];
  /** What Cortex drops or gets wrong, mostly in silence. `D1: …` */
  readonly faults: readonly string[];
}

const RESERVED = /^(proxy_https?|cacerts|jobTimeout|auto_extract_artifacts|(check|max)_(tlp|pap))$/;

const item = z.object({
  name: z.string().min(1),
  description: z.string().min(1),
  type: z.enum(['text', 'string', 'number', 'boolean']),
  multi: z.boolean().default(false),
  required: z.boolean().default(false),
  defaultValue: z.unknown().optional(),
});

const definition = z.looseObject({
  name: z.string().regex(/^[A-Za-z0-9_]+$/),
  version: z.string().regex(/^\d+\.\d+(\.\d+)?$/),
  description: z.string().min(1),
  author: z.string().min(1),
  url: z.url(),
  license: z.string().min(1),
  dataTypeList: z.array(z.string().startsWith('thehive:')).min(1),
  command: z.string().optional(),
  dockerImage: z.string().optional(),
  baseConfig: z.string(),
  configurationItems: z.array(item),
  config: z.looseObject({}).optional(),
});

/** A folder of `responder.urls`: every `*.json` of each immediate subfolder is taken for a definition. */
export function loadFolder(workers: string): Loaded {
  const loaded = readdirSync(workers, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name: folder }) =>
      readdirSync(join(workers, folder))
        .filter((file) => file.endsWith('.json'))
        .map((file) => {
          const parsed = load(JSON.parse(readFileSync(join(workers, folder, file), 'utf8')), file);
          const command = parsed.definitions[0]?.command ?? null;
          return {
            ...parsed,
            faults: [...parsed.faults, ...commandFaults(workers, folder, command)],
          };
        }),
    );
  return {
    definitions: loaded.flatMap(({ definitions }) => definitions),
    faults: loaded.flatMap(({ faults }) => faults),
  };
}

/** A catalog at an http address: an array, of which entries with a `command` are dropped. */
export function loadCatalog(catalog: unknown): Loaded {
  if (!Array.isArray(catalog)) return { definitions: [], faults: ['D3: the catalog is no array'] };
  const loaded = catalog.map((entry: unknown, index) => load(entry, `entry ${index}`));
  const faults = loaded.flatMap(({ faults: own }) => own);
  const definitions = loaded.flatMap(({ definitions: own }) => own);
  for (const { id, command, dockerImage } of definitions) {
    if (command !== null) faults.push(`D3: ${id} has a command, so a catalog drops it`);
    if (dockerImage === null) faults.push(`D3: ${id} has no dockerImage`);
  }
  return { definitions, faults };
}

function load(raw: unknown, where: string): Loaded {
  const { data, error } = definition.safeParse(raw);
  if (!data) {
    return {
      definitions: [],
      faults: error.issues.map(({ path, message }) => `D1: ${where}: ${path.join('.')} ${message}`),
    };
  }
  const faults: string[] = [];
  for (const wrong of ['docker_image', 'image', 'dockerimage']) {
    if (wrong in data) faults.push(`D1: ${where}: "${wrong}" is not read, "dockerImage" is`);
  }
  for (const one of data.configurationItems) {
    if (RESERVED.test(one.name)) faults.push(`D2: ${one.name} is Cortex's own`);
    if (one.defaultValue !== undefined && !isOf(one)) {
      faults.push(`D2: the default of ${one.name} is no ${one.type}`);
    }
  }
  const id = `${data.name}_${data.version}`.replaceAll('.', '_');
  const { command = null, dockerImage = null } = data;
  if (!command && !dockerImage) faults.push(`D1: ${where}: neither command nor dockerImage`);
  const items = data.configurationItems.map(({ name }) => name);
  if (new Set(items).size !== items.length) faults.push(`D2: ${where}: an item stands there twice`);
  return { definitions: [{ id, command, dockerImage, items }], faults };
}

function isOf({ type, multi, defaultValue }: z.infer<typeof item>): boolean {
  const wanted = type === 'text' ? 'string' : type;
  return multi
    ? Array.isArray(defaultValue) && defaultValue.every((value) => typeof value === wanted)
    : typeof defaultValue === wanted;
}

function commandFaults(workers: string, folder: string, command: string | null): string[] {
  if (command === null) return ['D1: no command, so the process runner has nothing to start'];
  if (isAbsolute(command) || normalize(command) !== command || !command.startsWith(`${folder}/`)) {
    return [`D1: the command ${command} does not begin with its folder ${folder}/`];
  }
  const path = join(workers, command);
  try {
    accessSync(path, constants.X_OK);
    if ((statSync(path).mode & 0o111) === 0) throw new Error('not executable');
  } catch {
    return [`D1: ${command} cannot be executed`];
  }
  return readFileSync(path, 'latin1').startsWith('#!')
    ? []
    : [`D1: ${command} does not begin with #!`];
}
