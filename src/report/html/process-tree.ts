import type { Report } from '../report.ts';
import { verdictPill } from './bars.ts';
import { html, type Markup } from './html.ts';
import { more } from './table.ts';

type Node = Report['tree'][number];

const MOST_NODES = 200;
/** Deeper generations are drawn beside each other: parsers of HTML end at some 500 levels, screens far earlier. */
const DEEPEST = 12;

/** The processes of the answer under their parents; a chain of parents that closes in a ring is cut at its first member. */
export function processTree({ tree }: Report): Markup | null {
  if (tree.length === 0) return null;
  const nodes = tree.slice(0, MOST_NODES);
  const children = new Map<number | null, Node[]>();
  for (const node of nodes) {
    children.set(node.ppid, [...(children.get(node.ppid) ?? []), node]);
  }
  const pids = new Set(nodes.map(({ pid }) => pid));
  const drawn = new Set<Node>();

  const branch = (node: Node, depth: number): Markup[] => {
    if (drawn.has(node)) return [];
    drawn.add(node);
    const below = () => (children.get(node.pid) ?? []).flatMap((child) => branch(child, depth + 1));
    if (depth >= DEEPEST) return [html`<li>${label(node)}</li>`, ...below()];
    const inner = below();
    return [
      html`<li>
        ${label(node)}${
          inner.length > 0
            ? html`<ul>
                ${inner}
              </ul>`
            : null
        }
      </li>`,
    ];
  };
  const roots = nodes.filter(({ pid, ppid }) => ppid === null || ppid === pid || !pids.has(ppid));
  return html`<ul class="tree">
      ${[...roots, ...nodes].flatMap((node) => branch(node, 0))}
    </ul>
    ${more(tree.length - nodes.length)}`;
}

const label = ({ name, pid, verdict }: Node): Markup =>
  verdict === null
    ? html`<span class="node bystander">${name} <span class="small">${pid}</span></span>`
    : html`<span class="node"
        ><span class="name">${name}</span>
        <span class="muted small">${pid}</span> ${verdictPill(verdict)}</span
      >`;
