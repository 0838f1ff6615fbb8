/** What the console's pages are put together from: sections, lists of rows and their pages, tables, facts, differences. */

import { markedPieces } from "#core/values/words.ts";
import type { DiffLine } from "#text/diff.ts";
import { addressWith, html, type Html, type HtmlValue } from "#server/http/html.ts";
import { cursorText, type Cursor } from "#store/console/cursor.ts";

/** The address of a case; `anchor` names a card or a message of it. */
export function caseAddress(conversationId: string, anchor?: string): string {
  const address = `/console/case/${encodeURIComponent(conversationId)}`;
  return anchor === undefined ? address : `${address}#${anchor}`;
}

/** A name of the code in words: "order status" for `order_status`. */
export function inWords(name: string): string {
  return name.replaceAll("_", " ");
}

/** What is known of several small things, in one line; what is empty is left out. */
export function dotted(parts: readonly (string | null)[]): string {
  return parts.filter((part) => part !== null && part !== "").join(" · ");
}

/** A mark beside a row or a heading. */
export function badge(words: HtmlValue, kind: "" | "warn" | "danger" = ""): Html {
  return html`<span class="${kind === "" ? "badge" : `badge ${kind}`}">${words}</span>`;
}

/** A text of a program, line by line as it is. */
export function trace(text: string): Html {
  return html`<pre class="trace" tabindex="0">${text}</pre>`;
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

/** Tabs of one place, as links. */
export function tabs(
  label: string,
  entries: readonly { readonly href: string; readonly name: string; readonly isHere: boolean }[],
): Html {
  return html`<nav class="tabs" aria-label="${label}">
    ${entries.map(
      ({ href, name, isHere }) =>
        html`<a href="${href}" ${isHere && html` aria-current="page"`}>${name}</a>`,
    )}
  </nav>`;
}

// Lists.

/** One row of a list. The whole row is the link where it has an address. */
export interface Row {
  readonly id?: string;
  readonly what: HtmlValue;
  readonly href?: string;
  /** An address that names this row by its id goes on to where the row leads. */
  readonly isWayOn?: boolean;
  /** The id of a card or a conversation whose buttons the row has. */
  readonly card?: string;
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

function titleView({ what, href, isWayOn }: Row): Html {
  if (href === undefined) return html`<b class="words">${what}</b>`;
  return isWayOn === true
    ? html`<a class="what" href="${href}" data-row="">${what}</a>`
    : html`<a class="what" href="${href}">${what}</a>`;
}

/** A row as markup; what it does not have is not drawn. */
export function rowView(row: Row): Html {
  const { id, card, isDone, aside, marks, excerpt, beneath } = row;
  return html`<li
    class="${isDone === true ? "case-row done" : "case-row"}"
    ${id !== undefined && html`id="${id}" tabindex="-1"`}
    ${card !== undefined && html`data-card="${card}" data-version="1"`}
  >
    ${titleView(row)}${part("money", aside)}${part("badges-beside", marks)}${words(excerpt)}${part(
      "meta",
      row.about,
    )}${words(beneath)}${part("badges", row.badges)}
  </li>`;
}

/** A list under its name; `none` says what it means that there is no row. */
export interface List {
  readonly id?: string;
  readonly label?: string;
  readonly none?: HtmlValue;
  readonly rows: readonly Html[];
}

/** The rows of a list. One that is `live` is there also while it has none: the page's script puts new ones into it. */
export function listView({ id, label, none = null, rows }: List, isLive = false): Html {
  const isEmpty = rows.length === 0;
  return html`${isEmpty && none !== null && html`<p class="box soft" id="none">${none}</p>`}${
    isEmpty && !isLive
      ? ""
      : html`<ol
          class="cases"
          ${id !== undefined && html`id="${id}"`}
          ${label !== undefined && html`aria-label="${label}"`}
        >
          ${rows}
        </ol>`
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
  return html`<nav class="row" id="pager" aria-label="Pages of this list">
    ${
      !isFirst && html`<a class="button" href="${addressWith(path, query)}">From the beginning</a>`
    }${next !== null && html`<a class="button" href="${addressWith(path, { ...query, ...next })}" rel="next">More</a>`}
  </nav>`;
}

/** A list of which a cursor names the page. */
export interface PagedList extends List {
  readonly path: string;
  readonly query?: Query;
  readonly after: Cursor | null;
  readonly next: Cursor | null;
}

/** One page of a list, with the links to the others. */
export function pagedList(list: PagedList, isLive = false): Html {
  const { after, next } = list;
  const following = next === null ? null : { after: cursorText(next) };
  return html`${listView(list, isLive)}
  ${pager({ ...list, isFirst: after === null, next: following })}`;
}

/** The same as a part that the page's script asks for again, under `/console/part` and the name of the part. */
export function livePagedList(name: string, list: PagedList): Html {
  const { query = {}, after } = list;
  const here = { ...query, after: after === null ? null : cursorText(after) };
  return html`<div
    id="list"
    data-live="${addressWith(`/console/part/${name}`, here)}"
    data-keep="hover"
  >
    ${pagedList(list, true)}
  </div>`;
}

// Tables and facts.

/** A cell of a table: a value, or one that is drawn in its own way, such as a number. */
export type Cell = HtmlValue | { readonly as: string; readonly value: HtmlValue };

/** A table whose rows become cards where there is little room. */
export function table(heads: readonly string[], rows: readonly (readonly Cell[])[]): Html {
  return html`<table class="cards">
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
  </table>`;
}

function cellView(cell: Cell): Html {
  return typeof cell === "object" && cell !== null && "as" in cell
    ? html`<td class="${cell.as}">${cell.value}</td>`
    : html`<td>${cell}</td>`;
}

/** A number, a time or a size in a table. */
export function number(value: HtmlValue): Cell {
  return { as: "number", value };
}

/** What is known of a thing, each fact with its name; what is not known is left out. `dir` is for words of others. */
export function facts(
  pairs: readonly (readonly [name: string, value: HtmlValue])[],
  dir?: "auto",
): Html {
  return html`<dl class="facts-list">
    ${pairs
      .filter(([, value]) => value !== null && value !== "")
      .map(
        ([name, value]) =>
          html`<dt>${name}</dt>
            <dd ${dir === undefined ? html`class="words"` : html`class="words" dir="${dir}"`}>
              ${value}
            </dd>`,
      )}
  </dl>`;
}

// What differs between two texts, line by line, with a few unchanged lines around each change.

/** Unchanged lines that are shown around a changed one. */
const AROUND = 2;

/** The changed lines as a list; one sentence where nothing differs. */
export function linesView(lines: readonly DiffLine[]): Html {
  if (lines.every(({ kind }) => kind === "same"))
    return html`<p class="soft">Nothing is different.</p>`;
  const near = lines.map((_line, index) =>
    lines
      .slice(Math.max(0, index - AROUND), index + AROUND + 1)
      .some(({ kind }) => kind !== "same"),
  );
  return html`<div class="diff" role="list" tabindex="0">
    ${lines.map((line, index) => {
      if (near[index] === true) return lineView(line);
      // One mark stands for all the unchanged lines that are left out here.
      return near[index - 1] === true || index === 0
        ? html`<p class="soft" role="listitem">⋯</p>`
        : "";
    })}
  </div>`;
}

function lineView({ kind, text }: DiffLine): Html {
  const shown = text === "" ? " " : text;
  if (kind === "same") return html`<p role="listitem" class="words">${shown}</p>`;
  return kind === "out"
    ? html`<p role="listitem" class="words out"><del>${shown}</del></p>`
    : html`<p role="listitem" class="words in"><ins>${shown}</ins></p>`;
}

/** The text, escaped; what the guard found in it is marked. */
export function withMarks(text: string): Html {
  return html`${markedPieces(text).map(({ text: words, isMarked }) =>
    isMarked ? html`<mark>${words}</mark>` : words,
  )}`;
}
