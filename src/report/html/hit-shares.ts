import type { Report, ReportHit } from '../report.ts';
import { html, type Markup } from './html.ts';
import { grouped, plural } from './notation.ts';
import { type Colour, colourOf } from './palette.ts';

/** In whose hands hits are, the best verdict first. */
const SHARES = [
  ['responsible', 'with responsible processes'],
  ['likely', 'with likely ones'],
  ['possible', 'with possible ones'],
  ['carrier-only', 'with carriers'],
  ['unknown', 'with nobody'],
] as const satisfies readonly (readonly [Colour, string])[];

/** One bar for all hits, cut by the best verdict among those who hold or sent each; most of them tell nothing. */
export function hitShares(report: Report): Markup | null {
  const counts = countShares(report);
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  let x = 0;
  const bars: Markup[] = [];
  const legend: Markup[] = [html`<li>Of ${plural(total, 'hit')}:</li>`];
  for (const [colour, words] of SHARES) {
    const count = counts.get(colour) ?? 0;
    if (count === 0) continue;
    const width = (count / total) * 100;
    bars.push(
      html`<rect
        class="fill c-${colour}"
        x="${x.toFixed(2)}%"
        width="${width.toFixed(2)}%"
        height="12"
        ><title>${grouped(count)} ${words}</title></rect
      >`,
    );
    legend.push(
      html`<li><span class="swatch c-${colour}"></span><b>${grouped(count)}</b> ${words}</li>`,
    );
    x += width;
  }
  return html`<figure class="shares figure">
    <svg height="12" role="img" aria-label="${plural(total, 'hit')} by verdict of their holders">
      ${bars}
    </svg>
    <ul class="legend">
      ${legend}
    </ul>
  </figure>`;
}

function countShares({ hits, processes }: Report): Map<Colour, number> {
  const verdicts = new Map(processes.map(({ pid, verdict }) => [pid, colourOf(verdict)]));
  const counts = new Map<Colour, number>();
  for (const hit of hits) {
    if (hit.flags.includes('phantom')) continue;
    const share = shareOf(hit, verdicts);
    counts.set(share, (counts.get(share) ?? 0) + 1);
  }
  return counts;
}

function shareOf({ owners, sentBy }: ReportHit, verdicts: ReadonlyMap<number, Colour>): Colour {
  const held = new Set([...owners, ...sentBy].map(({ pid }) => verdicts.get(pid)));
  return SHARES.find(([colour]) => held.has(colour))?.[0] ?? 'unknown';
}
