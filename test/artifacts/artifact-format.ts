import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import * as z from 'zod';
import { fromRoot } from '../support/from-root.ts';

/**
 * The artifact format of Velociraptor 0.77: unknown keys are errors there, and so here.
 * What the project does not use (imports, reports, queries) is left out on purpose.
 */
const Cell = z.strictObject({
  type: z.enum(['md', 'vql', 'vql_suggestion']),
  name: z.string(),
  template: z.string(),
});

const Source = z.strictObject({
  name: z.string().optional(),
  description: z.string().optional(),
  query: z.string().optional(),
  notebook: z.array(Cell).optional(),
});

const Parameter = z.strictObject({
  name: z.string().regex(/^[A-Z]\w*$/),
  type: z
    .enum(['string', 'int', 'bool', 'csv', 'regex', 'choices', 'redacted', 'json_array'])
    .optional(),
  description: z.string().min(10),
  /** Values travel as strings; YAML must not make another type of them. */
  default: z.string().optional(),
  validating_regex: z.string().optional(),
  choices: z.array(z.string()).optional(),
});

export const Artifact = z.strictObject({
  name: z.string().regex(/^Custom(\.[A-Za-z_]\w*)+$/),
  author: z.string(),
  description: z.string().min(200),
  type: z.enum(['CLIENT', 'SERVER', 'CLIENT_EVENT', 'SERVER_EVENT', 'NOTEBOOK']),
  required_permissions: z.array(z.enum(['EXECVE', 'COLLECT_SERVER'])).optional(),
  implied_permissions: z.array(z.enum(['FILESYSTEM_WRITE'])).optional(),
  precondition: z.string().optional(),
  resources: z
    .strictObject({
      timeout: z.number().int(),
      cpu_limit: z.number().optional(),
      max_rows: z.number().int().optional(),
      max_upload_bytes: z.number().int().optional(),
    })
    .optional(),
  tools: z
    .array(
      z.strictObject({
        name: z.string(),
        github_project: z.string(),
        github_asset_regex: z.string(),
        serve_locally: z.boolean(),
      }),
    )
    .optional(),
  parameters: z.array(Parameter),
  sources: z.array(Source).min(1),
  column_types: z
    .array(
      z.strictObject({
        name: z.string(),
        type: z.enum(['string', 'timestamp', 'hidden', 'json/1', 'preview_upload']),
      }),
    )
    .optional(),
});

export type Artifact = z.infer<typeof Artifact>;

const FOLDER = fromRoot('artifacts');

export const artifactNames: readonly string[] = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.yaml'))
  .map((file) => file.replace(/\.yaml$/, ''));

export const artifactText = (name: string): string =>
  readFileSync(join(FOLDER, `${name}.yaml`), 'utf8');

export const readArtifact = (name: string): Artifact => Artifact.parse(parse(artifactText(name)));

/** Every VQL text of an artifact, with the name of its place. */
export const queriesOf = (artifact: Artifact): readonly [place: string, vql: string][] =>
  artifact.sources.flatMap((source, index) => [
    ...(source.query === undefined
      ? []
      : [[`source ${source.name ?? index}`, source.query] satisfies [string, string]]),
    ...(source.notebook ?? [])
      .filter(({ type }) => type !== 'md')
      .map(({ name, template }): [string, string] => [`cell "${name}"`, template]),
  ]);
