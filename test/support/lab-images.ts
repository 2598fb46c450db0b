import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fromRoot } from './requires.ts';

/** A real image with known truth. */
export interface LabImage {
  /** Like "sample/endpoint.lime". */
  readonly name: string;
  readonly path: string;
  /** Its truth.json. */
  readonly truth: string;
}

const SHARED = '../shared/images/linux-debian12-1g';

/**
 * Every real image that this machine has: the embedded sample, the model image in ../shared (unpacked by the test that
 * uses it) and whatever the lab left in the folder that IP2PROCESS_LAB names.
 */
export function labImages(): LabImage[] {
  const lab = process.env['IP2PROCESS_LAB'];
  const folders = lab !== undefined && existsSync(lab) ? readdirSync(lab) : [];
  return folders.flatMap((folder) => {
    const truth = join(lab ?? '', folder, 'truth.json');
    if (!existsSync(truth)) return [];
    return (
      readdirSync(join(lab ?? '', folder))
        .filter((file) => /^endpoint\.(raw|elf|lime|avml|kdump[\w-]*)$/.test(file))
        // A dump that leaves pages out on purpose has another truth.
        .filter((file) => !file.includes('excluded'))
        .map((file) => ({ name: `${folder}/${file}`, path: join(lab ?? '', folder, file), truth }))
    );
  });
}

/** The model image of ../shared; null where it is absent. */
export function sharedImage(): LabImage | null {
  const path = fromRoot(`${SHARED}/endpoint.raw.zst`);
  if (!existsSync(path)) return null;
  return { name: basename(SHARED), path, truth: fromRoot(`${SHARED}/endpoint.truth.json`) };
}

/** Unpacks an image once for all tests of a file; `remove` takes it away again. */
export function unpacked(image: LabImage): { path: string; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'ip2process-test-'));
  const path = join(folder, basename(image.path).replace(/\.zst$/, ''));
  const { status, stderr } = spawnSync('zstd', ['-dq', '--long=27', image.path, '-o', path]);
  if (status !== 0) throw new Error(`zstd could not unpack ${image.path}: ${String(stderr)}`);
  return { path, remove: () => rmSync(folder, { recursive: true }) };
}
