import { defang } from '../text-safety.ts';
import type { Report } from '../report.ts';
import { html, type Markup } from './html.ts';
import { grouped, plural } from './notation.ts';
import { more, table } from './table.ts';

const MOST_ACTIONS = 12;
const MOST_PIVOTS = 30;
const MOST_PIDS = 8;

/** Commands to go on with. The button is shown by the script; without it one click marks the whole command. */
export function nextActions({ nextActions: all }: Report): Markup | null {
  if (all.length === 0) return null;
  return html`<ol class="steps">
      ${all.slice(0, MOST_ACTIONS).map(
        ({ title, command }) =>
          html`<li>
            ${title}
            <div class="command">
              <pre tabindex="0" aria-label="Command">${command}</pre>
              <button type="button" hidden>Copy</button>
            </div>
          </li>`,
      )}
    </ol>
    ${more(all.length - MOST_ACTIONS)}`;
}

/** Names and addresses that stand next to the indicator. */
export function pivots({ pivots: all }: Report): Markup | null {
  if (all.length === 0) return null;
  return table(
    [
      { title: 'Name or address' },
      { title: 'Kind', kind: 'tight' },
      { title: 'Stood in' },
      { title: 'Hits', kind: 'number' },
      { title: 'Processes' },
    ],
    all
      .slice(0, MOST_PIVOTS)
      .map(({ text, kind, source, hits, pids }) => [
        html`<code>${defang(text.slice(0, 500))}</code>`,
        kind,
        source,
        grouped(hits),
        pids.length === 0
          ? 'none'
          : `${pids.slice(0, MOST_PIDS).join(', ')}${pids.length > MOST_PIDS ? ` and ${plural(pids.length - MOST_PIDS, 'other')}` : ''}`,
      ]),
    all.length - MOST_PIVOTS,
  );
}
