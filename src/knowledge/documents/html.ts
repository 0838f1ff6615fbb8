/** Reads HTML pages: the page's own text without what stands around it on every page. */

import { utcDay } from "#core/values/moment.ts";
import { parseFragment, serializeOuter } from "parse5";
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
  elementsBelow,
  isElement,
  isNoText,
  parsedPage,
  parsedPart,
  type Parent,
  wordsIn,
  tableCells,
  rowList,
} from "./html-tree.ts";
import Turndown from "turndown";

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
  /(?:^|[\s_-])(?<!\b(?:has|no|with|without)[_-])(?:breadcrumbs?|sidebar|sidenav|skip-?(?:nav|link|to-content)|skipnav|cookie-(?:banner|message|notice)|toc|table-of-contents|pagination)(?:$|[\s_-])/i;

/** What readers write below an article, by whole classes or ids: their words are not the company's. */
const COMMENT_CLASSES =
  /(?:^|\s)(?:comments?|(?:article|post)-comments?|comment-(?:list|section|thread)|disqus_thread)(?:$|\s)/i;

/** Reads a whole page. Throws `Unreadable` for a page too large or too deep to read. */
export function readHtml(html: string): ReadDocument {
  const root = parsedPage(html);
  const all = elementsBelow(root);
  const first = (name: string): Element | undefined => all.find(({ tagName }) => tagName === name);
  const body = first("body");
  if (body === undefined) throw new Unreadable("it has no text");
  const title =
    [first("h1"), first("title")]
      .map((element) => (element === undefined ? "" : wordsIn(element)))
      .find((text) => text !== "") ?? "";
  const language = attributeValue(first("html"), "lang");
  const hidden = takeHidden(body, all);
  const elements = elementsBelow(body);
  const exported = exportedPage(elements);
  const main = exported?.main ?? mainElement(body, elements);
  removeAround(main);
  const text = treeMarkdown(main);
  if (exported === null) return fullDocument({ title, language, hidden, text });
  return fullDocument({ title: exported.title, language, hidden, fields: exported.fields, text });
}

/** The text of a piece of HTML that has nothing around it, such as an article from an interface. */
export function markdownOfHtml(html: string): string {
  const root = parsedPart(html);
  takeHidden(root, elementsBelow(root));
  return treeMarkdown(root);
}

/** Names that style sheets give to what only screen readers say; a page may hide them in a sheet of another address. */
const UNSEEN_CLASSES = [".sr-only", ".visually-hidden", ".screen-reader-text"];

/** The selectors whose elements the page's own style sheets hide. */
function hidingRules(elements: readonly Element[]): ReadonlySet<string> {
  const sheets = elements.flatMap(({ tagName, childNodes: [sheet] }) =>
    tagName === "style" && sheet !== undefined && "value" in sheet ? [sheet.value] : [],
  );
  return new Set([...UNSEEN_CLASSES, ...sheets.flatMap(hiddenSelectors)]);
}

/**
 * Takes out what a person would not see, and returns its text: that is where instructions to a model are put. The
 * closed half of an accordion is no hidden text, since a button beside it says that it is there. `all` are the elements
 * of the page, of which one may hide another.
 */
function takeHidden(root: Parent, all: readonly Element[]): string {
  const rules = hidingRules(all);
  const folded = new Set(all.map((element) => attributeValue(element, "aria-controls")));
  const found: string[] = [];
  const clean = (parent: Parent, above: Concealment, depth: number): void => {
    if (depth > DEPTH_MAX) throw new Unreadable("it is nested deeper than a page that people read");
    parent.childNodes = parent.childNodes.filter((node) => {
      if (node.nodeName === "#comment") return false;
      if (!isElement(node)) return true;
      if (isNoText(node)) return false;
      const attributes = attributesIn(node);
      const here = elementConcealment(node.tagName, attributes, above);
      const isFolded = folded.has(attributes.get("id") ?? "\0") || node.tagName === "details";
      const isRuled = rules.has(node.tagName) || isSelected(rules, node.tagName, attributes);
      if ((isRuled || isConcealed(here)) && !isFolded) {
        found.push(wordsIn(node));
        return false;
      }
      if (node.childNodes.length > 0) clean(node, isFolded ? NOT_CONCEALED : here, depth + 1);
      return true;
    });
  };
  clean(root, NOT_CONCEALED, 0);
  return found.filter((text) => text !== "").join("\n");
}

const NO_ATTRIBUTES: ReadonlyMap<string, string> = new Map();

function attributesIn({ attrs }: Element): ReadonlyMap<string, string> {
  return attrs.length === 0
    ? NO_ATTRIBUTES
    : new Map(attrs.map(({ name, value }) => [name, value]));
}

/** The element with the page's own text: the first of these kinds of which there is exactly one with enough of it. */
function mainElement(body: Element, elements: readonly Element[]): Element {
  const kinds: readonly ((element: Element) => boolean)[] = [
    (element) => element.tagName === "article",
    (element) => element.tagName === "main" || attributeValue(element, "role") === "main",
    (element) => /^(?:content|main|main-content)$/.test(attributeValue(element, "id")),
  ];
  for (const kind of kinds) {
    const [only, ...others] = elements.filter(kind);
    // Of several articles none is the page: then it is a list of them.
    if (
      only !== undefined &&
      others.length === 0 &&
      wordsIn(only).length >= Math.min(300, wordsIn(body).length / 4)
    )
      return only;
  }
  return body;
}

function removeAround(parent: Parent, titles = titlesIn(parent)): void {
  parent.childNodes = parent.childNodes.filter((node) => {
    if (!isElement(node)) return true;
    if (isAround(node, titles)) return false;
    if (node.childNodes.length > 0) removeAround(node, titles);
    return true;
  });
}

function titlesIn(parent: Parent): number {
  return elementsBelow(parent).filter(({ tagName }) => tagName === "h1").length;
}

/** `titles`: how many the whole page has. */
function isAround(element: Element, titles: number): boolean {
  const name = element.tagName;
  // A page's own title may stand in a header of its own.
  if (name === "header") {
    const inner = elementsBelow(element).map(({ tagName }) => tagName);
    return !inner.some((tag) => /^h[1-3]$/.test(tag)) || inner.includes("nav");
  }
  if (AROUND_NAMES.has(name)) return true;
  if (element.attrs.length === 0) return false;
  const names = `${attributeValue(element, "class")} ${attributeValue(element, "id")}`;
  return (
    AROUND_ROLES.has(attributeValue(element, "role")) ||
    attributeValue(element, "itemprop") === "comment" ||
    (AROUND_CLASSES.test(names) && !holdsPage(element, titles)) ||
    COMMENT_CLASSES.test(names)
  );
}

/** True for a frame around the page's own text, whose class may name what stands beside it, as in "toc-right". */
function holdsPage(element: Element, titles: number): boolean {
  const holdsTitles = titles > 0 && titlesIn(element) === titles;
  return holdsTitles || elementsBelow(element).some(({ tagName }) => tagName === "main");
}

function treeMarkdown(root: Parent): string {
  simplify(root, false);
  const html = root.childNodes
    .map((node) => ("tagName" in node || node.nodeName === "#text" ? serializeOuter(node) : ""))
    .join("");
  return tidied(turndown.turndown(`<div>${html}</div>`));
}

/** Elements that are more than their words in Markdown, or that a parser reads in a way of its own. */
const MEANT: ReadonlySet<string> = new Set(
  `a b strong i em code br hr h1 h2 h3 h4 h5 h6 p pre blockquote ul ol li dl dt dd summary table thead tbody tfoot tr th td
  address article aside body center dir div fieldset figcaption figure footer form frameset header hgroup html isindex main
  menu nav noframes noembed output section listing plaintext xmp title`.split(/\s+/),
);
/** What stands in these is counted and compared as elements, or read letter by letter. */
const COUNTING: ReadonlySet<string> = new Set(["ol", "ul", "li", "pre", "td", "th"]);

/**
 * Readies a tree for Markdown, innermost elements first. Tables become lists, so that each row says what its columns are.
 * Elements that mean nothing there, of which a page may have thousands, become their words.
 */
function simplify(parent: Parent, isLiteral: boolean): void {
  const keeps = isLiteral || COUNTING.has(parent.nodeName);
  parent.childNodes = parent.childNodes.flatMap((node) => {
    if (!isElement(node)) return node;
    simplify(node, isLiteral || node.tagName === "pre");
    if (node.tagName === "table") {
      const { rows, headed } = tableCells(node, cellText);
      return parseFragment(rowList(rows, headed)).childNodes.slice(0, 1);
    }
    return keeps || MEANT.has(node.tagName) || !hasWordsAlone(node) ? node : node.childNodes;
  });
}

function hasWordsAlone({ childNodes }: Element): boolean {
  return childNodes.length > 0 && childNodes.every(({ nodeName }) => nodeName === "#text");
}

/** Most cells hold words alone, and a page may have thousands of them. */
function cellText(cell: Element): string {
  return hasWordsAlone(cell)
    ? tidied(wordsIn(cell))
    : treeMarkdown(cell).replaceAll(/\n+(?:- )?/g, " ");
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

// Pages that Confluence exports as HTML: their own text, without what the export adds to it.

/**
 * Null for a page of any other origin. Throws `Unreadable` for a list of the export's pages. A space exported as HTML has
 * the page in `main-content`, below breadcrumbs, title and a line about its authors.
 */
function exportedPage(elements: readonly Element[]) {
  const titled = byId(elements, "title-text");
  if (titled === undefined) return null;
  const isList = elements.some(
    (element) =>
      hasClass(element, "pageSectionTitle") && wordsIn(element).startsWith("Available Pages"),
  );
  if (isList) throw new Unreadable("it is the list of the export's pages");
  const main = byId(elements, "main-content");
  if (main === undefined) return null;
  removeLinksWithin(main);
  const changed = changedOn(elements);
  return {
    title: withoutSpace(wordsIn(titled), elements),
    fields: changed === null ? {} : { updated: changed },
    /** The element with the page's own text. */
    main,
  };
}

/** A title begins with the name of its space, which is the first breadcrumb. */
function withoutSpace(title: string, elements: readonly Element[]): string {
  const crumbs = byId(elements, "breadcrumbs");
  const first =
    crumbs === undefined
      ? undefined
      : elementsBelow(crumbs).find(({ tagName }) => tagName === "li");
  const space = first === undefined ? "" : `${wordsIn(first)} : `;
  return space !== "" && title.startsWith(space) ? title.slice(space.length) : title;
}

/** From "Created by …, last modified by … on Nov 03, 2026"; null where it is said otherwise. */
function changedOn(elements: readonly Element[]): string | null {
  const about = elements.find((element) => hasClass(element, "page-metadata"));
  const words = about === undefined ? "" : wordsIn(about);
  return dayIn(/\bon (?<day>[^,]{0,30},? ?\d{4})\s*$/.exec(words)?.groups?.["day"] ?? "");
}

function byId(elements: readonly Element[], id: string): Element | undefined {
  return elements.find((element) => attributeValue(element, "id") === id);
}

/** A link from page to page leads to a file that no reader has; its words stay. */
function removeLinksWithin(main: Element): void {
  for (const element of elementsBelow(main)) {
    if (element.tagName !== "a") continue;
    const isWithin = !/^(?:[a-z]+:|\/\/|#)/i.test(attributeValue(element, "href"));
    if (isWithin) element.attrs = element.attrs.filter(({ name }) => name !== "href");
  }
}

function hasClass(element: Element, name: string): boolean {
  return attributeValue(element, "class").split(/\s+/).includes(name);
}

/** "Nov 03, 2026" as a day; null for what is none. */
function dayIn(text: string): string | null {
  const time = Date.parse(`${text} UTC`);
  return Number.isNaN(time) ? null : utcDay(new Date(time));
}
