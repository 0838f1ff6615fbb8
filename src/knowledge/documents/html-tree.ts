/** The tree of an HTML page, as its readers walk it: its tables as rows, and what a page and a sitemap of a site say to machines. */
import { defaultTreeAdapter, type DefaultTreeAdapterTypes, parse, parseFragment } from "parse5";
import { asksUnlisted, type PageSigns, type Sitemap, Unreadable } from "./document.ts";

type Node = DefaultTreeAdapterTypes.ChildNode;
/** An element of a page. */
export type Element = DefaultTreeAdapterTypes.Element;
/** What has children: an element, or the page itself. */
export type Parent = DefaultTreeAdapterTypes.ParentNode;

/** Deeper than this no person nests; every reader of a tree calls itself once a level. */
export const DEPTH_MAX = 200;

/** More tags than this are no page a person reads; the tree of such a page would fill the memory. */
const TAGS_MAX = 120_000;
/** Elements that may be open at one place, of which some are never closed and do not nest: the parser looks through all of them at each tag. */
const OPEN_MAX = 2 * DEPTH_MAX;

/** The tree of a whole page. Throws `Unreadable` for a page too large or too deep to read. */
export function parsedPage(html: string): DefaultTreeAdapterTypes.Document {
  return parse(html, { treeAdapter: boundedBuilder(html) });
}

/** The tree of a piece of HTML that has nothing around it. Throws `Unreadable` as well. */
export function parsedPart(html: string): DefaultTreeAdapterTypes.DocumentFragment {
  return parseFragment(html, { treeAdapter: boundedBuilder(html) });
}

/** Builds the tree of one page, and stops where it becomes too deep. Tags are counted before a tree of them takes memory. */
function boundedBuilder(html: string): typeof defaultTreeAdapter {
  if (html.split("<").length > TAGS_MAX)
    throw new Unreadable("it has more tags than a page that people read");
  let open = 0;
  return {
    ...defaultTreeAdapter,
    onItemPush() {
      open += 1;
      if (open > OPEN_MAX) throw new Unreadable("it is nested deeper than a page that people read");
    },
    onItemPop() {
      open -= 1;
    },
  };
}

const NO_TEXT: ReadonlySet<string> = new Set(
  "script style noscript template iframe object embed svg canvas audio video button input select textarea dialog head img picture".split(
    " ",
  ),
);

/** True for what is never text of the page. A button that opens a part of it is that part's heading. */
export function isNoText(element: Element): boolean {
  if (element.tagName !== "button") return NO_TEXT.has(element.tagName);
  const opens = element.attrs.some(
    ({ name }) => name === "aria-controls" || name === "aria-expanded",
  );
  return !opens && !/^h[1-6]$/.test(element.parentNode?.nodeName ?? "");
}

/** All words in an element, as one line. */
export function wordsIn(element: Parent): string {
  const texts: string[] = [];
  const collect = (parent: Parent, depth: number): void => {
    if (depth > DEPTH_MAX) return;
    for (const node of parent.childNodes) {
      if ("value" in node && node.nodeName === "#text") texts.push(node.value);
      else if (isElement(node) && !isNoText(node)) collect(node, depth + 1);
    }
  };
  collect(element, 0);
  return texts.join(" ").replaceAll(/\s+/g, " ").trim();
}

/** Every element below, outermost first, in the order of the page. */
export function elementsBelow(parent: Parent): readonly Element[] {
  const elements: Element[] = [];
  const collect = (from: Parent, depth: number): void => {
    if (depth > DEPTH_MAX) return;
    for (const node of from.childNodes) {
      if (!isElement(node)) continue;
      elements.push(node);
      if (node.childNodes.length > 0) collect(node, depth + 1);
    }
  };
  collect(parent, 0);
  return elements;
}

/** Whether a node is an element. */
export function isElement(node: Node): node is Element {
  return "tagName" in node;
}

/** An attribute's value; empty where there is none. */
export function attributeValue(element: Element | undefined, name: string): string {
  if (element === undefined || element.attrs.length === 0) return "";
  return element.attrs.find((attribute) => attribute.name === name)?.value ?? "";
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
    .map((item) => `<li>${item.replaceAll("&", "&amp;").replaceAll("<", "&lt;")}</li>`)
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

/** A page with more links is a directory, and a site is not read that far anyway. */
const LINKS_MAX = 10_000;

/** Throws `Unreadable` for a page too large to read. */
export function pageSigns(html: string): PageSigns {
  const links: string[] = [];
  let isUnlisted = false;
  for (const element of elementsBelow(parsedPage(html))) {
    const link = element.tagName === "a" ? attributeValue(element, "href") : "";
    if (link !== "" && links.length < LINKS_MAX) links.push(link);
    if (element.tagName === "meta" && attributeValue(element, "name").toLowerCase() === "robots")
      isUnlisted ||= asksUnlisted(attributeValue(element, "content"));
  }
  return { links, isUnlisted };
}

/** What a sitemap may hold (sitemaps.org, protocol 0.9). */
const ADDRESSES_MAX = 50_000;
const ADDRESS_CHARACTERS_MAX = 2_048;

/** Total: what names no address is passed over. */
export function readSitemap(xml: string): Sitemap {
  const addresses = xml
    .split(/<loc>/i)
    .slice(1, ADDRESSES_MAX + 1)
    .map((rest) => {
      const text = rest.slice(0, ADDRESS_CHARACTERS_MAX).trimStart();
      const [address = ""] = text.replace(/^<!\[CDATA\[/i, "").split(/[<\]]/, 1);
      return address.trim().replaceAll("&amp;", "&");
    })
    .filter((address) => address !== "");
  return { isIndex: /<sitemapindex[\s>]/i.test(xml), addresses };
}
