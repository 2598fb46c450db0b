import type { Report, ReportProcess } from '../report.ts';
import { scoreBar, verdictPill } from './bars.ts';
import { html, type Markup } from './html.ts';
import { grouped, tally, type Tell } from './notation.ts';
import { processDetail, reasons, states } from './process-detail.ts';
import { more, table } from './table.ts';

/** Rows of each table; processes told in detail, those of them that stand open, and cards of each. */
const MOST_ROWS = 50;
const MOST_DETAILED = 20;
const MOST_OPEN = 3;
const CARDS = 5;
const CARDS_FOLDED = 2;

const isCarrier = ({ verdict }: ReportProcess): boolean => verdict === 'carrier-only';

/** The ranked table of those who hold the indicator or talk to it; carriers have a section of their own. */
export function ranking({ processes }: Report): Markup | null {
  const ranked = processes.filter((process) => !isCarrier(process));
  if (ranked.length === 0) return null;
  return table(
    [
      { title: 'Process', kind: 'wide' },
      { title: 'Verdict', kind: 'tight' },
      { title: 'Score' },
      { title: 'Connected to' },
      { title: 'Hits', kind: 'number' },
      { title: 'Own', kind: 'number' },
      { title: 'Sent', kind: 'number' },
      { title: 'Where' },
    ],
    ranked
      .slice(0, MOST_ROWS)
      .map((process, index) => [
        who(process, index < MOST_DETAILED),
        verdictPill(process.verdict),
        scoreBar(process),
        connectedTo(process),
        grouped(process.hits.total),
        grouped(process.hits.exclusive),
        process.hits.sent === 0 ? '–' : grouped(process.hits.sent),
        tally(process.hits.byRegion),
      ]),
    ranked.length - MOST_ROWS,
  );
}

function who(process: ReportProcess, isLinked: boolean): Markup {
  const { rank, name, pid, role, parentName, ppid } = process;
  const state = states(process);
  const shown = html`<span class="name">${name}</span>`;
  const parent = ppid === null ? '' : `, child of ${parentName ?? 'PID'} ${ppid}`;
  return html`${isLinked ? html`<a href="#p${rank}">${shown}</a>` : shown}
    <span class="muted">${pid}</span
    >${state === null ? null : html` <span class="tag">${state}</span>`}<span class="sub"
      >${role ?? process.path ?? ''}${parent}</span
    >`;
}

const connectedTo = ({ connectedToIndicator, connectedToProxy }: ReportProcess): Markup =>
  connectedToIndicator
    ? html`<span class="tag c-responsible">the indicator</span>`
    : connectedToProxy
      ? html`<span class="tag">the proxy</span>`
      : html`<span class="muted">–</span>`;

/** The first processes in detail: the likeliest stand open. */
export function processDetails({ processes }: Report, tell: Tell): Markup | null {
  const ranked = processes.filter((process) => !isCarrier(process));
  if (ranked.length === 0) return null;
  const details = ranked.slice(0, MOST_DETAILED).map((process, index) => {
    const isOpen = index === 0 || (index < MOST_OPEN && isTalker(process));
    return processDetail(process, tell, { isOpen, cards: isOpen ? CARDS : CARDS_FOLDED });
  });
  return html`${details}${more(ranked.length - MOST_DETAILED)}`;
}

const isTalker = ({ verdict }: ReportProcess): boolean =>
  verdict === 'responsible' || verdict === 'likely';

/** Processes whose holding their trade or chance explains: folded, each with its reason. */
export function carriers({ processes }: Report, tell: Tell): Markup | null {
  const all = processes.filter(isCarrier);
  if (all.length === 0) return null;
  const trades = table(
    [
      { title: 'Process', kind: 'wide' },
      { title: 'Trade' },
      { title: 'Score', kind: 'number' },
      { title: 'Hits', kind: 'number' },
      { title: 'For and against' },
    ],
    all
      .slice(0, MOST_ROWS)
      .map((process) => [
        who(process, false),
        process.carrier?.kind ?? 'none',
        process.score,
        grouped(process.hits.total),
        reasons(process),
      ]),
    all.length - MOST_ROWS,
  );
  return html`<details class="fold">
    <summary>${carrierCount(all.length)}</summary>
    ${trades}${all
      .slice(0, MOST_DETAILED)
      .map((process) => processDetail(process, tell, { isOpen: false, cards: CARDS_FOLDED }))}
  </details>`;
}

const carrierCount = (count: number): string =>
  count === 1 ? 'Show the one carrier' : `Show all ${count} carriers`;
