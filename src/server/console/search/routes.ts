/** The search: ids, orders, people and words in one field, and the addresses that any printed id leads on from. */

import type { Request, Router } from "express";
import { z } from "zod";
import { momentText } from "#core/values/moment.ts";
import type { TurnTrace } from "#core/values/trace.ts";
import { findTurns } from "#store/conversations/traces.ts";
import type { Transaction } from "#store/db/database.ts";
import { findPrinted, type NamedRecord } from "#store/lookup/printed-ids.ts";
import {
  effectsOfOrder,
  messagesWith,
  SEARCHED_MAX,
  searchTerms,
  type FoundMessage,
  type OrderRow,
} from "#store/console/word-search.ts";
import { addressWith, html, type Html, type HtmlValue } from "#server/http/html.ts";
import { turnsPage } from "#server/console/case/waterfall.ts";
import { pager, type PageContent, type Visit } from "#server/console/frame.ts";
import { addPages, type Guarded } from "#server/console/page-routes.ts";
import { asked, named, type Desk } from "#server/console/visit.ts";
import { excerpt, wordsOf } from "./excerpt.ts";

const PATH = "/console/search";
const TYPED_MAX = 200;

/** Everything an id may name; one record where it is clear. */
async function recordsPrinted(
  transaction: Transaction,
  typed: string,
): Promise<readonly NamedRecord[]> {
  const printed = await findPrinted(transaction, typed);
  if (printed.found === "none") return [];
  return printed.found === "one" ? [printed.record] : printed.records;
}

/** What was found, by kind. */
interface Found {
  readonly records: readonly NamedRecord[];
  readonly orders: readonly OrderRow[];
  readonly messages: readonly FoundMessage[];
  readonly next: number | null;
}

/** Adds the search, the address of every printed id, and the page of a trace. */
export function addSearch(router: Router, desk: Desk, page: Guarded["page"]): void {
  addPages(router, desk, page, {
    "/search": searchPage,
    "/find/:id": (_desk, _visit, request) => findPrintedId(desk, request),
    "/trace/:id": tracePage,
  });
}

async function searchPage(desk: Desk, visit: Visit, request: Request): Promise<PageContent> {
  const typed = asked(request, "q").slice(0, TYPED_MAX).trim();
  const before = z.coerce.number().int().min(1).safeParse(asked(request, "before")).data ?? null;
  const found =
    typed === ""
      ? null
      : await desk.options.parts.store.run((transaction) => find(transaction, typed, before));
  return {
    place: PATH,
    title: "Search",
    tools: searchForm(typed),
    body: found === null ? HELP : results(desk, visit, { typed, found, before }),
  };
}

function searchForm(typed: string): Html {
  return html`<form class="filters" method="get" action="${PATH}" role="search">
    <label class="grow"
      >A person, an order, words, or any id<input
        type="search"
        name="q"
        value="${typed}"
        maxlength="${TYPED_MAX}"
        autocomplete="off"
        ${typed === "" ? html`autofocus=""` : ""}
    /></label>
    <button type="submit" class="main">Search</button>
  </form>`;
}

const HELP = html`<p class="box soft">
  Every id that is printed anywhere works here, whole or from its sixth character on: of a case, a
  card, a turn, an effect, a ticket. Words are looked for in everything customers and the team
  wrote, with names and addresses; the last one may be unfinished. Press / on any page to come here.
</p>`;

/** The first page tells everything; later ones are about messages alone. */
async function find(
  transaction: Transaction,
  typed: string,
  before: number | null,
): Promise<Found> {
  const isFirst = before === null;
  const terms = searchTerms(typed);
  const messages = terms === null ? [] : await messagesWith(transaction, terms, before);
  const order = typed.replace(/^(?:order\s*)?#?/i, "");
  return {
    records: isFirst ? await recordsPrinted(transaction, typed) : [],
    orders: isFirst && order !== "" ? await effectsOfOrder(transaction, order) : [],
    messages: messages.slice(0, SEARCHED_MAX),
    next: messages.length > SEARCHED_MAX ? (messages[SEARCHED_MAX - 1]?.id ?? null) : null,
  };
}

function results(
  desk: Desk,
  visit: Visit,
  {
    typed,
    found,
    before,
  }: { readonly typed: string; readonly found: Found; readonly before: number | null },
): HtmlValue {
  const { records, orders, messages, next } = found;
  if (records.length + orders.length + messages.length === 0)
    return html`<p class="box soft" id="nothing">Nothing is known under “${typed}”.</p>`;
  const mask = (text: string): string => desk.options.parts.guard.mask(text);
  return html`${section(
    "Ids",
    records.map(
      (record) =>
        html`<li class="case-row">
          <a class="what" href="${addressOf(record)}">${record.kind} ${record.id}</a>
        </li>`,
    ),
  )}${section(
    "Done about this order",
    orders.map(
      ({ conversationId, operation, state, at }) =>
        html`<li class="case-row">
          <a class="what" href="${caseAddress(conversationId)}"
            >${operation.replaceAll("_", " ")}, ${state}</a
          >
          <span></span
          ><span class="meta">${momentText(at, visit.zone, visit.now)} · ${conversationId}</span>
        </li>`,
    ),
  )}${section("Messages", conversationRows(messages, { typed, mask, visit }))}${pager({
    first: before === null ? null : addressWith(PATH, { q: typed }),
    next: next === null ? null : addressWith(PATH, { q: typed, before: next }),
  })}`;
}

function section(heading: string, rows: readonly Html[]): HtmlValue {
  return rows.length === 0
    ? null
    : html`<section aria-label="${heading}">
        <h2>${heading}</h2>
        <ol class="cases">
          ${rows}
        </ol>
      </section>`;
}

/** A conversation once, by its newest message that matches. */
function conversationRows(
  messages: readonly FoundMessage[],
  {
    typed,
    mask,
    visit,
  }: { readonly typed: string; readonly mask: (text: string) => string; readonly visit: Visit },
): readonly Html[] {
  const words = wordsOf(typed);
  const byConversation = Map.groupBy(messages, ({ conversationId }) => conversationId);
  return [...byConversation.values()].flatMap((group) => {
    const [newest] = group;
    if (newest === undefined) return [];
    const { message, subject, channel, conversationId, at, owner } = newest;
    const title = [mask(message.author.name), mask(subject)]
      .filter((part) => part !== "")
      .join(": ");
    const about = [
      channel,
      momentText(at, visit.zone, visit.now),
      owner === "human" ? "with people" : "",
      group.length > 1 ? `${group.length} messages` : "",
    ].filter((part) => part !== "");
    return [
      html`<li class="case-row">
        <a class="what" href="${caseAddress(conversationId)}#m${newest.id}"
          >${title === "" ? conversationId : title}</a
        >
        <span></span><span class="meta">${about.join(" · ")}</span
        ><span class="excerpt" dir="auto">${excerpt(mask(message.text), words)}</span>
      </li>`,
    ];
  });
}

function caseAddress(id: string): string {
  return `/console/case/${encodeURIComponent(id)}`;
}

/** Where a record is shown. */
function addressOf({ kind, id, conversationId }: NamedRecord): string {
  if (kind === "policy") return `/console/policy#${id}`;
  if (kind === "procedure") return `/console/procedures/${id}`;
  if (kind === "turn") return `/console/trace/${encodeURIComponent(id)}`;
  if (kind === "dead-letter") return `/console/health#${id}`;
  if (conversationId === null) return addressWith(PATH, { q: id });
  return kind === "card" ? `${caseAddress(conversationId)}#${id}` : caseAddress(conversationId);
}

/** Leads from an id to the page that has it, and to the search when it names several records or none. */
async function findPrintedId({ options: { parts } }: Desk, request: Request): Promise<string> {
  const id = named(request, "id");
  const [record, ...others] = await parts.store.run((transaction) =>
    recordsPrinted(transaction, id),
  );
  const isClear = others.length === 0 && record !== undefined;
  return isClear ? addressOf(record) : addressWith(PATH, { q: id });
}

async function tracePage(
  { options: { parts } }: Desk,
  visit: Visit,
  request: Request,
): Promise<PageContent | null> {
  const id = named(request, "id");
  const turns: readonly TurnTrace[] = await parts.store.run(async (transaction) => {
    const [record] = await recordsPrinted(transaction, id);
    return findTurns(transaction, record?.id ?? id);
  });
  if (turns.length === 0) return null;
  return {
    place: PATH,
    title: "What happened, step by step",
    tools: html`<p class="soft">Trace of ${id}</p>`,
    body: turnsPage(turns.slice(0, TURNS_MAX), visit),
  };
}

/** As many turns as a page may hold. */
const TURNS_MAX = 12;
