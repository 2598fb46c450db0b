import { endedLine } from '../ended-processes.ts';
import type { Report } from '../report.ts';
import { html, type Markup } from './html.ts';
import { grouped, tally } from './notation.ts';
import { table } from './table.ts';

const MOST = 30;

/** What a hit in such a page can mean. */
const MEANINGS: ReadonlyMap<string, string> = new Map([
  ['free', 'memory given back; what stood there names no owner'],
  ['kernel', 'a buffer of the kernel, for packets among others'],
  ['slab', 'a small object of the kernel'],
  ['page-cache', 'a file that somebody has read or written'],
  ['page-table', 'bytes of a page table: chance'],
  ['anonymous', 'memory of a process by the kernel’s books, but no page table leads there'],
  ['standby', 'taken from a process, not yet used again'],
  ['modified', 'taken from a process, not yet written out'],
]);

/** Hits that no process maps, by what the kernel says of their pages. */
export function orphans(report: Report): Markup | null {
  const { orphans: groups } = report;
  if (groups.length === 0) return null;
  const ended = endedLine(report);
  return html`${table(
    [
      { title: 'Pages', kind: 'tight' },
      { title: 'Hits', kind: 'number' },
      { title: 'What that is' },
      { title: 'Forms' },
    ],
    groups
      .slice(0, MOST)
      .map(({ pageState, pageDetail, hits, byForm }) => [
        pageState,
        grouped(hits),
        html`${MEANINGS.get(pageState) ?? 'not known'}${pageDetail === null ? null : html`<span class="sub"><code>${pageDetail}</code></span>`}`,
        tally(byForm),
      ]),
    groups.length - MOST,
  )}${ended && html`<p class="more">${ended}</p>`}`;
}
