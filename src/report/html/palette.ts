/**
 * Colours by purpose, in light and dark. Text colours have a contrast of at least 4.5 to 1 on the grounds that they stand
 * on (WCAG 2.2, 1.4.3); a test computes it. Hues of kinds of memory stay apart for colour-blind eyes by lightness too.
 */
export const PALETTE = {
  ground: ['#f5f3ee', '#121517'],
  sheet: ['#fffefb', '#1a1e21'],
  inset: ['#ece8dd', '#262c31'],
  rule: ['#dedacf', '#343b41'],
  ink: ['#1b1e22', '#e9e6df'],
  muted: ['#5a616a', '#a6aeb6'],
  link: ['#0b5394', '#7db8f0'],
  mark: ['#ffe08a', '#6b5200'],
  responsible: ['#a8151c', '#ff8a80'],
  likely: ['#9a4200', '#ffab66'],
  possible: ['#6a5800', '#dcc65c'],
  'carrier-only': ['#4b5a68', '#a9b8c6'],
  'no-owner': ['#4b5a68', '#a9b8c6'],
  'not-found': ['#1f5d57', '#7fcfc4'],
  heap: ['#c2410c', '#fb923c'],
  stack: ['#b3157a', '#f472b6'],
  anonymous: ['#d9960a', '#facc15'],
  image: ['#1d4ed8', '#60a5fa'],
  file: ['#5b8fb9', '#7ba7cc'],
  'shared-memory': ['#15803d', '#4ade80'],
  special: ['#6d5bd0', '#a78bfa'],
  kernel: ['#44403c', '#d6d3d1'],
  unknown: ['#8a8f98', '#8a9199'],
} as const satisfies Record<string, readonly [light: string, dark: string]>;

export type Colour = keyof typeof PALETTE;

/** The colour of a verdict or of a kind of memory. */
export const colourOf = (word: string): Colour => (isColour(word) ? word : 'unknown');

const isColour = (word: string): word is Colour => Object.hasOwn(PALETTE, word);

const variables = (column: 0 | 1): string =>
  Object.entries(PALETTE)
    .map(([name, values]) => `--${name}:${values[column]};`)
    .join('');

/** The palette as style sheet: variables, and a class `c-NAME` that sets the colour of text and figures. */
export const PALETTE_STYLE = `
:root { ${variables(0)} color-scheme: light dark; }
@media (prefers-color-scheme: dark) { :root { ${variables(1)} } }
@media print { :root { ${variables(0)} color-scheme: light; } }
${Object.keys(PALETTE)
  .map((name) => `.c-${name} { --colour: var(--${name}); }`)
  .join('\n')}
`;
