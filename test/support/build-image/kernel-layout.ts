import { parseDeclarations } from './c-types.ts';
import type { KernelStyle } from './kernel-style.ts';
import type { Random } from './random.ts';
import { KernelTypes } from './struct-layout.ts';
import { fileTypes } from './types-of-files.ts';
import { memoryTypes } from './types-of-memory.ts';
import { taskTypes } from './types-of-tasks.ts';

/** The offsets of one kernel build: what the style has, where the seed put it. */
export const kernelLayout = (style: KernelStyle, random: Random): KernelTypes =>
  new KernelTypes(
    parseDeclarations(taskTypes(style) + memoryTypes(style) + fileTypes(style)),
    random,
  );
