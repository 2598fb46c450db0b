import type { ReportProcess } from '../report.ts';
import { html, type Markup } from './html.ts';
import { grouped, plural, size } from './notation.ts';
import { colourOf } from './palette.ts';
import { layoutStrip, type Segment } from './strip-layout.ts';
import { table } from './table.ts';

const MOST_ROWS = 12;

/** The address space of a process as a strip, lowest address first: regions by kind, above them bars of their hits. */
export function addressStrip({ regions, name }: ReportProcess): Markup | null {
  const segments = layoutStrip(regions);
  const [first] = segments;
  const last = segments.at(-1);
  if (!first || !last) return null;
  const held = segments.filter(({ hits }) => hits > 0);
  const most = Math.max(1, ...held.map(({ hits }) => hits));
  const kinds = [...new Set(segments.flatMap(({ kind }) => kind ?? []))];
  return html`<figure class="figure">
    <h4>Where its hits lie</h4>
    <svg
      class="strip"
      height="84"
      role="group"
      aria-label="${`Address space of ${name}: ${plural(held.length, 'region')} with hits`}"
    >
      ${segments.map((segment) => drawn(segment, most))}${labels(held, most)}
    </svg>
    <div class="ends"><code>${hexOf(first.start)}</code><code>${hexOf(last.end)}</code></div>
    <ul class="legend">
      ${kinds
        .slice(0, 12)
        .map((kind) => html`<li><span class="swatch c-${colourOf(kind)}"></span>${kind}</li>`)}
      <li>widths grow with the logarithm of the size; | is a gap of 1 GiB or more</li>
    </ul>
    ${held.length > 0 ? heldRegions(held) : null}
  </figure>`;
}

/** The band of regions begins this far down, and bars of hits grow upwards from it; in CSS pixels. */
const BAND_TOP = 60;
const BAND = 20;
const TALLEST = 38;

function drawn(segment: Segment, most: number): Markup {
  const { x, width, kind, hits } = segment;
  const at = percent(x);
  if (kind === null) {
    return html`<rect
      class="gap"
      x="${percent(x + width / 2)}%"
      y="${BAND_TOP}"
      width="2"
      height="${BAND}"
      ><title>${described(segment)}</title></rect
    >`;
  }
  // A sliver of the ground is left between neighbours, so that two regions of a kind are seen as two.
  const wide = percent(Math.max(width - 0.12, width * 0.6));
  const colour = colourOf(kind);
  if (hits === 0) {
    return html`<rect
      class="fill empty c-${colour}"
      x="${at}%"
      y="${BAND_TOP}"
      width="${wide}%"
      height="${BAND}"
      ><title>${described(segment)}</title></rect
    >`;
  }
  const height = barHeight(hits, most);
  return html`<g role="img" class="c-${colour}"
    ><title>${described(segment)}</title
    ><rect class="fill" x="${at}%" y="${BAND_TOP}" width="${wide}%" height="${BAND}" /><rect
      class="fill"
      x="${at}%"
      y="${BAND_TOP - height - 2}"
      width="${wide}%"
      height="${height}"
  /></g>`;
}

/** Numbers of hits over their bars; where bars stand too close for two numbers, the title of the bar has it. */
function labels(held: readonly Segment[], most: number): Markup[] {
  let free = 0;
  return held.flatMap(({ x, width, hits }) => {
    const middle = x + width / 2;
    if (middle < free) return [];
    free = middle + 4.5;
    return [
      html`<text
        x="${percent(middle)}%"
        y="${BAND_TOP - barHeight(hits, most) - 7}"
        aria-hidden="true"
        >${grouped(hits)}</text
      >`,
    ];
  });
}

const barHeight = (hits: number, most: number): number =>
  Math.round(6 + ((TALLEST - 6) * Math.log(1 + hits)) / Math.log(1 + most));

function described({ start, end, kind, hits, regions }: Segment): string {
  const range = `${hexOf(start)} – ${hexOf(end)}`;
  if (kind === null) return `${size(end - start)} without regions, ${range}`;
  const [first] = regions;
  const name = first?.name ? `, ${first.name.slice(0, 120)}` : '';
  return regions.length > 1
    ? `${regions.length} regions: ${kind}${name} and others, no hits, ${range}`
    : `${kind}${name}, ${first?.protection ?? ''}, ${size(end - start)}, ${plural(hits, 'hit')}, ${range}`;
}

/** The same as text, for those who do not see the picture. */
function heldRegions(held: readonly Segment[]): Markup {
  const rows = held.toSorted((one, other) => other.hits - one.hits);
  return table(
    [
      { title: 'Region' },
      { title: 'From' },
      { title: 'Size', kind: 'number' },
      { title: 'Protection', kind: 'tight' },
      { title: 'Hits', kind: 'number' },
    ],
    rows
      .slice(0, MOST_ROWS)
      .map(({ kind, start, end, hits, regions: [region] }) => [
        html`<span class="swatch c-${colourOf(kind ?? '')}"></span>${kind}
          <span class="mono muted">${region?.name ?? ''}</span>`,
        html`<code>${hexOf(start)}</code>`,
        size(end - start),
        html`<code>${region?.protection ?? ''}</code>`,
        grouped(hits),
      ]),
    rows.length - MOST_ROWS,
  );
}

const hexOf = (address: bigint): string => `0x${address.toString(16)}`;
const percent = (value: number): string => value.toFixed(2);
