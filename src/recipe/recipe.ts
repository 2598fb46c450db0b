import type { Indicator } from '../indicator/indicator.ts';
import type { ImageLook, SystemName } from './image-look.ts';
import type { RecipeStep } from './recipe-step.ts';
import { plainImage, stringsSteps } from './strings-steps.ts';
import { volatilitySteps } from './volatility-steps.ts';

export interface RecipeOptions {
  /** Volatility's command, a name or a path. */
  readonly program: string;
  /** Folder of symbol tables (ISF); null: Volatility's own. */
  readonly symbols: string | null;
  /** Where the look at the image does not tell, or is wrong. */
  readonly system: SystemName | null;
}

/** The known way by hand for one image and indicator, command by command, each with its faults. */
export interface Recipe {
  readonly indicator: Indicator;
  readonly look: ImageLook;
  readonly parts: readonly RecipePart[];
}

export interface RecipePart {
  readonly title: string;
  readonly steps: readonly RecipeStep[];
}

/**
 * strings (ASCII and UTF-16) | grep → `<offset>:<string>` → Volatility's strings plugin → PIDs, with their names and
 * connections, and a YARA search in each process as second way. Both systems where the image does not tell which it holds.
 */
export function recipeOf(indicator: Indicator, look: ImageLook, options: RecipeOptions): Recipe {
  const told = options.system ?? look.system;
  const systems: readonly SystemName[] = told === null ? ['windows', 'linux'] : [told];
  const use = { ...options, image: plainImage(look) };
  return {
    indicator,
    look,
    parts: [
      { title: 'Where the indicator stands in the image', steps: stringsSteps(indicator, look) },
      ...systems.map((system) => ({
        title: `Which process that is: ${SYSTEM_TITLES[system]}${told === null ? ', if it is one' : ''}`,
        steps: volatilitySteps(system, indicator, use),
      })),
    ],
  };
}

export const SYSTEM_TITLES = { windows: 'Windows', linux: 'Linux' } as const;
