import { THRESHOLDS } from '../../attribute/weights.ts';
import type { ReportProcess } from '../report.ts';
import { html, type Markup } from './html.ts';
import { colourOf } from './palette.ts';

/** The word of a verdict in its colour; filled where the process was seen to talk. */
export const verdictPill = (verdict: string): Markup =>
  html`<span class="pill ${THRESHOLD_WORDS.has(verdict) ? 'full' : 'plain'} c-${colourOf(verdict)}"
    >${verdict}</span
  >`;

const THRESHOLD_WORDS: ReadonlySet<string> = new Set(Object.keys(THRESHOLDS));

/** The score as number and bar, with the thresholds of "likely" and "responsible" cut into it. */
export function scoreBar({ score, verdict }: Pick<ReportProcess, 'score' | 'verdict'>): Markup {
  const width = clamp(score);
  return html`<span class="score-cell"
    ><b>${score}</b
    ><svg height="8" role="img" aria-label="${score} of 100 points" class="c-${colourOf(verdict)}">
      <rect class="track" width="100%" height="8" rx="2" />
      <rect class="fill" width="${width}%" height="8" rx="2" />
      ${Object.values(THRESHOLDS).map(
        (at) => html`<rect class="tick" x="${at}%" width="2" height="8" />`,
      )}
    </svg></span
  >`;
}

/** Points of a whole as a plain bar. */
export const pointsBar = (points: number, verdict: string): Markup =>
  html`<svg height="6" aria-hidden="true" class="c-${colourOf(verdict)}">
    <rect class="track" width="100%" height="6" rx="2" />
    <rect class="fill" width="${clamp(points)}%" height="6" rx="2" />
  </svg>`;

const clamp = (percent: number): number => Math.min(Math.max(percent, 0), 100);
