/** The tree of an HTML page, as its readers walk it. */
import type { DefaultTreeAdapterTypes } from "parse5";

type Node = DefaultTreeAdapterTypes.ChildNode;
/** An element of a page. */
export type Element = DefaultTreeAdapterTypes.Element;
/** What has children: an element, or the page itself. */
export type Parent = DefaultTreeAdapterTypes.ParentNode;

/** Deeper than this no person nests; every reader of a tree calls itself once a level. */
export const DEPTH_MAX = 200;

/** Never text of the page. */
export const NO_TEXT: ReadonlySet<string> = new Set(
  "script style noscript template iframe object embed svg canvas audio video button input select textarea dialog head img picture".split(
    " ",
  ),
);

/** All words in an element, as one line. */
export function wordsIn(element: Parent): string {
  const texts: string[] = [];
  const collect = (parent: Parent, depth: number): void => {
    if (depth > DEPTH_MAX) return;
    for (const node of parent.childNodes) {
      if ("value" in node && node.nodeName === "#text") texts.push(node.value);
      else if (isElement(node) && !NO_TEXT.has(node.tagName)) collect(node, depth + 1);
    }
  };
  collect(element, 0);
  return texts.join(" ").replaceAll(/\s+/g, " ").trim();
}

/** The first element that fits, from the outside in; null when there is none. */
export function elementIn(parent: Parent, fits: (element: Element) => boolean): Element | null {
  let found: Element | null = null;
  visit(
    parent,
    (element) => {
      if (found === null && fits(element)) found = element;
    },
    0,
  );
  return found;
}

/** Tells every element below, outermost first. */
export function visit(parent: Parent, tell: (element: Element) => void, depth: number): void {
  if (depth > DEPTH_MAX) return;
  for (const node of parent.childNodes) {
    if (!isElement(node)) continue;
    tell(node);
    visit(node, tell, depth + 1);
  }
}

/** Whether a node is an element. */
export function isElement(node: Node): node is Element {
  return "tagName" in node;
}

/** An attribute's value; empty where there is none. */
export function attributeOf(element: Element | null, name: string): string {
  return element?.attrs.find((attribute) => attribute.name === name)?.value ?? "";
}
