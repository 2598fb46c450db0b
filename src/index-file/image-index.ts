import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import type { Engine } from '../engine/engine.ts';
import type { Indicator } from '../indicator/indicator.ts';
import type { MemoryImage } from '../image/open-image.ts';
import type { BytePattern } from '../indicator/pattern.ts';
import type { ScanOptions, ScanResult } from '../scan/scan.ts';
import { buildIndex, type ScanFacts } from './build-index.ts';
import type { CollectOptions } from './collect.ts';
import type { IndexKey } from './index-contents.ts';
import { type IndexFile, IndexFault, openIndexFile } from './index-file.ts';
import { indexedScan } from './indexed-scan.ts';
import { differenceOf, keyOf } from './key.ts';
import { withOwners } from './owner-section.ts';

export interface IndexRequest {
  /** Where indexes are kept; null: beside the image. */
  readonly folder: string | null;
}

/** Each takes 40 MiB; more of them wait for the disk. */
const MOST_THREADS = 4;

/** The index of one open image: asked if it is there and right, written if not. */
export class ImageIndex {
  readonly path: string;
  /** What was wrong with the index that was there, and what became of it: one sentence each. */
  readonly warnings: string[] = [];
  readonly #image: MemoryImage;
  readonly #key: IndexKey;
  #file: IndexFile | null = null;

  /** Opens the image's index, where there is one. */
  constructor(
    image: MemoryImage,
    { folder }: IndexRequest,
    tool: { readonly version: string; readonly marks: string },
  ) {
    this.#image = image;
    this.#key = keyOf(image.path, image.source, image.memory, tool);
    this.path = indexPath(image.path, folder);
    try {
      this.#file = openIndexFile(this.path);
      const difference = this.#file && differenceOf(this.#file.contents.key, this.#key);
      if (difference !== null) throw new IndexFault(difference);
    } catch (error) {
      this.#dismiss(error);
    }
  }

  /** Whether the next question is answered from it. */
  get isThere(): boolean {
    return this.#file !== null;
  }

  /** Of the whole image, when the index was made; null where it was not asked for then. */
  get sha256(): string | null {
    return this.#file?.contents.sha256 ?? null;
  }

  /** Compares the image's hash with the one that was recorded. */
  verify(sha256: string): void {
    if (this.#file === null) return;
    const recorded = this.#file.contents.sha256;
    if (recorded === sha256) return;
    this.#dismiss(
      new IndexFault(
        recorded === null
          ? 'it was made without the image’s hash'
          : 'the image has another hash than when it was made',
      ),
    );
  }

  /** As `scan` of the whole image; null where the index cannot say. */
  async scan(
    patterns: readonly BytePattern[],
    indicators: readonly Indicator[],
    options: ScanOptions,
  ): Promise<ScanResult | null> {
    if (this.#file === null) return null;
    try {
      return await indexedScan(this.#file, this.#image, patterns, indicators, options);
    } catch (error) {
      this.#dismiss(error);
      return null;
    }
  }

  /** The engine, answering from the index who maps a frame, where the index holds that. */
  engine(engine: Engine): Engine {
    let asked: Engine;
    try {
      asked = this.#file ? withOwners(engine, this.#file) : engine;
    } catch (error) {
      this.#dismiss(error);
      return engine;
    }
    if (asked === engine) return engine;
    const owners: Engine['owners'] = (question) => {
      if (this.#file === null) return engine.owners(question);
      try {
        return asked.owners(question);
      } catch (error) {
        this.#dismiss(error);
        return engine.owners(question);
      }
    };
    return { ...asked, owners };
  }

  /**
   * Writes the index, where it is not there.
   *
   * @throws Ip2ProcessError `system`, `cancelled`
   */
  async keep(
    facts: ScanFacts,
    sha256: string | null,
    engine: Engine | null,
    options: Omit<CollectOptions, 'threads'> & { readonly threads?: number },
  ): Promise<void> {
    if (this.#file !== null) return;
    const { threads = Math.min(availableParallelism(), MOST_THREADS) } = options;
    await buildIndex(this.path, this.#image, this.#key, facts, sha256, engine, {
      ...options,
      threads,
    });
  }

  close(): void {
    this.#file?.close();
    this.#file = null;
  }

  /** Goes on without the index that was there. */
  #dismiss(error: unknown): void {
    if (!(error instanceof IndexFault)) throw error;
    this.close();
    this.warnings.push(`The index "${this.path}" was not used: ${error.message}; it is made anew`);
  }
}

/** Beside the image, or in a folder for the indexes of many images: there the path tells them apart. */
export function indexPath(image: string, folder: string | null): string {
  if (folder === null) return join(dirname(image), `${basename(image)}.ip2process-index`);
  const digest = createHash('sha256').update(resolve(image)).digest('hex').slice(0, 16);
  return join(folder, `${basename(image)}.${digest}.ip2process-index`);
}
