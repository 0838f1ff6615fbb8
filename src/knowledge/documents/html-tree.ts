/** The tree of an HTML page, as its readers walk it, and its tables as rows. */
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
export function attributeValue(element: Element | null, name: string): string {
  return element?.attrs.find((attribute) => attribute.name === name)?.value ?? "";
}

// Tables as rows that name their columns, so that each row can be read and cited by itself.

/** More rows than this are data and no text. */
const ROWS_MAX = 500;
const SPAN_MAX = 20;

/** The text of a table's cells, of as many rows as are read, and whether its first row names the columns. */
export function tableCells(
  table: Element,
  textOf: (cell: Element) => string,
): { readonly rows: readonly (readonly string[])[]; readonly headed: boolean } {
  const lines = tableRowElements(table).slice(0, ROWS_MAX + 1);
  const rows = lines.map((line) =>
    cellsIn(line).flatMap((cell) => {
      const span = Number(attributeValue(cell, "colspan") || "1");
      const more = Number.isInteger(span) ? Math.min(SPAN_MAX, span) - 1 : 0;
      return [textOf(cell), ...Array.from({ length: Math.max(0, more) }, () => "")];
    }),
  );
  const [first] = lines;
  const headed =
    first !== undefined &&
    cellsIn(first).length > 1 &&
    (first.parentNode?.nodeName === "thead" ||
      cellsIn(first).every(({ tagName }) => tagName === "th"));
  return { rows, headed };
}

/** A list, an item a row: "Country: Norway · Days: 3 to 5". */
export function rowList(rows: readonly (readonly string[])[], headed: boolean): string {
  const [head = [], ...rest] = rows;
  const named = headed && rest.length > 0;
  const items = (named ? rest : rows).slice(0, ROWS_MAX).map((row) =>
    row
      .map((cell, at) => {
        const column = named ? (head[at] ?? "").trim() : "";
        const text = cell.trim();
        return text === "" || column === "" || column === text ? text : `${column}: ${text}`;
      })
      .filter((cell) => cell !== "")
      .join(" · "),
  );
  return `<ul>${items
    .filter((item) => item !== "")
    .map((item) => `<li>${escaped(item)}</li>`)
    .join("")}</ul>`;
}

function tableRowElements(table: Element): readonly Element[] {
  return elementsIn(table).flatMap((child) =>
    child.tagName === "tr" ? [child] : elementsIn(child).filter(({ tagName }) => tagName === "tr"),
  );
}

function cellsIn(line: Element): readonly Element[] {
  return elementsIn(line).filter(({ tagName }) => tagName === "td" || tagName === "th");
}

function elementsIn(parent: Element): readonly Element[] {
  return parent.childNodes.filter(isElement);
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
