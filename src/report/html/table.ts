import { grouped } from './notation.ts';
import { html, type Markup, type Value } from './html.ts';

export interface Column {
  readonly title: string;
  /** `number` is set flush right, `tight` is as wide as its text, `wide` needs no label where rows become cards. */
  readonly kind?: 'number' | 'tight' | 'wide';
}

/** A table whose rows become cards on a narrow screen, each cell with its column's title before it. */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly Value[])[],
  left = 0,
): Markup {
  const cell = (value: Value, index: number) =>
    html`<td class="${columns[index]?.kind ?? 'plain'}" data-label="${columns[index]?.title ?? ''}">
      ${value}
    </td>`;
  return html`<table>
      <thead>
        <tr>
          ${columns.map(
            ({ title, kind }) => html`<th scope="col" class="${kind ?? 'plain'}">${title}</th>`,
          )}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (row) =>
            html`<tr>
              ${row.map(cell)}
            </tr>`,
        )}
      </tbody>
    </table>
    ${more(left)}`;
}

/** What a bound left out is told. */
export const more = (left: number): Markup | null =>
  left > 0 ? html`<p class="more">… and ${grouped(left)} more in the JSON report</p>` : null;

/** Names and values; what is null is left out. */
export const pairs = (values: readonly (readonly [string, Value])[]): Markup =>
  html`<dl class="pairs">
    ${values
      .filter(([, value]) => value !== null)
      .map(
        ([name, value]) =>
          html`<div>
            <dt>${name}</dt>
            <dd>${value}</dd>
          </div>`,
      )}
  </dl>`;
