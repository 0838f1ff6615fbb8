/** Pages that Confluence and Notion export as HTML: their own text, without what the export adds to it. */
import { parseFragment } from "parse5";
import { Unreadable } from "./document.ts";
import { dayIn, fieldsOf, type Property } from "./exported-fields.ts";
import { attributeOf, type Element, elementIn, isElement, visit, wordsIn } from "./html-tree.ts";

/** An exported page, taken apart. */
export interface ExportedPage {
  readonly title: string;
  readonly fields: Readonly<Record<string, unknown>>;
  /** The element with the page's own text. */
  readonly main: Element;
}

/** Null for a page of any other origin. Throws `Unreadable` for a list of the export's pages. */
export function exportedPage(body: Element): ExportedPage | null {
  const page = confluencePage(body) ?? notionPage(body);
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
  return elementIn(body, (element) => attributeOf(element, "id") === id);
}

/** An exported page is one article with a header of its own: icon, title, and a table of its properties. */
function notionPage(body: Element): ExportedPage | null {
  const main = elementIn(
    body,
    (element) =>
      element.tagName === "article" &&
      hasClass(element, "page") &&
      /^[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}$/.test(attributeOf(element, "id")),
  );
  if (main === null) return null;
  const titled = elementIn(main, (element) => hasClass(element, "page-title"));
  const table = elementIn(main, (element) => hasClass(element, "properties"));
  const { fields, texts } = fieldsOf(table === null ? [] : propertiesIn(table));
  const title = titled === null ? "" : wordsIn(titled);
  remove(
    main,
    (element) => [titled, table].includes(element) || hasClass(element, "page-header-icon"),
  );
  for (const [name, value] of texts.toReversed())
    main.childNodes.unshift(
      ...parseFragment(`<p><b>${escaped(name)}</b></p><p>${escaped(value)}</p>`).childNodes,
    );
  return { title, fields, main };
}

function propertiesIn(table: Element): readonly Property[] {
  const rows: Element[] = [];
  visit(table, (element) => void (element.tagName === "tr" && rows.push(element)), 0);
  return rows.flatMap((row): Property[] => {
    const name = elementIn(row, ({ tagName }) => tagName === "th");
    const value = elementIn(row, ({ tagName }) => tagName === "td");
    return name === null || value === null ? [] : [[wordsIn(name), wordsIn(value)]];
  });
}

/** A link from page to page leads to a file that no reader has; its words stay. */
function withoutLinksWithin(main: Element): void {
  visit(
    main,
    (element) => {
      if (element.tagName !== "a") return;
      const isWithin = !/^(?:[a-z]+:|\/\/|#)/i.test(attributeOf(element, "href"));
      if (isWithin) element.attrs = element.attrs.filter(({ name }) => name !== "href");
    },
    0,
  );
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}

function remove(parent: Element, unwanted: (element: Element) => boolean): void {
  parent.childNodes = parent.childNodes.filter((node) => !isElement(node) || !unwanted(node));
  for (const node of parent.childNodes) if (isElement(node)) remove(node, unwanted);
}

function hasClass(element: Element, name: string): boolean {
  return attributeOf(element, "class").split(/\s+/).includes(name);
}
