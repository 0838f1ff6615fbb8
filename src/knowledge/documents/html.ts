/** Reads HTML pages: the page's own text without what stands around it on every page. */

import { tokensOf } from "#text/html-tokens.ts";
import { parse, parseFragment, serializeOuter } from "parse5";
import {
  type Concealment,
  elementConcealment,
  hiddenSelectors,
  isConcealed,
  isSelected,
  NOT_CONCEALED,
} from "#text/hidden-style.ts";
import { fullDocument, type ReadDocument, tidied, Unreadable } from "./document.ts";
import {
  attributeValue,
  DEPTH_MAX,
  type Element,
  elementIn,
  isElement,
  NO_TEXT,
  type Parent,
  visit,
  wordsIn,
  tableCells,
  rowList,
} from "./html-tree.ts";
import Turndown from "turndown";

/** More tags than this are no page a person reads; the tree of such a page would fill the memory. */
const TAGS_MAX = 120_000;

/** What stands around the text, on every page of a site, by the element's name, its role or its class. */
const AROUND_NAMES: ReadonlySet<string> = new Set(["nav", "header", "footer", "aside"]);
const AROUND_ROLES: ReadonlySet<string> = new Set([
  "navigation",
  "banner",
  "contentinfo",
  "search",
  "complementary",
  "dialog",
  "alertdialog",
  "menu",
]);
const AROUND_CLASSES =
  /(?:^|[\s_-])(?:breadcrumbs?|sidebar|sidenav|skip-?(?:nav|link|to-content)|skipnav|cookie-(?:banner|message|notice)|toc|table-of-contents|pagination)(?:$|[\s_-])/i;

/** Reads a whole page. Throws `Unreadable` for a page too large or too deep to read. */
export function readHtml(html: string): ReadDocument {
  const root = parse(checked(html));
  const body = elementIn(root, (element) => element.tagName === "body");
  if (body === null) throw new Unreadable("it has no text");
  const heading = elementIn(body, (element) => element.tagName === "h1");
  const head = elementIn(root, (element) => element.tagName === "title");
  const title =
    [heading, head]
      .map((element) => (element === null ? "" : wordsIn(element)))
      .find((text) => text !== "") ?? "";
  const language = attributeValue(
    elementIn(root, (element) => element.tagName === "html"),
    "lang",
  );
  const { hidden, shown } = withoutHidden(body, hidingRules(root));
  const exported = exportedPage(shown);
  const main = exported?.main ?? mainElement(shown);
  removeAround(main);
  const text = treeMarkdown(main);
  if (exported === null) return fullDocument({ title, language, hidden, text });
  return fullDocument({ title: exported.title, language, hidden, fields: exported.fields, text });
}

/** The text of a piece of HTML that has nothing around it, such as an article from an interface. */
export function markdownOfHtml(html: string): { readonly text: string; readonly hidden: string } {
  const root = parseFragment(checked(html));
  const { hidden, shown } = withoutHidden(root, hidingRules(root));
  return { hidden, text: treeMarkdown(shown) };
}

/** The page; throws `Unreadable` for one too large. Counted in the text, before a tree of it takes memory. */
export function checked(html: string): string {
  if (html.split("<").length > TAGS_MAX)
    throw new Unreadable("it has more tags than a page that people read");
  if (isTooDeep(html)) throw new Unreadable("it is nested deeper than a page that people read");
  return html;
}

/** Elements that are closed by the next of their kind or by what follows, or hold nothing (HTML 13.1.2): their tags do not nest. */
const NOT_NESTING = new Set(
  `a button nobr area base br col embed hr img input link meta source track wbr html head body p li dt dd option optgroup colgroup
  caption thead tbody tfoot tr td th rt rp`.split(/\s+/),
);

/** Whether more elements are open at one place than a page has: the parser looks through all of them at each tag. */
function isTooDeep(html: string): boolean {
  let open = 0;
  for (const token of tokensOf(html)) {
    if (token.kind !== "start" && token.kind !== "end") continue;
    if (NOT_NESTING.has(token.name)) continue;
    open = token.kind === "start" ? open + 1 : Math.max(0, open - 1);
    if (open > OPEN_MAX) return true;
  }
  return false;
}

/** Twice what is read, since tags that are never closed count here and do not nest in every case. */
const OPEN_MAX = 2 * DEPTH_MAX;

/** Names that style sheets give to what only screen readers say; a page may hide them in a sheet of another address. */
const UNSEEN_CLASSES = [".sr-only", ".visually-hidden", ".screen-reader-text"];

/** The selectors whose elements the page's own style sheets hide. */
function hidingRules(root: Parent): ReadonlySet<string> {
  const rules = new Set(UNSEEN_CLASSES);
  visit(
    root,
    (element) => {
      if (element.tagName !== "style") return;
      const [sheet] = element.childNodes;
      if (sheet !== undefined && "value" in sheet)
        for (const selector of hiddenSelectors(sheet.value)) rules.add(selector);
    },
    0,
  );
  return rules;
}

/**
 * Takes out what a person would not see, and returns its text: that is where instructions to a model are put. The
 * closed half of an accordion is no hidden text, since a button beside it says that it is there.
 */
function withoutHidden<Root extends Parent>(
  root: Root,
  rules: ReadonlySet<string>,
): { readonly hidden: string; readonly shown: Root } {
  const folded = new Set<string>();
  visit(root, (element) => void folded.add(attributeValue(element, "aria-controls")), 0);
  const found: string[] = [];
  const clean = (parent: Parent, above: Concealment, depth: number): void => {
    if (depth > DEPTH_MAX) throw new Unreadable("it is nested deeper than a page that people read");
    parent.childNodes = parent.childNodes.filter((node) => {
      if (node.nodeName === "#comment") return false;
      if (!isElement(node)) return true;
      if (NO_TEXT.has(node.tagName)) return false;
      const attributes = new Map(node.attrs.map(({ name, value }) => [name, value]));
      const here = elementConcealment(node.tagName, attributes, above);
      const isFolded = folded.has(attributes.get("id") ?? "\0") || node.tagName === "details";
      const isRuled = rules.has(node.tagName) || isSelected(rules, node.tagName, attributes);
      if ((isConcealed(here) || isRuled) && !isFolded) {
        found.push(wordsIn(node));
        return false;
      }
      clean(node, isFolded ? NOT_CONCEALED : here, depth + 1);
      return true;
    });
  };
  clean(root, NOT_CONCEALED, 0);
  return { hidden: found.filter((text) => text !== "").join("\n"), shown: root };
}

/** The element with the page's own text: the first of these kinds of which there is exactly one with enough of it. */
function mainElement(body: Element): Element {
  const whole = wordsIn(body).length;
  const kinds: readonly ((element: Element) => boolean)[] = [
    (element) => element.tagName === "article",
    (element) => element.tagName === "main" || attributeValue(element, "role") === "main",
    (element) => /^(?:content|main|main-content)$/.test(attributeValue(element, "id")),
  ];
  for (const kind of kinds) {
    const found: Element[] = [];
    visit(body, (element) => void (kind(element) && found.push(element)), 0);
    const [only, ...others] = found;
    // Of several articles none is the page: then it is a list of them.
    if (
      only !== undefined &&
      others.length === 0 &&
      wordsIn(only).length >= Math.min(300, whole / 4)
    )
      return only;
  }
  return body;
}

function removeAround(parent: Parent): void {
  parent.childNodes = parent.childNodes.filter((node) => {
    if (!isElement(node)) return true;
    if (isAround(node)) return false;
    removeAround(node);
    return true;
  });
}

function isAround(element: Element): boolean {
  const name = element.tagName;
  // A page's own title may stand in a header of its own.
  if (
    name === "header" &&
    elementIn(element, (inner) => /^h[1-3]$/.test(inner.tagName)) !== null &&
    elementIn(element, (inner) => inner.tagName === "nav") === null
  )
    return false;
  return (
    AROUND_NAMES.has(name) ||
    AROUND_ROLES.has(attributeValue(element, "role")) ||
    AROUND_CLASSES.test(`${attributeValue(element, "class")} ${attributeValue(element, "id")}`)
  );
}

function treeMarkdown(root: Parent): string {
  replaceTables(root);
  const html = root.childNodes
    .map((node) => ("tagName" in node || node.nodeName === "#text" ? serializeOuter(node) : ""))
    .join("");
  return tidied(turndown.turndown(`<div>${html}</div>`));
}

const turndown = new Turndown({
  headingStyle: "atx",
  bulletListMarker: "-",
  codeBlockStyle: "fenced",
  emDelimiter: "*",
  hr: "---",
});
turndown.addRule("terms", {
  filter: ["dt", "summary"],
  replacement: (content) => `\n\n**${content.replaceAll("*", "").trim()}**\n\n`,
});
turndown.addRule("definitions", {
  filter: ["dd"],
  replacement: (content) => `\n\n${content.trim()}\n\n`,
});
turndown.addRule("links", {
  filter: (node) =>
    node.nodeName === "A" &&
    !/^(?:https?:|mailto:|tel:|\/|[\w.]+[/.#])/i.test(node.getAttribute("href") ?? ""),
  replacement: (content) => content,
});
// Marks that only protect Markdown's signs would be read aloud in a reply.
turndown.escape = (text) => text;

/** Tables become lists, innermost first, so that each row says what its columns are. */
function replaceTables(parent: Parent): void {
  for (const [at, node] of parent.childNodes.entries()) {
    if (!isElement(node)) continue;
    replaceTables(node);
    if (node.tagName !== "table") continue;
    const { rows, headed } = tableCells(node, cellText);
    const list = parseFragment(rowList(rows, headed)).childNodes[0];
    if (list !== undefined) parent.childNodes[at] = list;
  }
}

/** Most cells hold words alone, and a page may have thousands of them. */
function cellText(cell: Element): string {
  return cell.childNodes.every(({ nodeName }) => nodeName === "#text")
    ? tidied(wordsIn(cell))
    : treeMarkdown(cell).replaceAll(/\n+(?:- )?/g, " ");
}

// Pages that Confluence exports as HTML: their own text, without what the export adds to it.

/** An exported page, taken apart. */
interface ExportedPage {
  readonly title: string;
  readonly fields: Readonly<Record<string, unknown>>;
  /** The element with the page's own text. */
  readonly main: Element;
}

/** Null for a page of any other origin. Throws `Unreadable` for a list of the export's pages. */
function exportedPage(body: Element): ExportedPage | null {
  const page = confluencePage(body);
  if (page !== null) withoutLinksWithin(page.main);
  return page;
}

/** A space exported as HTML has the page in `main-content`, below breadcrumbs, title and a line about its authors. */
function confluencePage(body: Element): ExportedPage | null {
  const titled = byId(body, "title-text");
  if (titled === null) return null;
  const lists = elementIn(
    body,
    (element) =>
      hasClass(element, "pageSectionTitle") && wordsIn(element).startsWith("Available Pages"),
  );
  if (lists !== null) throw new Unreadable("it is the list of the export's pages");
  const main = byId(body, "main-content");
  if (main === null) return null;
  const changed = changedOn(body);
  return {
    title: withoutSpace(wordsIn(titled), body),
    fields: changed === null ? {} : { updated: changed },
    main,
  };
}

/** A title begins with the name of its space, which is the first breadcrumb. */
function withoutSpace(title: string, body: Element): string {
  const crumbs = byId(body, "breadcrumbs");
  const first = crumbs === null ? null : elementIn(crumbs, ({ tagName }) => tagName === "li");
  const space = first === null ? "" : `${wordsIn(first)} : `;
  return space !== "" && title.startsWith(space) ? title.slice(space.length) : title;
}

/** From "Created by …, last modified by … on Nov 03, 2026"; null where it is said otherwise. */
function changedOn(body: Element): string | null {
  const about = elementIn(body, (element) => hasClass(element, "page-metadata"));
  const words = about === null ? "" : wordsIn(about);
  return dayIn(/\bon (?<day>[^,]{0,30},? ?\d{4})\s*$/.exec(words)?.groups?.["day"] ?? "");
}

function byId(body: Element, id: string): Element | null {
  return elementIn(body, (element) => attributeValue(element, "id") === id);
}

/** A link from page to page leads to a file that no reader has; its words stay. */
function withoutLinksWithin(main: Element): void {
  visit(
    main,
    (element) => {
      if (element.tagName !== "a") return;
      const isWithin = !/^(?:[a-z]+:|\/\/|#)/i.test(attributeValue(element, "href"));
      if (isWithin) element.attrs = element.attrs.filter(({ name }) => name !== "href");
    },
    0,
  );
}

function hasClass(element: Element, name: string): boolean {
  return attributeValue(element, "class").split(/\s+/).includes(name);
}

/** "Nov 03, 2026" as a day; null for what is none. */
function dayIn(text: string): string | null {
  const time = Date.parse(`${text} UTC`);
  return Number.isNaN(time) ? null : new Date(time).toISOString().slice(0, "2026-11-22".length);
}
