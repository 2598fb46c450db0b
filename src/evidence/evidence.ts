import type { GrowingSource } from '../memory/growing-source.ts';

/** A file that a case holds. `CaseFiles` of the TheHive client gives these; they go back to it whole. */
export interface CaseAttachment {
  readonly id: string;
  /** As the analyst's browser gave it: hostile, not a path. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** Lower-case hex; null where the case does not say. */
  readonly sha256: string | null;
  readonly sha1: string | null;
  readonly md5: string | null;
  readonly holder: { readonly kind: 'observable' | 'case'; readonly id: string };
}

/** What is read of an observable to see whether it names a memory image. */
export interface CaseObservable {
  readonly id: string;
  readonly dataType: string;
  /** As typed; null where it is a file. */
  readonly data: string | null;
  readonly attachment: CaseAttachment | null;
  readonly tags: readonly string[];
}

/** Where attachments come from. `CaseFiles` of the TheHive client is one. */
export interface AttachmentSource {
  download(attachment: CaseAttachment, options?: AttachmentOptions): Promise<ByteStream>;
}

export interface AttachmentOptions {
  /** 'zip': packed with a password on the way, for networks that stop malware; the bytes are the file's all the same. */
  readonly form?: 'plain' | 'zip';
  readonly password?: string;
  readonly signal?: AbortSignal;
}

/** Where uploads of Velociraptor come from. */
export interface UploadSource {
  upload(
    from: { readonly client: string; readonly flow: string; readonly path: string },
    options?: { readonly signal?: AbortSignal },
  ): Promise<ByteStream>;
}

export interface ByteStream {
  /** Bytes that `chunks` will give; null where nobody knows before. */
  readonly size: number | null;
  /** In order, once; waits for its reader. Throws when bytes are missing. */
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** A memory image that a case names, wherever its bytes are. */
export interface ImageCandidate {
  /** As the case shows it: hostile text, never a path of ours. */
  readonly name: string;
  /** Machine it was taken from, by the tag "host:NAME"; null where there is none. */
  readonly host: string | null;
  /** Bytes as the case states them; null where it does not. */
  readonly bytes: number | null;
  /** SHA-256 in lower-case hex as the case states it; null where it does not. */
  readonly sha256: string | null;
  /** The observable that names it; null for an attachment of the case itself. */
  readonly observable: string | null;
  readonly source: ImageSource;
}

/** Where the bytes are. */
export type ImageSource =
  | { readonly kind: 'attachment'; readonly attachment: CaseAttachment }
  /** A path under the configured evidence folder, relative to it: hostile. */
  | { readonly kind: 'folder'; readonly path: string }
  | { readonly kind: 'url'; readonly url: string }
  | {
      readonly kind: 'velociraptor';
      readonly client: string;
      readonly flow: string;
      readonly path: string;
    };

/** An image whose bytes are here, or on their way. */
export interface FetchedImage {
  readonly candidate: ImageCandidate;
  /** For `Request.source` of the pipeline; its `complete` settles when size and hash are verified. `release` closes it. */
  readonly source: GrowingSource;
  /** What the analyst should know of the way it came, one sentence each. */
  readonly notes: readonly string[];
  /** Stops what still runs and takes temporary files away; safe to call twice. */
  release(): Promise<void>;
}
