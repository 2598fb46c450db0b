import { Ip2ProcessError } from '../errors.ts';
import { forTerminal } from '../report/text-safety.ts';
import type { CaseAttachment, CaseObservable, ImageCandidate, ImageSource } from './evidence.ts';

/** What a case holds, as far as it matters here. */
export interface CaseContents {
  readonly observables: readonly CaseObservable[];
  /** Files of the case itself (TheHive 5). */
  readonly attachments: readonly CaseAttachment[];
  /** The observable that somebody clicked: where it is an image itself, it is the one that is meant. */
  readonly clicked?: CaseObservable | null;
}

export interface FindRules {
  /** An observable with one of these is a memory image; compared without regard to case. */
  readonly tags?: readonly string[];
  /** More images than this are refused. */
  readonly limit?: number;
}

export const IMAGE_TAGS: readonly string[] = ['memory-image', 'ip2process:image'];
const LIMIT = 3;
/** Names shown of too many, or of files that might be meant. */
const SHOWN = 10;
const NAME_SHOWN = 120;

/**
 * The memory images of a case: the clicked observable if it is one, else all tagged observables, else (there are no tags
 * on them) the case's own files whose names say so. The same file twice is one image.
 *
 * @throws Ip2ProcessError of kind 'request' where there is none, or too many, saying what to do
 */
export function findImages(contents: CaseContents, rules: FindRules = {}): ImageCandidate[] {
  const { clicked, observables, attachments } = contents;
  const alone = clicked ? imageOf(clicked, rules) : null;
  if (alone) return [alone];

  const tagged = distinct(observables.flatMap((one) => imageOf(one, rules) ?? []));
  const images =
    tagged.length > 0
      ? tagged
      : distinct(attachments.filter(({ name }) => isImageName(name)).map(imageOfCase));
  if (images.length === 0) throw noImage(contents, rules);
  const limit = rules.limit ?? LIMIT;
  if (images.length > limit) throw tooMany(images, limit);
  return images;
}

/** The image that an observable is or names; null where it has no such tag, or names none. */
export function imageOf(
  { id, dataType, data, attachment, tags }: CaseObservable,
  rules: FindRules = {},
): ImageCandidate | null {
  if (!isTagged(tags, rules)) return null;
  const source = attachment
    ? ({ kind: 'attachment', attachment } as const)
    : sourceOf(dataType, data ?? '');
  if (!source) return null;
  return {
    name: shown(nameOf(source)),
    host: hostOf(tags),
    bytes: attachment?.size ?? null,
    sha256: attachment?.sha256 ?? valueOf(tags, 'sha256', /^[0-9a-f]{64}$/i)?.toLowerCase() ?? null,
    observable: id,
    source,
  };
}

const imageOfCase = (attachment: CaseAttachment): ImageCandidate => ({
  name: shown(attachment.name),
  host: null,
  bytes: attachment.size,
  sha256: attachment.sha256,
  observable: null,
  source: { kind: 'attachment', attachment },
});

/** Data longer than this names no file that could be opened: PATH_MAX of Linux, and more than servers take as a URL. */
const LONGEST_DATA = 4096;

/** What the text of an observable refers to: "path:ws12/memory.raw", a URL, "velociraptor:C.1234/F.5678/memory.raw". */
function sourceOf(dataType: string, data: string): ImageSource | null {
  const text = data.trim();
  if (text.length > LONGEST_DATA) return null;
  if (dataType === 'url' || /^https:\/\//i.test(text)) return { kind: 'url', url: text };
  if (dataType !== 'other') return null;
  const path = /^path:\s*(.+)$/su.exec(text)?.[1];
  if (path !== undefined) return { kind: 'folder', path };
  return uploadNamed(text);
}

/** "velociraptor:C.1234/F.5678/memory.raw"; null where a text is none. */
export function uploadNamed(
  text: string,
): Extract<ImageSource, { readonly kind: 'velociraptor' }> | null {
  const upload = /^velociraptor:(C\.[0-9a-z-]+)\/(F\.[0-9A-Za-z.-]+)\/(.+)$/su.exec(text);
  const [, client, flow, file] = upload ?? [];
  return client !== undefined && flow !== undefined && file !== undefined
    ? { kind: 'velociraptor', client, flow, path: file }
    : null;
}

/** Of a path or URL, the last part. */
function nameOf(source: ImageSource): string {
  if (source.kind === 'attachment') return source.attachment.name;
  const path = source.kind === 'url' ? source.url.replace(/[?#].*$/s, '') : source.path;
  return path.split(/[/\\]/).findLast((part) => part !== '') ?? 'memory image';
}

const isTagged = (tags: readonly string[], { tags: wanted = IMAGE_TAGS }: FindRules): boolean =>
  tags.some((tag) => wanted.some((one) => one.toLowerCase() === tag.trim().toLowerCase()));

/** RFC 1123 names, and the underscore that Windows machines have. Anything else is not shown as a machine's name. */
export const hostOf = (tags: readonly string[]): string | null =>
  valueOf(tags, 'host', /^[\w.-]{1,253}$/) ?? valueOf(tags, 'hostname', /^[\w.-]{1,253}$/);

/** Of the tags "key:value" and `key="value"`, the first value of that shape. */
function valueOf(tags: readonly string[], key: string, shape: RegExp): string | null {
  for (const tag of tags) {
    const [, name = '', value = ''] = /^([^:=]{1,40})[:=]"?(.{1,255}?)"?$/.exec(tag.trim()) ?? [];
    if (name.toLowerCase() === key && shape.test(value)) return value;
  }
  return null;
}

const IMAGE_NAME =
  /\.(?:raw|mem|vmem|lime|avml|dmp|dump|elf|core|kdump|vmcore|img|bin)(?:\.(?:gz|xz|zst|zip))?$/i;
const isImageName = (name: string): boolean => IMAGE_NAME.test(name.slice(-64));

function distinct(images: readonly ImageCandidate[]): ImageCandidate[] {
  const seen = new Set<string>();
  return images.filter(({ sha256, source }) => {
    const place =
      source.kind === 'attachment' ? `attachment ${source.attachment.id}` : JSON.stringify(source);
    const isNew = !seen.has(sha256 ?? place);
    seen.add(sha256 ?? place);
    return isNew;
  });
}

const shown = (name: string): string => forTerminal(name, NAME_SHOWN);

function noImage({ observables, attachments }: CaseContents, rules: FindRules): Ip2ProcessError {
  const [tag = 'memory-image'] = rules.tags ?? IMAGE_TAGS;
  const useless = observables.find(({ tags }) => isTagged(tags, rules));
  const files = observables.flatMap(({ attachment }) => attachment ?? []).concat(attachments);
  const found = useless
    ? `; the observable "${shown(useless.data ?? '')}" of type ${shown(useless.dataType)} has that tag, but is neither a file, nor a URL, nor "path:…" as type other`
    : files.length > 0
      ? `; it has these files: ${listed(files.map(({ name }) => shown(name)))}`
      : '';
  return new Ip2ProcessError(
    'request',
    `Cannot find a memory image in the case: no file, URL or path among its observables has the tag "${shown(tag)}"${found}. ` +
      `Add the image as a file observable (or, where it is large, an observable of type other with "path:FOLDER/FILE") and tag it "${shown(tag)}" and "host:NAME"`,
  );
}

const tooMany = (images: readonly ImageCandidate[], limit: number): Ip2ProcessError =>
  new Ip2ProcessError(
    'request',
    `Cannot search ${images.length} memory images at once, at most ${limit}: ${listed(
      images.map(({ name, host }) => (host === null ? name : `${name} (${host})`)),
    )}. Start on the image that is meant, take the tag off the others, or raise the limit`,
    { images: images.length, limit },
  );

function listed(names: readonly string[]): string {
  const more = names.length > SHOWN ? ` and ${names.length - SHOWN} more` : '';
  return `${names
    .slice(0, SHOWN)
    .map((name) => `"${name}"`)
    .join(', ')}${more}`;
}
