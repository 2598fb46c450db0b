import { statSync, type Stats } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, parse } from 'node:path';
import { Ip2ProcessError } from '../errors.ts';
import { openFile, type ByteSource } from '../memory/byte-source.ts';
import type { PhysicalMemory } from '../memory/physical-memory.ts';
import type { Container } from './container/container.ts';
import { containerOf, unpack } from './container/unpack.ts';
import type { ImageHints } from './image-format.ts';
import { hasSignature, headOf, memoryOf } from './memory-of.ts';
import type { StoredRun } from './stored-memory.ts';
import { vmwareMemory } from './vmware.ts';
import { isVmwareState } from './vmware-state.ts';

/** An open memory image. */
export interface MemoryImage {
  readonly path: string;
  /** As `memoryOf` names it: raw, LiME, AVML, ELF core, kdump … */
  readonly format: string;
  /** What the file given is packed in; of two containers in each other, the outer one. */
  readonly container: Container['name'] | 'none';
  /** The file given: what an evidence store has, and the hash of a report is of. */
  readonly file: ByteSource;
  /** The image itself, unpacked; `file` where nothing was packed: other threads build the same memory from its `fd` and size with `memoryOf`. */
  readonly source: ByteSource;
  readonly memory: PhysicalMemory;
  readonly hints: ImageHints;
  /** Where the memory lies in `source`, when another file had to say it: workers need it then. Null: `memoryOf` finds it. */
  readonly layout: readonly StoredRun[] | null;
  /** What could not be read, and what that means: one sentence each. */
  readonly warnings: readonly string[];
  /** Closes the files, and with them what was unpacked. */
  close(): void;
}

export interface OpenImageOptions {
  /** The file's bytes, where they are open already: the path then only names them. Left open. */
  readonly source?: ByteSource;
  /** While a compressed image is unpacked: bytes read of the compressed file, and how many it has. */
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
  /** Folder to unpack compressed images into; the system's folder for temporary files if not given. */
  readonly scratch?: string;
}

/** A gzip in a zip happens; more is a puzzle or an attack. */
const MAX_CONTAINERS = 2;

/**
 * Opens a memory image of any format, packed or not, by its content; its name means nothing.
 *
 * @throws Ip2ProcessError of kind 'image' (what the file is, and what to do instead), 'system' (missing, no permission, no
 *   space) or 'cancelled'
 */
export async function openImage(
  path: string,
  options: OpenImageOptions = {},
): Promise<MemoryImage> {
  const given = options.source;
  const file = given ? leftOpen(given) : openRegular(path);
  let source = file;
  const close = (): void => {
    if (source !== file) source.close();
    file.close();
  };
  const containers: Container['name'][] = [];
  const warnings: string[] = [];
  try {
    for (;;) {
      const container = containerOf(source);
      if (container === null) break;
      if (containers.length === MAX_CONTAINERS) {
        throw new Ip2ProcessError(
          'image',
          `Cannot use "${path}" as a memory image: it is packed more than twice (${[...containers, container.name].join(' in ')}); unpack it and give the image inside`,
          { path },
        );
      }
      containers.push(container.name);
      const inner = await unpack(source, container, {
        ...options,
        scratch: options.scratch ?? tmpdir(),
      });
      if (source !== file) source.close();
      source = inner.source;
      warnings.push(...inner.warnings);
    }

    const beside = containers.length === 0 && !given ? stateFileBeside(path, source) : null;
    const opened = beside ?? memoryOf(source);
    return {
      path,
      format: opened.format,
      container: containers[0] ?? 'none',
      file,
      source,
      memory: opened.memory,
      hints: opened.hints,
      layout: beside?.layout ?? null,
      warnings: [...warnings, ...opened.warnings],
      close,
    };
  } catch (error) {
    close();
    throw placed(error, path);
  }
}

const leftOpen = (given: ByteSource): ByteSource => ({
  size: given.size,
  fd: given.fd,
  read: (offset, into) => given.read(offset, into),
  close: () => undefined,
});

/** A .vmem has no signature; its state file has one, and lies beside it under the same name. */
function stateFileBeside(path: string, vmem: ByteSource): ReturnType<typeof vmwareMemory> | null {
  const { dir, name } = parse(path);
  for (const extension of ['.vmss', '.vmsn']) {
    const beside = join(dir, `${name}${extension}`);
    if (beside === path || statSync(beside, { throwIfNoEntry: false })?.isFile() !== true) continue;
    const state = openRegular(beside);
    try {
      if (isVmwareState(headOf(state)) && !hasSignature(headOf(vmem))) {
        return vmwareMemory(vmem, state);
      }
    } finally {
      state.close();
    }
  }
  return null;
}

function openRegular(path: string): ByteSource {
  let stats: Stats;
  try {
    stats = statSync(path);
  } catch (cause) {
    throw unreadable(path, cause);
  }
  if (!stats.isFile()) {
    const kind = stats.isDirectory() ? 'a directory' : 'a device or pipe, not a file';
    throw new Ip2ProcessError(
      'image',
      `Cannot use "${path}" as a memory image: it is ${kind}; give the image file itself`,
      { path },
    );
  }
  try {
    return openFile(path);
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

function unreadable(path: string, cause: unknown): Ip2ProcessError {
  const message = cause instanceof Error ? cause.message : String(cause);
  const why = message.startsWith('ENOENT') ? 'there is no such file' : message;
  return new Ip2ProcessError('system', `Cannot open "${path}": ${why}`, { path }, { cause });
}

/** The same failure, with the file it happened to: the stages below know bytes, not paths. */
const placed = (error: unknown, path: string): unknown =>
  error instanceof Ip2ProcessError && error.place['path'] === undefined
    ? new Ip2ProcessError(error.kind, error.message, { path, ...error.place }, { cause: error })
    : error;
