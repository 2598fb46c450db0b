import { tmpdir } from 'node:os';
import { Ip2ProcessError } from '../errors.ts';
import type { GrowingSource } from '../memory/growing-source.ts';
import { arriving, type Expected, present } from './arrival.ts';
import type { ImageCache } from './cache.ts';
import type {
  AttachmentOptions,
  AttachmentSource,
  ByteStream,
  FetchedImage,
  ImageCandidate,
  ImageSource,
  UploadSource,
} from './evidence.ts';
import { openInFolder } from './folder-file.ts';
import { type LandingFile, landingFile } from './landing-file.ts';
import { openUrl, type UrlRules } from './url-download.ts';

/** Where images may come from; absent or null: not from there. */
export interface EvidencePlaces {
  readonly attachments?: AttachmentSource | null;
  /** Folder that "path:…" is relative to. */
  readonly folder?: string | null;
  readonly urls?: UrlRules | null;
  readonly uploads?: UploadSource | null;
}

export interface FetchOptions extends Pick<AttachmentOptions, 'form' | 'password'> {
  /** Folder for what is downloaded; default: the system's temporary one. */
  readonly scratch?: string;
  /** Where images are kept for the next time. */
  readonly cache?: ImageCache | null;
  /** Larger images are refused; default 4 TiB, more than any machine's memory that could be meant. */
  readonly largestBytes?: number;
  readonly signal?: AbortSignal;
  /** Free space of a folder; another one for tests. */
  readonly freeBytes?: () => Promise<number>;
}

const LARGEST_BYTES = 2 ** 42;

/**
 * Opens an image where it lies, or begins its download: the result can be read while the rest comes. Whatever happens,
 * `release` leaves nothing behind; call it when nobody reads any more.
 *
 * @throws Ip2ProcessError where it cannot begin; what goes wrong later rejects `source.complete`
 */
export async function fetchImage(
  candidate: ImageCandidate,
  places: EvidencePlaces,
  options: FetchOptions = {},
): Promise<FetchedImage> {
  const stopping = new AbortController();
  const signal = AbortSignal.any([stopping.signal, ...(options.signal ? [options.signal] : [])]);
  const { name, bytes, sha256 } = candidate;
  const expected: Expected = {
    name,
    bytes,
    sha256,
    largestBytes: options.largestBytes ?? LARGEST_BYTES,
  };
  const endings: (() => Promise<void>)[] = [];
  const notes: string[] = [];
  let releasing: Promise<void> | null = null;
  const release = (): Promise<void> => (releasing ??= end());

  try {
    const source = await open();
    return { candidate, source, notes, release };
  } catch (error) {
    await release();
    throw error;
  }

  async function end(): Promise<void> {
    stopping.abort();
    for (const ending of endings.toReversed()) await ending();
  }

  async function open(): Promise<GrowingSource> {
    if (candidate.source.kind === 'folder') {
      if (!places.folder) throw notConfigured('there is no evidence folder in the settings');
      const file = await openInFolder(places.folder, candidate.source.path);
      endings.push(() => file.close());
      return present(file, (await file.stat()).size, expected, signal);
    }
    const { cache } = options;
    const from = candidate.source;
    if (!cache) {
      notes.push('No folder for images is configured: each run downloads its image anew');
    } else if (sha256 === null) {
      notes.push('The image was not kept for the next run: the case does not state its SHA-256');
    } else if ((bytes ?? 0) > cache.largestBytes) {
      notes.push(
        'The image was not kept for the next run: it is larger than the folder for images',
      );
    } else {
      return fromCache(from, cache, sha256);
    }
    return download(from, null);
  }

  /** Of several that want the same image at once, one downloads it and the others wait. */
  async function fromCache(
    from: RemoteSource,
    cache: ImageCache,
    hash: string,
  ): Promise<GrowingSource> {
    const kept = await keptIn(cache, hash);
    if (kept) return kept;
    const notKept = (error: unknown): null => {
      if (signal.aborted) throw error;
      notes.push(`The image was not kept for the next run: ${sentenceOf(error)}`);
      return null;
    };
    const endClaim = await cache.claim(hash, signal).catch(notKept);
    if (!endClaim) return download(from, null);
    endings.push(endClaim);
    const keptMeanwhile = await keptIn(cache, hash);
    if (keptMeanwhile) {
      await endClaim();
      return keptMeanwhile;
    }
    await cache.makeRoom(bytes ?? 0).catch(nothing);
    const file = await landing(cache.folder, bytes, true).catch(notKept);
    return download(from, file, async (whole) => {
      if (file) await cache.keep(whole, hash).catch(nothing);
      await endClaim();
    });
  }

  async function keptIn(cache: ImageCache, hash: string): Promise<GrowingSource | null> {
    const file = await cache.find(hash);
    if (!file) return null;
    const { size } = await file.stat();
    if (bytes !== null && size !== bytes) {
      await file.close();
      await cache.drop(hash);
      notes.push('The kept copy of the image had another size: it was removed and fetched anew');
      return null;
    }
    endings.push(() => file.close());
    const source = present(file, size, expected, signal);
    const complete = source.complete.catch(async (error: unknown) => {
      if (!signal.aborted) await cache.drop(hash);
      throw error;
    });
    complete.catch(() => undefined);
    notes.push('The image was kept from an earlier run: nothing was downloaded');
    return { ...source, complete };
  }

  /** @param kept where to; null: into the scratch folder */
  async function download(
    from: RemoteSource,
    kept: LandingFile | null,
    onVerified?: (file: LandingFile) => Promise<void>,
  ): Promise<GrowingSource> {
    const stream = await openStream(from);
    try {
      const scratch = options.scratch ?? tmpdir();
      const file = kept ?? (await landing(scratch, bytes ?? stream.size, false));
      const source = await arriving(stream, file, expected, signal, onVerified);
      // It must have ended before its file is closed.
      endings.push(() => source.complete.then(nothing, nothing));
      return source;
    } catch (error) {
      stream.chunks[Symbol.asyncIterator]().return?.().catch(nothing);
      throw error;
    }
  }

  async function landing(
    folder: string,
    expectedBytes: number | null,
    isKept: boolean,
  ): Promise<LandingFile> {
    const { freeBytes } = options;
    const file = await landingFile(folder, {
      expectedBytes,
      isKept,
      ...(freeBytes ? { freeBytes } : {}),
    });
    endings.push(() => file.close());
    return file;
  }

  function openStream(from: RemoteSource): Promise<ByteStream> {
    if (from.kind === 'url') {
      if (!places.urls) throw notConfigured('no hosts are allowed in the settings');
      return openUrl(from.url, places.urls, signal);
    }
    if (from.kind === 'velociraptor') {
      if (!places.uploads) throw notConfigured('no Velociraptor server is configured');
      return places.uploads.upload(from, { signal });
    }
    if (!places.attachments) throw notConfigured('attachments cannot be downloaded here');
    const { form, password } = options;
    return places.attachments.download(from.attachment, {
      ...(form ? { form } : {}),
      ...(password === undefined ? {} : { password }),
      signal,
    });
  }

  function notConfigured(why: string): Ip2ProcessError {
    return new Ip2ProcessError('request', `Cannot fetch "${name}": ${why}`);
  }
}

type RemoteSource = Exclude<ImageSource, { readonly kind: 'folder' }>;

const nothing = (): void => undefined;
const sentenceOf = (error: unknown): string =>
  error instanceof Ip2ProcessError ? error.message : String(error);
