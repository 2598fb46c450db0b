import { randomUUID } from 'node:crypto';
import { closeSync, openSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Engine } from '../engine/engine.ts';
import { Ip2ProcessError } from '../errors.ts';
import type { ScanResult } from '../scan/scan.ts';
import { collect, type CollectInput, type CollectOptions } from './collect.ts';
import { writeAll } from './group-writer.ts';
import { fixedPages } from './fixed-literals.ts';
import { INDEX_FORMAT, type IndexContents, type IndexKey } from './index-contents.ts';
import { contentsBytes, IndexFault, indexOf, preludeOf, PRELUDE_BYTES } from './index-file.ts';
import { writeOwners } from './owner-section.ts';
import { PagePlan } from './page-plan.ts';

/** What a scan of the whole image said for every question alike. */
export type ScanFacts = Pick<ScanResult, 'anchors' | 'bytesSearched' | 'unreadableBytes'>;

/**
 * Writes the index of an image (and what the engine says of all frames, where there is one): whole or not at all, under another name first. Of two that write at the same time the later
 * one stays; both are right.
 *
 * @throws Ip2ProcessError `system` where the folder cannot be written, or is full; `cancelled`
 */
export async function buildIndex(
  path: string,
  image: CollectInput,
  key: IndexKey,
  facts: ScanFacts,
  sha256: string | null,
  engine: Engine | null,
  options: CollectOptions,
): Promise<IndexContents> {
  // A name of its own: two may write at the same time.
  const draft = join(dirname(path), `.${basename(path)}.${randomUUID()}.part`);
  const fd = openDraft(draft, path);
  try {
    const { groups, edges, odd, end: groupsEnd } = await collect(image, fd, PRELUDE_BYTES, options);
    const pages = new PagePlan(image.memory.runs);
    // Columns of 8 bytes begin at a multiple of them.
    const offset = Math.ceil(groupsEnd / 8) * 8;
    const { end = offset, ...owners } =
      (engine && writeOwners(fd, offset, engine, image.memory)) ?? {};
    const signatures: IndexContents = {
      format: INDEX_FORMAT,
      key,
      sha256,
      pages: pages.count,
      groups: groups.map((group) => [group.kind, group.pages, group.offset, group.sum]),
      edges: edges.map((section) => [section.edge, section.pages, section.offset, section.sum]),
      odd: odd.map(([first, last]) => [first, last]),
      anchors: byName(facts.anchors),
      fixed: {},
      owners: 'uses' in owners ? owners : null,
      bytesSearched: facts.bytesSearched,
      unreadableBytes: facts.unreadableBytes,
    };
    const fixed = readBack(path, () => fixedPages(indexOf(fd, signatures), pages, image.memory));
    const contents = { ...signatures, fixed };
    const bytes = contentsBytes(contents);
    writeAll(fd, bytes, end);
    writeAll(fd, preludeOf(bytes, end), 0);
    renameSync(draft, path);
    return contents;
  } finally {
    closeSync(fd);
    rmSync(draft, { force: true });
  }
}

/** What reads the draft. @throws Ip2ProcessError `system` where it does not hold what was written */
function readBack<Read>(path: string, read: () => Read): Read {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof IndexFault)) throw cause;
    throw new Ip2ProcessError(
      'system',
      `Cannot write the index "${path}": ${cause.message} right after it was written; --index-folder names another folder`,
      { path },
      { cause },
    );
  }
}

function openDraft(draft: string, path: string): number {
  try {
    return openSync(draft, 'wx+', 0o600);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Ip2ProcessError(
      'system',
      `Cannot write the index "${path}": ${reason}; --index-folder names another folder`,
      { path },
      { cause },
    );
  }
}

function byName(anchors: ScanFacts['anchors']): Record<string, number[]> {
  const names: Record<string, number[]> = {};
  for (const { name, address } of anchors) (names[name] ??= []).push(address);
  return names;
}
