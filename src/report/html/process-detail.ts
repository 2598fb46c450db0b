import type { ReportProcess } from '../report.ts';
import { addressStrip } from './address-strip.ts';
import { verdictPill } from './bars.ts';
import { contributions } from './contributions.ts';
import { evidenceCard } from './evidence-card.ts';
import { html, type Markup } from './html.ts';
import { endpointText, moment, plural, tally, type Tell } from './notation.ts';
import { colourOf } from './palette.ts';
import { pairs } from './table.ts';

const MOST_SOCKETS = 8;
const MOST_REASONS = 12;

export interface Detail {
  readonly isOpen: boolean;
  readonly cards: number;
}

/** All about one process; folded, its first line still says who it is and why it is here. */
export function processDetail(process: ReportProcess, tell: Tell, detail: Detail): Markup {
  const { name, pid, verdict, score, role, rank } = process;
  const gist = process.reasons[0] ?? process.counterReasons[0] ?? '';
  const inside = html`<summary>
      <h3><span class="name">${name}</span> <span class="muted">PID ${pid}</span></h3>
      ${verdictPill(verdict)}<span class="muted small">${score}/100</span
      ><span class="gist">${role ?? gist}</span>
    </summary>
    <div class="inside" id="p${rank}">
      ${about(process)} ${addressStrip(process)} ${cards(process, tell, detail)}
    </div>`;
  const colour = colourOf(verdict);
  return detail.isOpen
    ? html`<details class="process c-${colour}" open>${inside}</details>`
    : html`<details class="process c-${colour}">${inside}</details>`;
}

function about(process: ReportProcess): Markup {
  return html`<div>
    <div class="columns">
      <div>
        <h4>For and against</h4>
        ${reasons(process)}
      </div>
      <div>
        <h4>The process</h4>
        ${facts(process)}
      </div>
    </div>
    ${contributions(process)}
  </div>`;
}

export function reasons({ reasons: pro, counterReasons: contra }: ReportProcess): Markup {
  return html`<ul class="reasons">
    ${[
      ...pro.slice(0, MOST_REASONS).map(item('for')),
      ...contra.slice(0, MOST_REASONS).map(item('against')),
    ]}${contra.length === 0 ? html`<li class="muted">No reason against it was found.</li>` : null}
  </ul>`;
}

const item = (side: 'for' | 'against') => (reason: string) =>
  html`<li class="${side} c-${side === 'for' ? 'not-found' : 'responsible'}">
    <span class="skip">${side}: </span>${reason}
  </li>`;

function facts(process: ReportProcess): Markup {
  const { path, commandLine, role, ppid, parentName, user, threads, startTime, exitTime } = process;
  return pairs([
    ['program', code(path)],
    ['command line', code(commandLine)],
    ['role', role],
    ['parent', ppid === null ? null : `${parentName ?? 'unknown'}, PID ${ppid}`],
    ['user', user],
    ['started', startTime === null ? null : moment(startTime)],
    ['ended', exitTime === null ? null : moment(exitTime)],
    ['state', states(process)],
    ['threads', threads],
    ['hits', hits(process)],
    ['sockets', sockets(process)],
  ]);
}

const code = (text: string | null) => (text === null ? null : html`<code>${text}</code>`);

function hits({ hits: { total, exclusive, sent, byForm } }: ReportProcess): Markup {
  const shared = total - exclusive;
  const notes = [
    ...(shared > 0 ? [`${plural(shared, 'hit')} shared with other processes`] : []),
    ...(sent > 0 ? [`${plural(sent, 'hit')} in bytes that it sent`] : []),
  ].join('; ');
  return html`${plural(total, 'hit')}:
  ${tally(byForm)}${notes === '' ? null : html`<br /><span class="muted">${notes}</span>`}`;
}

/** Flags of a process that change how it is read; null where it has none. */
export function states({ hidden, exited, kernelThread }: ReportProcess): string | null {
  const all = [
    ...(hidden ? ['missing from the process list'] : []),
    ...(exited ? ['exited'] : []),
    ...(kernelThread ? ['kernel thread'] : []),
  ];
  return all.length === 0 ? null : all.join(', ');
}

function sockets({ sockets: all }: ReportProcess): Markup | null {
  const told = all.flatMap(({ protocol, local, remote, state }) =>
    remote === null
      ? []
      : [
          html`<code>${protocol} ${endpointText(local)} → ${endpointText(remote)}</code>
            ${state ?? ''}<br />`,
        ],
  );
  if (told.length === 0) return null;
  const left = told.length - MOST_SOCKETS;
  return html`${told.slice(0, MOST_SOCKETS)}${left > 0 ? `and ${left} more` : null}`;
}

function cards(process: ReportProcess, tell: Tell, { isOpen, cards: most }: Detail): Markup | null {
  const shown = process.cards.slice(0, most);
  if (shown.length === 0) return null;
  return html`<div>
    <h4>Evidence, the most telling first</h4>
    <ol>
      ${shown.map((card, index) => evidenceCard(card, tell, isOpen && index === 0))}
    </ol>
  </div>`;
}
