/** One command of the recipe. */
export interface RecipeStep {
  /** What it does: one sentence. */
  readonly does: string;
  /** Where its answer is wrong or incomplete, one sentence each. */
  readonly wrong: readonly string[];
  /** For bash, in the folder of the recipe's files. */
  readonly command: string;
  /** Programs that it needs. */
  readonly programs: readonly string[];
  /** Exit status that says "nothing found" and is no failure, as grep's 1. */
  readonly quietStatus?: number;
}

/** Files of the recipe, in its folder. */
export const FILES = {
  image: 'image.unpacked',
  ascii: 'hits.ascii.txt',
  wide: 'hits.utf16.txt',
  hits: 'hits.txt',
  fileOffsets: 'hits.file-offsets.txt',
} as const;
