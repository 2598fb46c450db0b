/** An identifier of TheHive: opaque ("~41222344" is more than a number can hold), never parsed. */
export type Id = string;

/** Where TheHive is and who asks. Nothing is read from the environment: the edge fills this in. */
export interface Connection {
  /** Base URL, with the path prefix if it has one: "https://hive.example.org/thehive". */
  readonly url: string;
  readonly apiKey: string;
  /** Name of the organisation; null: the account's default one. */
  readonly organisation: string | null;
  /** PEM texts that are trusted beside the well-known authorities. */
  readonly authorities?: readonly string[];
  /** "http://user:password@proxy.example.org:3128"; null or absent: none, whatever the environment says. */
  readonly proxy?: string | null;
  /** Milliseconds without a byte after which an answer is given up; default 60,000. */
  readonly timeoutMs?: number;
  /** Times that a call which may be repeated is repeated; default 4. */
  readonly retries?: number;
  /** First wait before a repeat, doubled each time; default 500. */
  readonly retryDelayMs?: number;
  /** Where the answer of `/status` cannot be trusted. */
  readonly version?: 4 | 5 | null;
  readonly signal?: AbortSignal;
}

export interface Account {
  readonly login: string;
  readonly organisation: string;
  readonly permissions: readonly string[];
}

export interface Case {
  readonly id: Id;
  readonly number: number;
  readonly title: string;
  readonly tags: readonly string[];
  readonly tlp: number;
  readonly pap: number;
  readonly isClosed: boolean;
}

/** A file that TheHive holds: memory image, or anything else. */
export interface Attachment {
  readonly id: Id;
  /** As the analyst's browser gave it: hostile, not a path. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** Lower-case hex; null where TheHive did not say. */
  readonly sha256: string | null;
  readonly sha1: string | null;
  readonly md5: string | null;
  /** What it hangs on, which a download needs. */
  readonly holder: { readonly kind: 'observable' | 'case'; readonly id: Id };
}

export interface Observable {
  readonly id: Id;
  readonly dataType: string;
  /** As typed: unchecked, perhaps defanged; null where it is a file. */
  readonly data: string | null;
  readonly attachment: Attachment | null;
  readonly message: string;
  readonly tags: readonly string[];
  /** To be copied, not interpreted: 3 means RED in TheHive 4 and AMBER+STRICT in TheHive 5. */
  readonly tlp: number;
  readonly createdBy: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

export interface DownloadOptions {
  /** Byte to begin with, to go on with an earlier download; default 0. Not for a zip. */
  readonly from?: number;
  /**
   * 'plain' (default): the file's bytes. 'zip': TheHive packs it with a password, for sites whose networks stop malware; the
   * bytes given out are the file's all the same (see `zip-crypto.ts`).
   */
  readonly form?: 'plain' | 'zip';
  /** Of the zip; default "malware". */
  readonly password?: string;
  readonly signal?: AbortSignal;
}

export interface Download {
  /** Bytes that `chunks` will give when all goes well: what TheHive says of the attachment, less `from`. */
  readonly size: number;
  /**
   * The bytes in order, once. Waits for its reader, so nothing piles up. A broken connection is mended unseen (by Range where
   * TheHive has it, else by asking again and dropping what was given out), at most `retries` times. Throws `TheHiveError`
   * when bytes are missing, too many, or the file was deleted meanwhile. Hashes are the reader's to verify.
   */
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** What finding and fetching a case's evidence needs of TheHive. */
export interface CaseFiles {
  /** @param idOrNumber "~24680", or "57" as people say it */
  getCase(idOrNumber: string): Promise<Case>;
  /** All of them, oldest first, each once. */
  observables(caseId: Id): Promise<readonly Observable[]>;
  /** Files that hang on the case itself (TheHive 5; in TheHive 4 there are none). */
  attachments(caseId: Id): Promise<readonly Attachment[]>;
  download(attachment: Attachment, options?: DownloadOptions): Promise<Download>;
}
