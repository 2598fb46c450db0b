import { type DefaultTreeAdapterTypes, parse } from 'parse5';

type Node = DefaultTreeAdapterTypes.Node;
export type Element = DefaultTreeAdapterTypes.Element;

/** Every element of a page, as a browser's parser sees it, in the order of the document. */
export function elementsOf(page: string): Element[] {
  const found: Element[] = [];
  const waiting: Node[] = [parse(page)];
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    if ('tagName' in node) found.push(node);
    if ('childNodes' in node) waiting.push(...node.childNodes.toReversed());
  }
  return found;
}

export const attributeOf = ({ attrs }: Element, name: string): string | null =>
  attrs.find((one) => one.name === name)?.value ?? null;

/** The text of an element or page; style and script are none. */
export function textOf(of: string | Element): string {
  let text = '';
  const waiting: Node[] = [typeof of === 'string' ? parse(of) : of];
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    if ('value' in node) text += node.value;
    const isShown = !('tagName' in node) || (node.tagName !== 'style' && node.tagName !== 'script');
    if (isShown && 'childNodes' in node) waiting.push(...node.childNodes.toReversed());
  }
  return text;
}

/** Elements whose attribute `class` holds a word. */
export const ofClass = (page: string, word: string): Element[] =>
  elementsOf(page).filter((one) => attributeOf(one, 'class')?.split(' ').includes(word));

/** The elements and the names of their attributes, without any text: what text can never change. */
export const shapeOf = (page: string): string[] =>
  elementsOf(page).map(
    (one) =>
      `${one.parentNode?.nodeName}>${one.tagName}[${one.attrs.map(({ name }) => name).join()}]`,
  );
