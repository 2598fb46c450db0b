/** A memory image that a case names, wherever its bytes are. */
export interface ImageCandidate {
  /** File name as the case shows it: hostile text, never a path of ours. */
  readonly name: string;
  /** Machine it was taken from, by the case's own tags; null where it says nothing. */
  readonly host: string | null;
  /** Bytes as the source states them; null where it does not. */
  readonly bytes: number | null;
  /** SHA-256 in lower-case hex as the source states it; null where it does not. */
  readonly sha256: string | null;
  /** The observable that names it; null for an attachment of the case itself. */
  readonly observable: string | null;
  readonly source: ImageSource;
}

/** Where the bytes are. */
export type ImageSource =
  | { readonly kind: 'attachment'; readonly id: string; readonly isZipped: boolean }
  /** A path under the configured evidence folder, relative to it. */
  | { readonly kind: 'folder'; readonly path: string }
  | { readonly kind: 'url'; readonly url: string }
  | {
      readonly kind: 'velociraptor';
      readonly client: string;
      readonly flow: string;
      readonly path: string;
    };

/** An image whose bytes are here, or are on their way. */
export interface FetchedImage {
  readonly candidate: ImageCandidate;
  /** File that the pipeline opens. */
  readonly path: string;
  /** Resolves when all bytes have arrived and size and hash are as stated; rejects with the reason. */
  readonly complete: Promise<{ readonly bytes: number; readonly sha256: string }>;
  /** Takes temporary files away; safe to call twice. */
  release(): Promise<void>;
}
