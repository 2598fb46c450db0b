import type { Report } from '../report.ts';
import { html, type Markup } from './html.ts';
import { grouped, plural } from './notation.ts';
import { more } from './table.ts';

type Other = Report['otherProcesses'][number];

const MOST = 300;

/** The rest of the machine, folded: those that ended or use the proxy first, kernel threads only counted. */
export function otherProcesses({ otherProcesses: all }: Report): Markup | null {
  if (all.length === 0) return null;
  const programs = all
    .filter(({ kernelThread }) => !kernelThread)
    .toSorted((one, other) => notesOf(other).length - notesOf(one).length);
  const threads = all.length - programs.length;
  return html`<details class="fold">
    <summary>Show ${plural(programs.length, 'other process', 'other processes')}</summary>
    <ul class="names">
      ${programs.slice(0, MOST).map(named)}
    </ul>
    ${more(programs.length - MOST)}${
      threads === 0 ? null : html`<p class="more">and ${plural(threads, 'kernel thread')}</p>`
    }
  </details>`;
}

const named = (process: Other): Markup =>
  html`<li>
    ${process.name} <span class="muted">${process.pid}</span>${notesOf(process).map(
      (note) => html` <span class="tag">${note}</span>`,
    )}
  </li>`;

const notesOf = ({ exited, connectedToProxy, missingTables }: Other): string[] => [
  ...(exited ? ['exited'] : []),
  ...(connectedToProxy ? ['connected to the proxy'] : []),
  ...(missingTables > 0 ? [`${grouped(missingTables)} page tables missing`] : []),
];
