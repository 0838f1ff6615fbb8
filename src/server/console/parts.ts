/** What the console's pages are put together from: links, sections, lists of rows and their pages, tables, facts. */

import { addressWith, element, html, type Html, type HtmlValue } from "#server/http/html.ts";
import { cursorText, type Cursor } from "#store/console/cursor.ts";

/** The address of a case; `anchor` names a card or a message of it. */
export function caseAddress(conversationId: string, anchor?: string): string {
  const address = `/console/case/${encodeURIComponent(conversationId)}`;
  return anchor === undefined ? address : `${address}#${anchor}`;
}

/** What is known of several small things, in one line; what is empty is left out. */
export function dotted(parts: readonly (string | null)[]): string {
  return parts.filter((part) => part !== null && part !== "").join(" · ");
}

// Words, links and boxes.

/** A link; `className` makes it a button, or lets it break anywhere. */
export function link(
  href: string,
  words: HtmlValue,
  className: "" | "button" | "words" = "",
): Html {
  return element("a", { class: className || null, href }, words);
}

/** A paragraph that explains. */
export function soft(words: HtmlValue): Html {
  return html`<p class="soft">${words}</p>`;
}

/** Words beside others that say less. */
export function aside(words: HtmlValue): Html {
  return html`<span class="soft">${words}</span>`;
}

/** Says that there is nothing, or what to do first. */
export function none(words: HtmlValue, id?: string): Html {
  return element("p", { class: "box soft", id }, words);
}

/** Links, buttons and words side by side. */
export function row(...parts: readonly HtmlValue[]): Html {
  return html`<div class="row">${parts}</div>`;
}

/** What opens under a line. */
export function fold(
  summary: HtmlValue,
  body: HtmlValue,
  attributes: {
    readonly id?: string;
    readonly open?: boolean;
    readonly class?: "box" | "card-more";
  } = {},
): Html {
  return element("details", attributes, html`<summary>${summary}</summary>`, body);
}

/** A mark beside a row or a heading. */
export function badge(words: HtmlValue, kind: "" | "warn" | "danger" = ""): Html {
  return element("span", { class: kind === "" ? "badge" : `badge ${kind}` }, words);
}

/** A text of a program, line by line as it is. */
export function trace(text: string, id?: string): Html {
  return element("pre", { class: "trace", tabindex: 0, id }, text);
}

/** A number with its name above, and what it is about below. */
export function tile(name: HtmlValue, value: HtmlValue, about: HtmlValue, kind?: "" | "bad"): Html {
  const shown = kind === undefined ? html`<b>${value}</b>` : html`<b class="${kind}">${value}</b>`;
  return html`<div class="box figure">${name}${shown}${aside(about)}</div>`;
}

/** Lines of words, one below the other; nothing where there are none. */
export function lineList(lines: readonly string[]): HtmlValue {
  if (lines.length === 0) return null;
  return html`<ul>
    ${lines.map((line) => html`<li class="words">${line}</li>`)}
  </ul>`;
}

/** Says how many there are besides those that are shown; nothing where these are all. */
export function andMore(count: number, what = "more"): HtmlValue {
  return count > 0 ? html`<p class="soft">and ${count} ${what}</p>` : null;
}

/** A part of a page under a heading of its own, which a link reaches by its id; `plain` is one without a frame. */
export function section(
  id: string,
  title: HtmlValue,
  body: HtmlValue,
  kind: "box" | "plain" = "box",
): Html {
  return html`<section
    class="${kind === "box" ? "box stack" : "stack"}"
    id="${id}"
    tabindex="-1"
    aria-labelledby="${id}-title"
  >
    <h2 id="${id}-title">${title}</h2>
    ${body}
  </section>`;
}

/** Tabs of one place, as links, with the one at this address marked. */
export function tabs(
  label: string,
  entries: readonly { readonly href: string; readonly name: string }[],
  here: string,
): Html {
  return html`<nav class="tabs" aria-label="${label}">
    ${entries.map(
      ({ href, name }) =>
        html`<a href="${href}" ${href === here && html` aria-current="page"`}>${name}</a>`,
    )}
  </nav>`;
}

// Lists.

/** One row of a list. The whole row is the link where it has an address. */
export interface Row {
  readonly id?: string;
  readonly what: HtmlValue;
  readonly href?: string;
  /** The id of a card or a conversation whose buttons the row has, and its version. */
  readonly card?: string;
  readonly version?: number;
  /** The case it is about, which opens beside a list where there is room. */
  readonly caseId?: string;
  /** Before the title, such as a box to tick. */
  readonly tick?: HtmlValue;
  readonly isDone?: boolean;
  /** At the end of the first line. */
  readonly aside?: HtmlValue;
  /** Buttons and marks at the end of the first line. */
  readonly marks?: HtmlValue;
  /** Words of others, above `about`; `beneath` stands below it. */
  readonly excerpt?: HtmlValue;
  readonly about?: HtmlValue;
  readonly beneath?: HtmlValue;
  readonly badges?: HtmlValue;
}

function part(className: string, value: HtmlValue): HtmlValue {
  return value === undefined ? null : html`<span class="${className}">${value}</span>`;
}

function words(value: HtmlValue): HtmlValue {
  return value === undefined ? null : html`<span class="excerpt" dir="auto">${value}</span>`;
}

/** A row as markup; what it does not have is not drawn. */
export function rowView(row: Row): Html {
  const { id, card, isDone, what, href, aside, marks, excerpt, about, beneath } = row;
  const { version = null, caseId, tick = null } = row;
  const title =
    href === undefined
      ? html`<b class="words">${what}</b>`
      : element("a", { class: "what", href }, what);
  return element(
    "li",
    {
      class: isDone === true ? "case-row done" : "case-row",
      id,
      tabindex: id === undefined ? null : -1,
      "data-card": card,
      "data-version": version,
      "data-case": caseId,
    },
    [tick, title, part("money", aside), part("badges-beside", marks), words(excerpt)],
    [part("meta", about), words(beneath), part("badges", row.badges)],
  );
}

/** A list under its name; `none` says what it means that there is no row. */
export interface List {
  readonly id?: string;
  readonly label?: string;
  readonly none?: HtmlValue;
  readonly rows: readonly Html[];
}

/** The rows of a list. One that is `live` is there also while it has none: the page's script puts new ones into it. */
export function listView({ id, label, none: why = null, rows }: List, isLive = false): Html {
  const isEmpty = rows.length === 0;
  return html`${isEmpty && why !== null && none(why, "none")}${
    (!isEmpty || isLive) && element("ol", { class: "cases", id, "aria-label": label }, rows)
  }`;
}

type Query = Readonly<Record<string, string | number | null>>;

/** Which page of a list is shown, and what follows. */
export interface Paging {
  readonly path: string;
  /** What the addresses of all pages of the list have, such as filters. */
  readonly query?: Query;
  readonly isFirst: boolean;
  /** What the address of the next page has besides; null on the last one. */
  readonly next: Query | null;
}

/** Links to the first page of a list and to the next one; each is left out where there is none. */
export function pager({ path, query = {}, isFirst, next }: Paging): HtmlValue {
  if (isFirst && next === null) return null;
  const href = addressWith(path, { ...query, ...next });
  return html`<nav class="row" id="pager" aria-label="Pages of this list">
    ${!isFirst && link(addressWith(path, query), "From the beginning", "button")}
    ${next !== null && element("a", { class: "button", href, rel: "next" }, "More")}
  </nav>`;
}

/** A list of which a cursor names the page. */
export interface PagedList extends List {
  readonly path: string;
  readonly query?: Query;
  readonly next: Cursor | null;
}

/** Where the shown page of a list begins. */
interface Shown {
  readonly after: Cursor | null;
}

/** One page of a list, with the links to the others. */
export function pagedList({ after }: Shown, list: PagedList, isLive = false): Html {
  const next = list.next === null ? null : { after: cursorText(list.next) };
  return html`${listView(list, isLive)} ${pager({ ...list, isFirst: after === null, next })}`;
}

/** The same below what has to be known of it, as the part of the inbox that is drawn again and again. */
export function livePagedList(shown: Shown, list: PagedList, about: HtmlValue = null): Html {
  return html`<div id="list" data-keep="hover">
    ${about} ${pagedList(shown, { ...list, id: "cases" }, true)}
  </div>`;
}

// Tables and facts.

/** A cell of a table: a value, or one that is drawn in its own way, such as a number or the name of its row. */
export type Cell =
  | HtmlValue
  | { readonly as: string; readonly value: HtmlValue }
  | { readonly names: HtmlValue };

/** A table whose rows become cards where there is little room, and which else is moved aside. */
export function table(heads: readonly string[], rows: readonly (readonly Cell[])[]): Html {
  return html`<div class="table-box">
    <table class="cards">
      <thead>
        <tr>
          ${heads.map((head) => html`<th scope="col">${head}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (cells) =>
            html`<tr>
              ${cells.map(cellView)}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

function cellView(cell: Cell): Html {
  if (typeof cell !== "object" || cell === null) return html`<td>${cell}</td>`;
  if ("names" in cell) return html`<th scope="row">${cell.names}</th>`;
  return "as" in cell ? html`<td class="${cell.as}">${cell.value}</td>` : html`<td>${cell}</td>`;
}

/** A number, a time or a size in a table. */
export function number(value: HtmlValue): Cell {
  return { as: "number", value };
}

/** A name with what is known under it, and how that is drawn where it is not plain words. */
export type Fact = readonly [name: string, value: HtmlValue, className?: string];

/** What is known of a thing, each fact with its name; what is not known is left out. `dir` is for words of others. */
export function facts(pairs: readonly Fact[], dir?: "auto"): Html {
  return html`<dl class="facts-list">
    ${pairs
      .filter(([, value]) => value !== null && value !== "")
      .map(
        ([name, value, className = "words"]) =>
          html`<dt>${name}</dt>
            ${element("dd", { class: className || null, dir }, value)}`,
      )}
  </dl>`;
}
