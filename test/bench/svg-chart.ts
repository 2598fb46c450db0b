/** A line of a chart: its name and points, ascending by x. */
export interface Series {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

export interface Chart {
  readonly title: string;
  readonly x: string;
  readonly y: string;
  readonly series: readonly Series[];
  /** Steps of ten have the same width: for x from 1 to 1,000. */
  readonly isLogarithmic?: boolean;
}

const [WIDTH, HEIGHT] = [720, 360];
const EDGE = { left: 64, right: 190, top: 44, bottom: 48 };
/** Told apart by those who see no red and green, on white and on black (Okabe and Ito). */
const COLOURS = ['#0072b2', '#e69f00', '#009e73', '#cc79a7', '#d55e00', '#56b4e9'];
const INK = '#7a7a7a';

/** Plain SVG, the same for the same numbers. */
export function svgChart({ title, x, y, series, isLogarithmic = false }: Chart): string {
  const xs = [...new Set(series.flatMap(({ points }) => points.map(([at]) => at)))].toSorted(
    (a, b) => a - b,
  );
  const top = niceTop(
    Math.max(...series.flatMap(({ points }) => points.map(([, value]) => value))),
  );
  const scaled = (value: number): number => (isLogarithmic ? Math.log10(value) : value);
  const low = isLogarithmic ? scaled(xs[0] ?? 1) : 0;
  const high = scaled(xs.at(-1) ?? 1);
  const left = (value: number): number =>
    EDGE.left + ((scaled(value) - low) / (high - low || 1)) * (WIDTH - EDGE.left - EDGE.right);
  const down = (value: number): number =>
    HEIGHT - EDGE.bottom - (value / top) * (HEIGHT - EDGE.top - EDGE.bottom);

  const floor = down(0);
  const right = WIDTH - EDGE.right;
  const steps = Array.from({ length: 6 }, (_, step) => (top * step) / 5);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12" fill="${INK}">`,
    `<title>${escaped(title)}</title>`,
    text(EDGE.left, 22, title, 'font-size="15"'),
    ...steps.flatMap((value) => [
      `<path d="M${EDGE.left} ${n(down(value))}H${right}" stroke="${INK}" stroke-opacity="0.3"/>`,
      text(EDGE.left - 8, down(value) + 4, shown(value), 'text-anchor="end"'),
    ]),
    ...xs.map((value) => text(left(value), floor + 18, shown(value), 'text-anchor="middle"')),
    text((EDGE.left + right) / 2, HEIGHT - 10, x, 'text-anchor="middle"'),
    text(EDGE.left - 8, EDGE.top - 10, y, 'text-anchor="end"'),
    ...series.flatMap(({ name, points }, index) => {
      const colour = COLOURS[index % COLOURS.length] ?? INK;
      const path = points.map(([at, value]) => `${n(left(at))} ${n(down(value))}`).join('L');
      const row = EDGE.top + 8 + index * 20;
      return [
        `<path d="M${path}" fill="none" stroke="${colour}" stroke-width="2"/>`,
        ...points.map(
          ([at, value]) =>
            `<circle cx="${n(left(at))}" cy="${n(down(value))}" r="3.5" fill="${colour}"><title>${escaped(`${name}: ${shown(at)}, ${value.toFixed(2)}`)}</title></circle>`,
        ),
        `<path d="M${right + 14} ${row}h18" stroke="${colour}" stroke-width="2"/>`,
        text(right + 38, row + 4, name),
      ];
    }),
    '</svg>',
    '',
  ].join('\n');
}

const text = (x: number, y: number, words: string, more = ''): string =>
  `<text x="${n(x)}" y="${n(y)}"${more ? ` ${more}` : ''}>${escaped(words)}</text>`;

const escaped = (words: string): string =>
  words.replace(/[&<>"]/gu, (char) => `&#${char.charCodeAt(0)};`);

const n = (value: number): string => value.toFixed(1);
const shown = (value: number): string => String(Number(value.toFixed(2)));

/** The next of 1, 2, 2.5, 5 or 10 times a power of ten. */
function niceTop(value: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, 1e-6)));
  return power * ([1, 2, 2.5, 5, 10].find((step) => step * power >= value) ?? 10);
}
