import type { Report } from '../report.ts';
import { html, type Markup } from './html.ts';
import { endpointText } from './notation.ts';
import { table } from './table.ts';

const MOST = 60;

/** Sockets to the proxy or to an indicator, whoever has them. */
export function connections({ connections: all, processes }: Report): Markup | null {
  if (all.length === 0) return null;
  const ranks = new Map(processes.map(({ pid, rank }) => [pid, rank]));
  return table(
    [
      { title: 'Process', kind: 'wide' },
      { title: 'Local end' },
      { title: 'Remote end' },
      { title: 'State', kind: 'tight' },
      { title: 'Holds the indicator', kind: 'tight' },
    ],
    all
      .slice(0, MOST)
      .map(({ name, pid, protocol, local, remote, state, peer, holdsIndicator }) => [
        html`<span class="name">${name}</span>
          <span class="muted">${pid}</span
          >${ranks.has(pid) ? html` <span class="muted small">rank ${ranks.get(pid) ?? 0}</span>` : null}`,
        html`<code>${protocol} ${endpointText(local)}</code>`,
        html`<code>${remote === null ? '*' : endpointText(remote)}</code>
          ${peer === 'proxy' ? html`<span class="tag">proxy</span>` : html`<span class="pill full c-responsible">indicator</span>`}`,
        state ?? '',
        holdsIndicator ? html`<b>yes</b>` : html`<span class="muted">no</span>`,
      ]),
    all.length - MOST,
  );
}
