import { AGREEMENT_WORDS } from '../agreements.ts';
import type { EvidenceCard } from '../report.ts';
import { hexDump } from './hex-dump.ts';
import { html, type Markup } from './html.ts';
import type { Tell } from './notation.ts';
import { pairs } from './table.ts';

/** A hit in its surroundings: where it stands, the text around it, and the same bytes in hex. */
export function evidenceCard(card: EvidenceCard, tell: Tell, isHexOpen: boolean): Markup {
  const { form, encoding, region, regionName, protection, pageState } = card;
  const dump = hexDump(card);
  const said = card.agreement && AGREEMENT_WORDS[card.agreement];
  return html`<li class="card figure">
    ${pairs([
      ['form', html`<b>${form}</b>${encoding === 'ascii' ? null : `, ${encoding}`}`],
      [
        'region',
        regionName === null || regionName === region ? region : `${region}, ${regionName}`,
      ],
      ['rights', protection === null ? null : html`<code>${protection}</code>`],
      ['virtual', card.virtualAddress === null ? null : html`<code>${card.virtualAddress}</code>`],
      ['physical', html`<code>${card.physicalAddress}</code>`],
      ['page', said === null ? pageState : `${pageState}, ${said}`],
    ])}
    <div>
      ${quote(card, tell)}${
        dump &&
        (isHexOpen
          ? html`<details class="fold" open>
              <summary>Bytes</summary>
              ${dump}
            </details>`
          : html`<details class="fold">
              <summary>Bytes</summary>
              ${dump}
            </details>`)
      }
    </div>
  </li>`;
}

function quote({ text, at, length }: EvidenceCard, tell: Tell): Markup {
  if (text === '') return html`<p class="muted">The surroundings are not part of this report.</p>`;
  const parts = [text.slice(0, at), text.slice(at, at + length), text.slice(at + length)];
  const [before = '', found = '', after = ''] = parts.map(tell);
  return html`<pre class="quote">${before}<mark>${found}</mark>${after}</pre>`;
}
