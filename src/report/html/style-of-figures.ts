/** Bars, the strip of an address space, and the process tree. */
export const STYLE_OF_FIGURES = `
svg { display: block; width: 100%; overflow: visible; }
.track { fill: var(--rule); }
.fill { fill: var(--colour); }
.tick { fill: var(--sheet); }
.score-cell { display: grid; grid-template-columns: 2.2rem minmax(3rem, 8.5rem); gap: 8px; align-items: center; }
.score-cell b { text-align: right; font-weight: 650; }
.score-cell svg { height: 8px; }
.shares { margin-top: 24px; }
.shares svg { height: 12px; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 20px; margin-top: 8px; font-size: 13px; color: var(--muted); }
.legend b { color: var(--ink); font-weight: 600; }
.swatch { display: inline-block; width: 9px; height: 9px; border-radius: 2px; background: var(--colour); margin-right: 6px; }
.strip { height: 84px; }
.strip text { font-size: 12px; fill: var(--ink); font-weight: 600; text-anchor: middle; }
.strip .empty { opacity: 0.38; }
.strip .gap { fill: var(--muted); }
.strip + .ends + .legend { margin-bottom: 14px; }
.ends { display: flex; justify-content: space-between; font-size: 12px; color: var(--muted); }
.contribution svg { height: 6px; min-width: 6rem; margin-top: 8px; }
.tree, .tree ul { list-style: none; }
.tree { font-size: 14px; }
.tree ul { margin-left: 7px; padding-left: 20px; border-left: 1px solid var(--rule); }
.tree li { padding: 2px 0; position: relative; }
.tree ul > li::before { content: ""; position: absolute; left: -20px; top: 14px; width: 14px; border-top: 1px solid var(--rule); }
.tree .node { display: inline-flex; flex-wrap: wrap; gap: 2px 8px; align-items: baseline; }
.tree .bystander { color: var(--muted); font-weight: 400; }
@media screen and (max-width: 820px) {
  .strip { height: 78px; }
  .tree ul { padding-left: 12px; }
  .tree ul > li::before { left: -12px; width: 8px; }
}
`;
