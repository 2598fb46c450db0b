import type { Report } from '../report.ts';
import { differenceGroups, opinionLines, titleOf } from '../second-opinion-lines.ts';
import { html, type Markup } from './html.ts';
import { table } from './table.ts';

const MOST = 60;

/** How far the second engine agrees, and each difference with both sides' reasons. */
export function secondOpinion({ secondOpinion: part }: Report): Markup | null {
  if (!part) return null;
  const groups = differenceGroups(part);
  return html`<p><b>${titleOf(part)}</b></p>
    ${opinionLines(part).map((line) => html`<p>${line}</p>`)}
    ${
      groups.length === 0
        ? null
        : html`<div class="part">
            ${table(
              [{ title: 'Process' }, { title: 'Difference', kind: 'wide' }, { title: 'Why' }],
              groups
                .slice(0, MOST)
                .map(({ who, what, reasons }) => [
                  who,
                  what,
                  reasons.map(([engine, reason]) => html`<b>${engine}:</b> ${reason}<br />`),
                ]),
              groups.length - MOST,
            )}
          </div>`
    }`;
}
