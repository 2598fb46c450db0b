import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import * as z from 'zod';
import { frame, PAGE_BYTES, physical, type PhysicalAddress } from '../../src/memory/address.ts';
import { openFile, type ByteSource } from '../../src/memory/byte-source.ts';
import type { PhysicalMemory } from '../../src/memory/physical-memory.ts';
import { LOG_LIMITS } from '../../src/translate/leaf-log.ts';
import { FOUR_LEVEL } from '../../src/translate/levels.ts';
import { linuxRules } from '../../src/translate/linux-rules.ts';
import type { Mapping } from '../../src/translate/mapping.ts';
import { reverseMap, type ReverseMap } from '../../src/translate/reverse-map.ts';
import { noFrames, framesOf } from '../support/frames.ts';
import { fromRoot, requires } from '../support/requires.ts';

const CASE = '../shared/images/linux-debian12-1g';
const imageTest = requires(
  `${CASE}/endpoint.raw.zst`,
  'put the shared test images beside this repository',
);
const zstdTest = requires('zstd', 'apt-get install zstd');
const realTest = imageTest.isPresent ? zstdTest : imageTest;

/** Pages of a process as its own pagemap told it: virtual page → frame. */
type Pages = Map<number, number>;

/** The kernel's own data page in every process (vvar) is mapped, but pagemap tells no frame for it. */
const UNTOLD_PAGES = 1;

describe('a real Debian 12 machine', () => {
  let folder: string;
  let source: ByteSource;
  let map: ReverseMap;

  beforeAll(() => {
    if (!imageTest.isPresent || !zstdTest.isPresent) return;
    folder = mkdtempSync(join(tmpdir(), 'reverse-map-'));
    const image = join(folder, 'endpoint.raw');
    const { status } = spawnSync('zstd', [
      '-dq',
      '--long=27',
      fromRoot(`${CASE}/endpoint.raw.zst`),
      '-o',
      image,
    ]);
    expect(status).toBe(0);
    source = openFile(image);
    const memory = memoryOfFile(source);
    const roots = rootsLike(source, cr3()).map((root) => ({ root, half: 'user' as const }));
    map = reverseMap(memory, roots, FOUR_LEVEL, linuxRules({ encryptionMask: 0n }), {
      interest: framesOf(allFrames(source), source.size / PAGE_BYTES),
      tails: noFrames,
      heads: noFrames,
      limits: { ...LOG_LIMITS, perFrame: 10_000 },
    });
  }, 300_000);

  afterAll(() => {
    if (!imageTest.isPresent || !zstdTest.isPresent) return;
    source.close();
    rmSync(folder, { recursive: true });
  });

  realTest('every process has one set of tables that maps exactly its pages', () => {
    const spaces = pagesBySpace(map);
    const truth = pagesByPid();
    expect(truth.size).toBeGreaterThan(30);
    const best = [...truth].map(([pid, pages]) => ({ pid, ...closest(pages, spaces) }));
    expect(best.filter(({ missing, extra }) => missing > 0 || extra > UNTOLD_PAGES)).toEqual([]);
    expect(new Set(best.map(({ space }) => space)).size).toBe(truth.size);
  });

  realTest('no table is missing and nothing was dropped', () => {
    expect(map.unreadableTables.filter((count) => count > 0)).toEqual([]);
    expect(map.dropped).toBe(0);
  });

  realTest('every hit that a process reported is mapped there, at the frame it reported', () => {
    const hits = truthHits();
    expect(hits.length).toBeGreaterThan(100);
    expect(hits.filter((hit) => usesAt(hit).length === 0)).toEqual([]);
  });

  realTest(
    'the hits in a PROT_NONE page are protected, those in a 2 MiB page are of its size',
    () => {
      expect(new Set(usesOf('protnoned').map(({ state }) => state))).toContain('protected');
      expect(new Set(usesOf('thpd').map(({ pageBytes }) => pageBytes))).toContain(2 ** 21);
    },
  );

  const usesOf = (program: string): Mapping[] =>
    truthHits()
      .filter(({ comm }) => comm === program)
      .flatMap(usesAt);

  const usesAt = ({ pfn, va }: TruthHit): Mapping[] =>
    map.mappingsOf(frame(pfn)).filter(({ page }) => page === Math.floor(va / PAGE_BYTES));
});

const truthHit = z.object({ pid: z.number(), comm: z.string(), va: z.number(), pfn: z.number() });
type TruthHit = z.infer<typeof truthHit>;

/** What the processes found in their own memory, but for the one that looked. */
function truthHits(): TruthHit[] {
  const text = readFileSync(fromRoot(`${CASE}/endpoint.truth.json`), 'utf8');
  const truth = z.object({ helper_pid: z.number(), hits: z.array(truthHit) });
  const { helper_pid: helper, hits } = truth.parse(JSON.parse(text));
  return hits.filter(({ pid }) => pid !== helper);
}

/** The registers' CR3: "CR3=000000000c8ba000". */
function cr3(): number {
  const text = readFileSync(fromRoot(`${CASE}/endpoint.registers.txt`), 'latin1');
  return Number.parseInt(/CR3=([0-9a-f]+)/.exec(text)?.[1] ?? '', 16);
}

/** Roots of page tables: the pages whose kernel half is that of the root in use. */
function rootsLike(image: ByteSource, root: number): PhysicalAddress[] {
  const half = PAGE_BYTES / 2;
  const kernel = new Uint8Array(half);
  image.read(root + half, kernel);
  const block = Buffer.alloc(2 ** 22);
  const roots: PhysicalAddress[] = [];
  for (let start = 0; start < image.size; start += block.length) {
    const length = image.read(start, block);
    for (let at = half; at + half <= length; at += PAGE_BYTES) {
      if (block.compare(kernel, 0, half, at, at + half) === 0)
        roots.push(physical(start + at - half));
    }
  }
  return roots;
}

/** Rows of: phase, pid, virtual address (hex), first frame (hex), pages, flags. */
function pagesByPid(): Map<number, Pages> {
  const text = gunzipSync(readFileSync(fromRoot(`${CASE}/endpoint.pages.tsv.gz`))).toString();
  const truth = new Map<number, Pages>();
  for (const line of text.trim().split('\n')) {
    const [phase, pid, address = '', first = '', count] = line.split('\t');
    // "ghost" was killed before the image was taken.
    if (phase !== 'main') continue;
    const pages = truth.get(Number(pid)) ?? new Map<number, number>();
    truth.set(Number(pid), pages);
    for (let n = 0; n < Number(count); n += 1) {
      pages.set(Number.parseInt(address, 16) / PAGE_BYTES + n, Number.parseInt(first, 16) + n);
    }
  }
  return truth;
}

function pagesBySpace({ mappings, unreadableTables }: ReverseMap): Pages[] {
  const spaces = unreadableTables.map((): Pages => new Map());
  for (const { space, page, frame: to } of mappings) spaces[space]?.set(page, to);
  return spaces;
}

/** The space that differs least from a process' pages, and by how much. */
function closest(
  pages: Pages,
  spaces: readonly Pages[],
): { space: number; missing: number; extra: number } {
  let best = { space: -1, missing: Infinity, extra: Infinity };
  for (const [space, mapped] of spaces.entries()) {
    const found = [...pages].filter(([page, to]) => mapped.get(page) === to).length;
    const [missing, extra] = [pages.size - found, mapped.size - found];
    if (missing + extra < best.missing + best.extra) best = { space, missing, extra };
  }
  return best;
}

const allFrames = ({ size }: ByteSource): number[] =>
  Array.from({ length: size / PAGE_BYTES }, (_, n) => frame(n));

const memoryOfFile = (image: ByteSource): PhysicalMemory => ({
  runs: [{ start: physical(0), length: image.size, fileOffset: 0 }],
  read: (at, into) => image.read(at, into),
});
