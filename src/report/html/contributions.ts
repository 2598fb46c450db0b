import type { ReportProcess } from '../report.ts';
import { pointsBar } from './bars.ts';
import { html, type Markup } from './html.ts';
import { grouped } from './notation.ts';
import { table } from './table.ts';

const MOST = 24;

/** Every contribution to a score: points of 100, why this kind counts, and what was taken off. */
export function contributions({ evidence, verdict, score }: ReportProcess): Markup | null {
  if (evidence.length === 0) return null;
  return html`<details class="fold">
    <summary>How the score of ${score} is made</summary>
    ${table(
      [
        { title: 'Evidence', kind: 'tight' },
        { title: 'Points', kind: 'number' },
        { title: '' },
        { title: 'Hits', kind: 'number' },
        { title: 'Why it counts' },
      ],
      evidence
        .slice(0, MOST)
        .map(({ kind, points, hits, reason, discount }) => [
          kind,
          String(points),
          html`<span class="contribution">${pointsBar(points, verdict)}</span>`,
          hits === 0 ? '–' : grouped(hits),
          html`${reason}${discount === null ? null : html`<span class="sub">discounted ${discount}</span>`}`,
        ]),
      evidence.length - MOST,
    )}
    <p class="more">
      The points are summed and end at 100; without behaviour a process stays below likely.
    </p>
  </details>`;
}
