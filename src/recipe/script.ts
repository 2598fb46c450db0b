import { forTerminal } from '../report/text-safety.ts';
import { wrap } from '../report/wrap.ts';
import type { ImageLook } from './image-look.ts';
import { type Recipe, SYSTEM_TITLES } from './recipe.ts';
import type { RecipeStep } from './recipe-step.ts';

/** The recipe as a bash script: each command under what it does and where it is wrong. */
export function scriptOf({ indicator, look, parts }: Recipe): string {
  const name = look.path.split('/').at(-1) ?? look.path;
  const title = `The recipe by hand for ${indicator.text} in "${name}" (${described(look)}).`;
  const lines = [
    '#!/usr/bin/env bash',
    ...comment(title),
    ...comment('It writes its files into the folder in which it runs.'),
    ...parts.flatMap((part) => [
      '',
      ...comment(`== ${part.title} ==`),
      ...part.steps.flatMap((step) => ['', ...commentOf(step), step.command]),
    ]),
  ];
  return `${lines.join('\n')}\n`;
}

export function described({ format, container, system }: ImageLook): string {
  const told = system === null ? 'no quick look tells which system' : SYSTEM_TITLES[system];
  return container === null ? `${format}, ${told}` : `packed with ${container}, ${told}`;
}

const WIDTH = 110;

const commentOf = ({ does, wrong }: RecipeStep): string[] => [
  ...comment(does),
  ...wrong.flatMap((one) => wrap(forTerminal(one), '#   ! ', '#     ', WIDTH)),
];

/** A line break in a name would end the comment. */
const comment = (text: string): string[] => wrap(forTerminal(text), '# ', '# ', WIDTH);
