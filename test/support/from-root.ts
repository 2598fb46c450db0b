import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** A path as committed files name it, relative to the root of the repository, as this machine names it. */
export const fromRoot = (path: string): string => resolve(ROOT, path);
