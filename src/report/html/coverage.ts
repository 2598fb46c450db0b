import { agreementLines } from '../agreements.ts';
import { notInMemoryLines } from '../not-in-memory.ts';
import type { Report } from '../report.ts';
import { defang } from '../text-safety.ts';
import { html, type Markup } from './html.ts';
import { grouped, moment, plural, size } from './notation.ts';
import { more, pairs } from './table.ts';

const MOST = 20;

/** What was searched, and what could not be. */
export function coverage({ coverage: seen, hits, warnings, image }: Report): Markup {
  const phantoms = hits.filter(({ flags }) => flags.includes('phantom')).length;
  const lost = Object.entries(seen.hitsNotKept);
  const unseen = notInMemoryLines(seen);
  const mapped = agreementLines(seen);
  const incomplete = seen.incompleteProcesses;
  const told = warnings.slice(0, MOST).map((warning) => html`<p class="warning">${warning}</p>`);
  if (!image)
    return html`<p>There is no image: live only.</p>
      ${told}${more(warnings.length - MOST)}`;
  return html`${pairs([
    ['searched', `${size(seen.bytesSearched)} of ${size(seen.imageBytes)}`],
    ['holes', seen.holeCount === 0 ? 'none' : holes(seen)],
    ['processes', `${grouped(seen.processes)}, and ${plural(seen.kernelThreads, 'kernel thread')}`],
    [
      'page tables',
      incomplete.length === 0
        ? 'complete for every process'
        : `partly missing for ${incomplete
            .slice(0, MOST)
            .map(({ name, pid, missingTables }) => `${name} (PID ${pid}, ${missingTables} missing)`)
            .join(', ')}`,
    ],
    ['not in memory', unseen.length === 0 ? null : unseen.map((line) => html`${line}<br />`)],
    ['confirmed', mapped.length === 0 ? null : mapped.map((line) => html`${line}<br />`)],
    [
      'page edges',
      seen.nearMissesAtPageEdges + phantoms === 0
        ? null
        : `${plural(seen.nearMissesAtPageEdges + phantoms, 'text')} only where unrelated pages lie side by side: given to nobody`,
    ],
    [
      'not kept',
      lost.length === 0
        ? null
        : lost
            .slice(0, MOST)
            .map(
              ([text, count]) =>
                html`${defang(text.slice(0, 500))}: ${plural(count, 'further hit')} counted, not
                  kept<br />`,
            ),
    ],
  ])}${told}${more(warnings.length - MOST)}`;
}

const holes = ({ holes: all, holeCount }: Report['coverage']): Markup =>
  html`${plural(holeCount, 'gap')}:
  ${all.slice(0, 6).map(({ start, end }) => html`<code>${start}–${end}</code> `)}${holeCount > 6 ? '…' : null}`;

/** What another examiner needs to do the same again. */
export function reproduction(report: Report): Markup {
  const { tool, engine, image, indicators, proxy, privacy, timings, version } = report;
  const spent = Object.entries(timings).slice(0, MOST);
  const total = spent.reduce((sum, [, time]) => sum + time, 0);
  return pairs([
    ...(image ? imagePairs(image) : [['image', 'none: live only'] as const]),
    [
      'asked for',
      indicators
        .slice(0, MOST)
        .map(
          ({ given, kind, origin }) =>
            html`<code>${given}</code> (${kind}${origin === 'pivot' ? ', a pivot' : null})<br />`,
        ),
    ],
    [
      'proxy',
      proxy === null
        ? 'none given, none inferred'
        : `${proxy.address}:${proxy.port}, ${proxy.source}`,
    ],
    ['tool', `${tool.name} ${tool.version}, engine ${engine}, report version ${version}`],
    ['contexts', CONTEXTS[privacy]],
    [
      'time spent',
      `${(total / 1000).toFixed(1)} s (${spent.map(([phase, time]) => `${phase} ${Math.round(time)} ms`).join(', ')})`,
    ],
  ]);
}

const imagePairs = (image: NonNullable<Report['image']>) =>
  [
    ['image', html`<code>${image.path}</code>`],
    [
      'format',
      `${image.format}${image.container === 'none' ? '' : ` in ${image.container}`}, ${size(image.fileBytes)} (${grouped(image.fileBytes)} bytes)`,
    ],
    [
      'SHA-256',
      image.sha256 === null
        ? html`<span class="muted">not computed</span>`
        : html`<code>${image.sha256}</code>`,
    ],
  ] as const;

const CONTEXTS: Readonly<Record<Report['privacy'], string>> = {
  none: 'no text of the memory is shown',
  redacted: 'credentials, cookies and tokens are masked',
  full: 'the memory’s own text is shown unmasked: it may hold passwords',
};

export const captured = (iso: string | null): string => (iso === null ? 'not known' : moment(iso));
