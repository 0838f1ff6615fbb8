/** Pages that Confluence exports as HTML: their own text, without what the export adds to it. */
import { Unreadable } from "./document.ts";
import { attributeOf, type Element, elementIn, visit, wordsIn } from "./html-tree.ts";

/** An exported page, taken apart. */
export interface ExportedPage {
  readonly title: string;
  readonly fields: Readonly<Record<string, unknown>>;
  /** The element with the page's own text. */
  readonly main: Element;
}

/** Null for a page of any other origin. Throws `Unreadable` for a list of the export's pages. */
export function exportedPage(body: Element): ExportedPage | null {
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
  return elementIn(body, (element) => attributeOf(element, "id") === id);
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

function hasClass(element: Element, name: string): boolean {
  return attributeOf(element, "class").split(/\s+/).includes(name);
}

/** "Nov 03, 2026" as a day; null for what is none. */
function dayIn(text: string): string | null {
  const time = Date.parse(`${text} UTC`);
  return Number.isNaN(time) ? null : new Date(time).toISOString().slice(0, "2026-11-22".length);
}
