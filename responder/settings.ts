import * as z from 'zod';
import { Ip2ProcessError } from '../src/errors.ts';
import { IMAGE_TAGS } from '../src/evidence/find-images.ts';

/** What Cortex knows of a setting: an element of the definition's `configurationItems`. */
export interface ConfigurationItem {
  readonly name: string;
  readonly description: string;
  readonly type: 'string' | 'number' | 'boolean';
  readonly multi: boolean;
  readonly required: boolean;
  readonly defaultValue?: unknown;
}

/**
 * The settings of the responder, once: types and defaults for us, and by `configurationItems()` the definition that Cortex
 * shows its admins. Cortex stores what is unset as null or [], and after an edit numbers may come as texts.
 */
const own = z.object({
  thehive_url: required('Address of TheHive, with its path prefix if it has one'),
  thehive_apikey: required(
    'API key of an account of TheHive; reading is enough, with writing the report is fuller',
  ),
  thehive_organisation: text('Organisation to work in; default: that of who clicked'),
  results: choice(
    ['auto', 'operations'],
    'auto: by REST where the key may write, else by operations of the responder; operations: always those',
  ),
  image_tags: list('Tags that mark a memory image among the observables', [...IMAGE_TAGS]),
  max_images: number('Memory images of one case that one run looks at; with more it refuses', 3, {
    least: 1,
    most: 100,
  }),
  max_image_gigabytes: number('Size of a memory image above which it is refused', 256, {
    least: 1,
    most: 65_536,
  }),
  evidence_folder: text(
    'Folder of memory images that observables may name by path; mounted read-only',
  ),
  image_url_hosts: list(
    'Hosts from which observables may name a memory image by https URL: host, host:port, or .domain',
    [],
  ),
  cache_folder: text('Folder that keeps downloaded images for the next run; not with Docker jobs'),
  cache_gigabytes: number('Size of that folder, the oldest images leave first', 64, {
    least: 0,
    most: 65_536,
  }),
  download_as_zip: flag(
    'Download as a password-protected zip, where the network stops malware',
    false,
  ),
  zip_password: text("Password of such a zip; default: TheHive's own, malware"),
  proxy_address: text(
    'The web proxy of the examined machines as IP:PORT; default: inferred from each image',
  ),
  contexts: choice(
    ['redacted', 'none'],
    'Text from memory in reports: redacted (secrets masked) or none',
  ),
  process_type: text(
    'Data type of the observables for processes; other where TheHive lacks it',
    'process',
  ),
  max_observables: number('Observables that one run adds at most', 50, { least: 0, most: 500 }),
  velociraptor_api: text(
    'API file of a Velociraptor server: its text, the same in base64, or its path; see docs/velociraptor.md',
  ),
  velociraptor_api_password: text("Password of that file's key, where it has one"),
  velociraptor_org: text('Organisation there, of a server with several'),
  live: flag(
    'Ask the running machine of a case too (tag host:NAME, or an observable of type hostname): starts a scan on it',
    false,
  ),
  live_minutes: number('Minutes to wait for a running machine', 20, { least: 0, most: 1440 }),
  velociraptor_acquire: flag(
    'With live: have an image of the memory taken where the case has none; gigabytes over the network',
    false,
  ),
  engine: choice(
    ['native', 'both', 'volatility3'],
    'Who reads the image: native; both: what Volatility 3 says beside the answer; volatility3: alone',
  ),
  volatility3_command: text('Command of Volatility 3; default: vol; see docs/volatility3.md'),
  volatility3_symbols: text('Folder of its symbol tables (ISF)'),
  volatility3_minutes: number('Minutes that Volatility 3 may take', 30, { least: 1, most: 1440 }),
  threads: number('Threads that scan; 0: one per core, at most 8', 0, { least: 0, most: 64 }),
});

/** Those that Cortex adds to every worker, and `proxy` which it makes of two of them. */
const common = z.object({
  proxy_http: z.preprocess(blank, z.string().optional()),
  proxy_https: z.preprocess(blank, z.string().optional()),
  cacerts: z.preprocess(blank, z.string().optional()),
  /** Minutes. */
  jobTimeout: z.preprocess(numeric, z.number().positive().optional()),
  check_tlp: z.preprocess(truth, z.boolean().default(false)),
  max_tlp: z.preprocess(numeric, z.number().default(2)),
  check_pap: z.preprocess(truth, z.boolean().default(false)),
  max_pap: z.preprocess(numeric, z.number().default(2)),
});

const settingsSchema = own.extend(common.shape);

export type Settings = z.infer<typeof settingsSchema>;

/** @throws Ip2ProcessError kind 'request' that names each setting to mend, without its value */
export function settingsOf(config: unknown): Settings {
  const { data, error } = settingsSchema.safeParse(config);
  if (data) return data;
  const faults = error.issues.map(({ path, message }) => `"${path.join('.')}": ${message}`);
  throw new Ip2ProcessError(
    'request',
    `Cannot use the configuration of the responder: ${faults.join('; ')}`,
  );
}

/** As the definition file must hold them. */
export const configurationItems = (): ConfigurationItem[] =>
  Object.entries(own.shape).map(([name, schema]) => {
    const { type, multi, required: isRequired, defaultValue } = itemSchema.parse(schema.meta());
    return {
      name,
      description: schema.description ?? '',
      type,
      multi,
      required: isRequired,
      ...(defaultValue === undefined ? {} : { defaultValue }),
    };
  });

const itemSchema = z.object({
  type: z.enum(['string', 'number', 'boolean']),
  multi: z.boolean().default(false),
  required: z.boolean().default(false),
  defaultValue: z.unknown().optional(),
});

function required(description: string) {
  const missing = 'it is not set';
  return z
    .preprocess(blank, z.string({ error: missing }))
    .meta({ description, type: 'string', required: true });
}

function text(description: string, defaultValue?: string) {
  return z
    .preprocess(blank, z.string({ error: 'it should be text' }).optional())
    .transform((value) => value ?? defaultValue ?? null)
    .meta({ description, type: 'string', defaultValue });
}

function choice<const Words extends readonly [string, ...string[]]>(
  words: Words,
  description: string,
) {
  const error = `it should be one of ${words.join(', ')}`;
  const [defaultValue] = words;
  return z
    .preprocess((value) => blank(value) ?? defaultValue, z.enum(words, { error }))
    .meta({ description, type: 'string', defaultValue });
}

function list(description: string, defaultValue: string[]) {
  return z
    .preprocess(
      (value) => (typeof value === 'string' ? value.split(/[\s,]+/) : (value ?? [])),
      z.array(z.string().nullable(), { error: 'it should be a list of texts' }),
    )
    .transform((values) => values.map((value) => value?.trim() ?? '').filter(Boolean))
    .transform((values) => (values.length > 0 ? values : defaultValue))
    .meta({ description, type: 'string', multi: true, defaultValue });
}

function number(
  description: string,
  defaultValue: number,
  { least, most }: { least: number; most: number },
) {
  const error = `it should be a number from ${least} to ${most}`;
  return z
    .preprocess(
      (value) => numeric(value) ?? defaultValue,
      z.number({ error }).min(least, { error }).max(most, { error }),
    )
    .meta({ description, type: 'number', defaultValue });
}

function flag(description: string, defaultValue: boolean) {
  const error = 'it should be true or false';
  return z
    .preprocess((value) => truth(value) ?? defaultValue, z.boolean({ error }))
    .meta({ description, type: 'boolean', defaultValue });
}

/** Null, missing, empty and blanks are all "not set". */
function blank(value: unknown): unknown {
  if (value === null || value === undefined) return undefined;
  return typeof value === 'string' ? value.trim() || undefined : value;
}

function numeric(value: unknown): unknown {
  const given = blank(value);
  return typeof given === 'string' ? Number(given) : given;
}

function truth(value: unknown): unknown {
  const given = blank(value);
  if (typeof given !== 'string') return given;
  return /^(true|yes|1)$/i.test(given) ? true : /^(false|no|0)$/i.test(given) ? false : given;
}
