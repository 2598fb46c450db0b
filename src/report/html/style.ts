import { PALETTE_STYLE } from './palette.ts';
import { STYLE_OF_FIGURES } from './style-of-figures.ts';

const BASE = `
* { box-sizing: border-box; }
html { scroll-behavior: smooth; -webkit-text-size-adjust: 100%; }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
body {
  margin: 0; background: var(--ground); color: var(--ink);
  font: 15px/1.55 "Inter", "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  font-variant-numeric: tabular-nums; overflow-wrap: anywhere;
}
h1, h2, h3, h4, p, ul, ol, dl, dd, figure, table { margin: 0; padding: 0; }
h1, h2, h3, h4 { line-height: 1.25; text-wrap: balance; }
a { color: var(--link); text-underline-offset: 0.18em; text-decoration-thickness: 1px; }
a:focus-visible, summary:focus-visible, button:focus-visible, [tabindex]:focus-visible {
  outline: 2px solid var(--link); outline-offset: 2px; border-radius: 3px;
}
code, pre, .mono {
  font-family: ui-monospace, "SF Mono", SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace;
  font-size: 0.92em; unicode-bidi: isolate; font-variant-ligatures: none;
}
td, dd, .name { unicode-bidi: isolate; }
ul, ol { list-style: none; }
.muted { color: var(--muted); }
.small { font-size: 13px; }
.label { font-size: 12px; letter-spacing: 0.02em; color: var(--muted); }
.skip { position: absolute; left: -999px; }
.skip:focus { left: 1rem; top: 1rem; background: var(--sheet); padding: 0.5rem 1rem; z-index: 1; }
`;

const LAYOUT = `
.page { max-width: 1200px; margin: 0 auto; padding: 28px 32px 64px; }
.answer { background: var(--sheet); border: 1px solid var(--rule); border-top: 5px solid var(--colour); padding: 30px 34px 26px; border-radius: 4px; }
.answer-top { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 34px; align-items: start; }
.stamp { color: var(--colour); text-align: left; }
.stamp .word { display: block; font-weight: 750; font-size: 15px; letter-spacing: 0.01em; }
.stamp .score { display: block; font-size: 64px; line-height: 1; font-weight: 700; letter-spacing: -0.03em; margin-left: -3px; }
.stamp .of { display: block; color: var(--muted); font-size: 13px; margin-top: 2px; }
.answer h1 { font-size: 27px; font-weight: 650; letter-spacing: -0.012em; line-height: 1.27; text-wrap: pretty; }
.points { display: grid; gap: 6px; margin-top: 16px; }
.points div { display: grid; grid-template-columns: 4.2rem minmax(0, 1fr); }
.points dt { color: var(--muted); }
.facts { display: grid; grid-template-columns: repeat(4, minmax(0, 1fr)); gap: 16px 28px; margin-top: 24px; padding-top: 20px; border-top: 1px solid var(--rule); }
.facts dd { font-weight: 550; }
.facts dd span { display: block; font-weight: 400; color: var(--muted); font-size: 13px; }
.frame { display: grid; grid-template-columns: 9.5rem minmax(0, 1fr); gap: 44px; margin-top: 36px; }
.contents { position: sticky; top: 24px; align-self: start; font-size: 14px; }
.contents a { display: block; padding: 4px 0 4px 12px; color: var(--muted); text-decoration: none; border-left: 2px solid var(--rule); }
.contents a:hover { color: var(--ink); border-color: var(--ink); }
main > section { margin-bottom: 52px; scroll-margin-top: 20px; }
main h2 { font-size: 20px; font-weight: 650; letter-spacing: -0.01em; margin-bottom: 4px; }
main h2 + .lead { margin-bottom: 16px; }
.lead { color: var(--muted); max-width: 44rem; }
h4 { font-size: 14px; font-weight: 650; margin-bottom: 8px; }
.foot { margin-top: 8px; padding-top: 16px; border-top: 1px solid var(--rule); color: var(--muted); font-size: 13px; }
`;

const TABLES = `
table { width: 100%; border-collapse: collapse; font-size: 14px; }
th { text-align: left; font-weight: 500; font-size: 12.5px; color: var(--muted); padding: 0 12px 6px 0; border-bottom: 1px solid var(--ink); vertical-align: bottom; }
td { padding: 9px 12px 9px 0; border-bottom: 1px solid var(--rule); vertical-align: top; }
th:last-child, td:last-child { padding-right: 0; }
.number { text-align: right; white-space: nowrap; }
.tight { white-space: nowrap; width: 1%; max-width: 12rem; overflow: hidden; text-overflow: ellipsis; }
td .sub { display: block; color: var(--muted); font-size: 13px; line-height: 1.4; }
.pill { display: inline-block; color: var(--colour); border: 1px solid currentColor; border-radius: 3px; padding: 0 7px; font-size: 12.5px; font-weight: 600; line-height: 19px; white-space: nowrap; max-width: 100%; overflow: hidden; text-overflow: ellipsis; vertical-align: bottom; }
.pill.full { background: var(--colour); border-color: var(--colour); color: var(--sheet); }
.tag { display: inline-block; background: var(--inset); border-radius: 3px; padding: 0 6px; font-size: 12.5px; line-height: 20px; white-space: nowrap; max-width: 100%; overflow: hidden; text-overflow: ellipsis; vertical-align: bottom; }
.name { font-weight: 600; }
.part { margin-top: 16px; }
.more { padding-top: 10px; color: var(--muted); font-size: 13px; }
`;

const DETAILS = `
summary { cursor: pointer; }
details.fold { margin-top: 14px; }
details.fold > summary { color: var(--link); font-size: 14px; width: fit-content; }
details.fold[open] > summary { margin-bottom: 10px; }
.process { background: var(--sheet); border: 1px solid var(--rule); border-left: 4px solid var(--colour); border-radius: 4px; margin-top: 14px; }
.process > summary { display: flex; flex-wrap: wrap; align-items: baseline; gap: 4px 12px; padding: 14px 20px; list-style: none; }
.process > summary::-webkit-details-marker { display: none; }
.process > summary h3 { font-size: 17px; font-weight: 650; }
.process > summary .gist { color: var(--muted); font-size: 14px; flex: 1 1 14rem; }
.process > summary::after { content: "+"; color: var(--muted); font-size: 18px; line-height: 1; width: 1em; text-align: center; }
.process[open] > summary .gist { visibility: hidden; }
.process[open] > summary::after { content: "\\2013"; }
.process > .inside { padding: 2px 20px 22px; display: grid; gap: 26px; scroll-margin-top: 80px; }
.columns { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: 12px 40px; }
.reasons li { padding: 3px 0 3px 24px; position: relative; }
.reasons li::before { position: absolute; left: 2px; font-weight: 700; color: var(--colour); }
.reasons .for::before { content: "+"; }
.reasons .against::before { content: "\\2212"; }
.pairs { display: grid; gap: 5px; font-size: 14px; }
.pairs div { display: grid; grid-template-columns: 7.2rem minmax(0, 1fr); gap: 12px; }
.pairs dt { color: var(--muted); }
.card { display: grid; grid-template-columns: 15.5rem minmax(0, 1fr); gap: 10px 26px; padding: 16px 0; border-top: 1px solid var(--rule); }
.card .pairs div { grid-template-columns: 4.6rem minmax(0, 1fr); }
.card .pairs { font-size: 13px; gap: 3px; align-content: start; }
.quote { background: var(--inset); border-radius: 3px; padding: 10px 14px; white-space: pre-wrap; word-break: break-all; overflow-wrap: anywhere; line-height: 1.6; margin: 0; font-size: 13px; }
.dump { background: var(--inset); border-radius: 3px; padding: 10px 14px; overflow-x: auto; white-space: pre; word-break: normal; overflow-wrap: normal; line-height: 1.5; margin: 0; font-size: 12.5px; }
.dump i { font-style: normal; color: var(--muted); }
mark { background: var(--mark); color: inherit; border-radius: 2px; font-weight: 650; }
.quote mark { display: inline-block; max-width: 100%; line-height: 1.4; }
.card details.fold { margin-top: 8px; }
.card details.fold > summary { font-size: 13px; }
.steps > li { padding: 12px 0; border-top: 1px solid var(--rule); }
.command { display: flex; gap: 10px; align-items: flex-start; margin-top: 6px; }
.command pre { flex: 1; min-width: 0; margin: 0; background: var(--inset); border-radius: 3px; padding: 8px 12px; white-space: pre-wrap; overflow-wrap: anywhere; user-select: all; }
.command button { font: inherit; font-size: 13px; color: var(--link); background: none; border: 1px solid var(--rule); border-radius: 3px; padding: 6px 12px; min-width: 5rem; cursor: pointer; }
.command button:hover { border-color: var(--link); }
.names { columns: 15rem; column-gap: 24px; font-size: 14px; }
.names li { padding: 2px 0; break-inside: avoid; }
.warning { border-left: 3px solid var(--likely); padding: 4px 0 4px 12px; margin-top: 8px; }
`;

const NARROW = `
@media screen and (max-width: 820px) {
  .page { padding: 16px 16px 48px; }
  .answer { padding: 20px 18px; }
  .answer-top { grid-template-columns: minmax(0, 1fr); gap: 14px; }
  .stamp { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 8px; }
  .stamp .score { font-size: 40px; }
  .answer h1 { font-size: 21px; }
  .facts { grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 14px 18px; }
  .frame { display: block; margin-top: 20px; }
  .contents { position: static; margin-bottom: 28px; }
  .contents ul { display: flex; flex-wrap: wrap; gap: 2px 16px; }
  .contents a { border: 0; padding: 4px 0; text-decoration: underline; }
  .columns, .card { grid-template-columns: minmax(0, 1fr); }
  .process > summary, .process > .inside { padding-left: 14px; padding-right: 14px; }
  .process > summary h3 { flex: 1 1 60%; }
  .process > summary .gist { flex-basis: 100%; order: 9; }
  .points div { grid-template-columns: minmax(0, 1fr); }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  table, tbody { display: block; }
  tbody { border-top: 1px solid var(--rule); }
  tr { display: flex; flex-wrap: wrap; gap: 4px 18px; padding: 11px 0; border-bottom: 1px solid var(--rule); }
  td, td.number, td.tight { border: 0; padding: 0; text-align: left; white-space: normal; width: auto; max-width: 100%; }
  td::before { content: attr(data-label); margin-right: 6px; color: var(--muted); font-size: 12.5px; }
  td.wide { flex: 1 0 100%; }
  td.wide::before, td.plain:has(.pill, .score-cell, .reasons)::before, td.tight:has(.pill)::before { content: none; }
  td:empty { display: none; }
  .command { flex-direction: column; }
}
`;

const PRINT = `
@media print {
  body { font-size: 9.5pt; background: none; }
  table, .pairs { font-size: 8.5pt; }
  .score-cell { grid-template-columns: 2rem minmax(2rem, 5rem); }
  .answer h1 { font-size: 17pt; }
  .card { display: block; }
  .card .pairs { display: flex; flex-wrap: wrap; gap: 0 18px; margin-bottom: 6px; }
  .card .pairs div { display: flex; gap: 6px; }
  .page { padding: 0; max-width: none; }
  .contents, .skip, .command button { display: none; }
  .frame { display: block; }
  .answer, .process { border-color: #999; }
  .facts { grid-template-columns: repeat(4, minmax(0, 1fr)); }
  details::details-content { content-visibility: visible; block-size: auto; }
  .process > summary::after, .process[open] > summary::after { content: none; }
  h2, h3, h4, summary { break-after: avoid; }
  tr, .card, .steps > li, .figure { break-inside: avoid; }
  svg, .pill, .swatch, mark { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  .dump { white-space: pre-wrap; font-size: 7.5pt; padding: 4px 0; }
}
@page { margin: 16mm 14mm; }
`;

/** The page's style sheet: no font, picture or sheet from elsewhere. */
export const STYLE = [
  PALETTE_STYLE,
  BASE,
  LAYOUT,
  TABLES,
  DETAILS,
  STYLE_OF_FIGURES,
  NARROW,
  PRINT,
].join('');
