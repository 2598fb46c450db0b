import { connectionText, hitsOf } from '../side-by-side.ts';
import { liveCoverageLines, liveFacts, provenanceLines } from '../live-lines.ts';
import type { Comparison, LivePart, LiveProcess } from '../live-part.ts';
import type { Report } from '../report.ts';
import { html, type Markup } from './html.ts';
import { plural } from './notation.ts';
import { colourOf } from './palette.ts';
import { pairs, table } from './table.ts';

const MOST = 60;
const DETAILED = 10;
const MOST_HITS = 20;

/** What the running machine answered. */
export function live({ live: part, answer: whole }: Report): Markup | null {
  if (!part) return null;
  const { answer, processes } = part;
  const unread = liveCoverageLines(part);
  return html`${answer === null || answer.headline === whole.headline ? null : html`<p><b>${answer.headline}</b> ${answer.why}</p>`}
    ${part.note === null ? null : html`<p class="warning">${part.note}</p>`}
    ${
      processes.length === 0
        ? null
        : html`<div class="part">
            ${table(
              [
                { title: '#', kind: 'number' },
                { title: 'Verdict', kind: 'tight' },
                { title: 'Score', kind: 'number' },
                { title: 'Process', kind: 'wide' },
                { title: 'Requests', kind: 'number' },
                { title: 'Text', kind: 'number' },
                { title: 'Binary', kind: 'number' },
                { title: 'Connections' },
              ],
              processes.slice(0, MOST).map(row),
              processes.length - MOST,
            )}
          </div>`
    }
    ${processes.slice(0, DETAILED).map((process) => detail(process, part.hits))}
    <div class="part">
      ${pairs([
        ['where from', provenanceLines(part).map((line) => html`${line}<br />`)],
        ['coverage', unread.length === 0 ? null : unread.map((line) => html`${line}<br />`)],
      ])}
    </div>`;
}

const row = (process: LiveProcess) => [
  process.rank,
  word(process.verdict),
  process.score,
  html`<span class="name">${process.name}</span> <span class="muted">${process.pid}</span>`,
  process.hits.requests,
  process.hits.ascii + process.hits.utf16,
  process.hits.binary,
  process.connections.slice(0, 5).map((one) => html`<code>${connectionText(one)}</code><br />`),
];

const word = (verdict: LiveProcess['verdict']): Markup =>
  html`<span class="pill full c-${colourOf(verdict)}">${verdict}</span>`;

function detail(process: LiveProcess, all: LivePart['hits']): Markup {
  const hits = all.filter(
    ({ pid, indicator }) => pid === process.pid && indicator === process.indicator,
  );
  return html`<details class="fold">
    <summary>${process.name} (PID ${process.pid}), ${plural(hitsOf(process), 'hit')}</summary>
    ${pairs([
      ...liveFacts(process).map(([name, value]) => [name, html`<code>${value}</code>`] as const),
      ['reasons', process.reasons.map((reason) => html`${reason}<br />`)],
      ['text', process.context === null ? null : html`<code>${process.context}</code>`],
    ])}
    ${
      hits.length === 0
        ? null
        : table(
            [{ title: 'Address' }, { title: 'Form' }, { title: 'Where' }, { title: 'Text' }],
            hits
              .slice(0, MOST_HITS)
              .map(({ virtualAddress, form, region, place, context }) => [
                html`<code>${virtualAddress}</code>`,
                form,
                `${place} ${region}`,
                html`<code>${context}</code>`,
              ]),
            hits.length - MOST_HITS,
          )
    }
  </details>`;
}

/** Image and live machine, process by process. */
export function sideBySideTable({ live: part }: Report): Markup | null {
  const rows = part?.sideBySide ?? [];
  if (rows.length === 0) return null;
  return table(
    [
      { title: 'Process', kind: 'tight' },
      { title: 'Image' },
      { title: 'Live' },
      { title: 'Match' },
      { title: 'Note' },
    ],
    rows
      .slice(0, MOST)
      .map(({ image, live: living, match, by, note }) => [
        html`<span class="name">${image?.name ?? living?.name ?? ''}</span>
          <span class="muted">${image?.pid ?? living?.pid ?? ''}</span>${
            image && living && image.pid !== living.pid
              ? html` <span class="muted">live ${living.name} ${living.pid}</span>`
              : null
          }`,
        side(image),
        side(living),
        html`${match}${by === null ? null : html` <span class="muted small">${by}</span>`}`,
        note,
      ]),
    rows.length - MOST,
  );
}

function side(of: Comparison['image']): Markup {
  if (of === null) return html`<span class="muted">–</span>`;
  if (of.verdict === null) return html`<span class="muted">${of.state ?? ''}</span>`;
  return html`${word(of.verdict)} ${of.score ?? ''}
    <span class="muted small"
      >${plural(of.hits ?? 0, 'hit')}${of.connections === '' ? null : html`, ${of.connections}`}</span
    >`;
}
