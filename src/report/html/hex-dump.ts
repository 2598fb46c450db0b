import type { EvidenceCard } from '../report.ts';
import { constant, html, type Markup } from './html.ts';
import { addressOf } from './notation.ts';

const ROW = 16;
/** 64 units of two bytes on either side of the longest URL that is sensible to show. */
const MOST_ROWS = 40;
const LINE_END = constant('\n');

/**
 * The bytes of a card as they are, sixteen to a row: address, hex, printable ASCII; the indicator's marked. Addresses are
 * virtual where the process maps the bytes, for only there they follow each other; else physical.
 */
export function hexDump(card: EvidenceCard): Markup | null {
  const bytes = card.bytes.match(/[0-9a-f]{2}|\*\*/g) ?? [];
  if (bytes.length === 0) return null;
  const unit = card.encoding === 'utf16le' ? 2 : 1;
  const from = card.at * unit;
  const until = from + card.length * unit;
  const base = (addressOf(card.virtualAddress ?? card.physicalAddress) ?? 0n) - BigInt(from);
  const rows = Array.from(
    { length: Math.min(Math.ceil(bytes.length / ROW), MOST_ROWS) },
    (_, row) => {
      const at = row * ROW;
      const shown = bytes.slice(at, at + ROW);
      const isMarked = (index: number) => at + index >= from && at + index < until;
      const padding = ' '.repeat((ROW - shown.length) * 3 + 2);
      const address = html`<i>${addressText(base + BigInt(at))}</i>${'  '}`;
      const hex = marked(shown, isMarked, ' ');
      const text = marked(shown.map(printable), isMarked, '');
      return html`${address}${hex}${padding}${text}${LINE_END}`;
    },
  );
  return html`<pre class="dump" tabindex="0" role="group" aria-label="Hex dump">${rows}</pre>`;
}

/** Cells with a separator between them; runs of marked cells stand in one `mark`. */
function marked(
  cells: readonly string[],
  isMarked: (index: number) => boolean,
  separator: string,
): Markup[] {
  const runs: { isMarked: boolean; cells: string[] }[] = [];
  cells.forEach((cell, index) => {
    const last = runs.at(-1);
    if (last?.isMarked === isMarked(index)) last.cells.push(cell);
    else runs.push({ isMarked: isMarked(index), cells: [cell] });
  });
  return runs.map((run, index) => {
    const text = run.cells.join(separator);
    const gap = index === 0 ? '' : separator;
    return run.isMarked ? html`${gap}<mark>${text}</mark>` : html`${gap}${text}`;
  });
}

function printable(byte: string): string {
  if (byte === '**') return '*';
  const code = Number.parseInt(byte, 16);
  return code >= 0x20 && code < 0x7f ? String.fromCharCode(code) : '.';
}

const addressText = (address: bigint): string =>
  (address < 0n ? 0n : address).toString(16).padStart(12, '0');
