/** The search: ids, orders, people and words in one field, and the addresses that any printed id leads on from. */

import { inWords } from "#core/values/words.ts";
import { addressWith, html, type Html, type HtmlValue } from "#server/http/html.ts";
import type { TurnTrace } from "#core/values/trace.ts";
import { findTurns } from "#store/conversations/traces.ts";
import type { Transaction } from "#store/db/database.ts";
import {
  findPrinted,
  type NamedRecord,
  effectsOfOrder,
  messagesWith,
  SEARCHED_MAX,
  searchTerms,
  type FoundMessage,
} from "#store/lookup/search.ts";
import { turnView } from "#server/console/case/trace.ts";
import { conversationTitle } from "#server/console/inbox/rows.ts";
import { searchForm } from "./forms.ts";
import type { PageContent, Subject } from "./frame.ts";
import { caseAddress, dotted, link, listView, none, pager, rowView, soft } from "./parts.ts";
import type { Visit } from "./session.ts";
import { excerpt, typedWords } from "./texts.ts";

/** The search, the address of every printed id, and the page of a trace. */
export const SEARCH: Subject = {
  place: "/console/search",
  pages: { "/search": searchPage, "/find/:id": findPrintedId, "/trace/:id": tracePage },
};

const PATH = SEARCH.place;
const TYPED_MAX = 200;

async function searchPage(visit: Visit): Promise<PageContent> {
  const typed = visit.asked("q").slice(0, TYPED_MAX).trim();
  const before = visit.askedNumber("before");
  const found = typed === "" ? null : await visit.run(find, typed, before);
  return {
    title: "Search",
    tools: searchForm(PATH, {
      label: "A person, an order, words, or any id",
      typed,
      max: TYPED_MAX,
    }),
    body: found === null ? HELP : results(visit, typed, found),
  };
}

const HELP = none(
  "Every id that is printed anywhere works here, whole or from its sixth character on: of a case, a card, a turn, an effect, a ticket. Words are looked for in everything customers and the team wrote, with names and addresses; the last one may be unfinished. Press / on any page to come here.",
);

/** What is found, by kind. The first page tells everything; later ones, with a `before`, are about messages alone. */
async function find(transaction: Transaction, typed: string, before: number | null) {
  const isFirst = before === null;
  const terms = searchTerms(typed);
  const messages = terms === null ? [] : await messagesWith(transaction, terms, before);
  const order = typed.replace(/^(?:order\s*)?#?/i, "");
  return {
    before,
    records: isFirst ? await findPrinted(transaction, typed) : [],
    orders: isFirst && order !== "" ? await effectsOfOrder(transaction, order) : [],
    messages: messages.slice(0, SEARCHED_MAX),
    next: messages.length > SEARCHED_MAX ? (messages[SEARCHED_MAX - 1]?.id ?? null) : null,
  };
}

function results(
  visit: Visit,
  typed: string,
  { before, records, orders, messages, next }: Awaited<ReturnType<typeof find>>,
): HtmlValue {
  if (records.length + orders.length + messages.length === 0)
    return none(`Nothing is known under “${typed}”.`, "nothing");
  const recordRows = records.map((record) =>
    rowView({ href: recordAddress(record), what: `${record.kind} ${record.id}` }),
  );
  const orderRows = orders.map(({ conversationId, operation, state, at }) =>
    rowView({
      href: caseAddress(conversationId),
      what: `${inWords(operation)}, ${state}`,
      aside: "",
      about: `${visit.when(at)} · ${conversationId}`,
    }),
  );
  return html`${group("Ids", recordRows)}${group("Done about this order", orderRows)}${group(
    "Messages",
    conversationRows(messages, typed, visit),
  )}${pager({
    path: PATH,
    query: { q: typed },
    isFirst: before === null,
    next: next === null ? null : { before: next },
  })}`;
}

function group(heading: string, rows: readonly Html[]): HtmlValue {
  return rows.length === 0
    ? null
    : html`<section aria-label="${heading}">
        <h2>${heading}</h2>
        ${listView({ rows })}
      </section>`;
}

/** A conversation once, by its newest message that matches. */
function conversationRows(
  messages: readonly FoundMessage[],
  typed: string,
  { when, mask }: Visit,
): readonly Html[] {
  const words = typedWords(typed);
  const byConversation = Map.groupBy(messages, ({ conversationId }) => conversationId);
  return [...byConversation.values()].flatMap((found) => {
    const [newest] = found;
    if (newest === undefined) return [];
    const { message, subject, channel, conversationId, at, owner, customer } = newest;
    const title = mask(conversationTitle(customer || message.author.name, subject));
    return [
      rowView({
        href: caseAddress(conversationId, `m${newest.id}`),
        what: title || conversationId,
        aside: "",
        about: dotted([
          channel,
          when(at),
          owner === "human" ? "with people" : "",
          found.length > 1 ? `${found.length} messages` : "",
        ]),
        beneath: excerpt(mask(message.text), words),
      }),
    ];
  });
}

/** Where a record is shown. */
function recordAddress({ kind, id, conversationId }: NamedRecord): string {
  if (kind === "policy") return `/console/policy#${id}`;
  if (kind === "procedure") return `/console/procedures/${id}`;
  if (kind === "turn") return `/console/trace/${encodeURIComponent(id)}`;
  if (kind === "dead-letter") return `/console/health#${id}`;
  if (conversationId === null) return addressWith(PATH, { q: id });
  return caseAddress(conversationId, kind === "card" ? id : undefined);
}

/** Leads from an id to the page that has it, and to the search when it names several records or none. */
async function findPrintedId(visit: Visit): Promise<string> {
  const id = visit.named("id");
  const [record, ...others] = await visit.run(findPrinted, id);
  const isClear = others.length === 0 && record !== undefined;
  return isClear ? recordAddress(record) : addressWith(PATH, { q: id });
}

/** As many turns as a page may hold. */
const TURNS_MAX = 12;

/** The page of one turn, or of everything known under an id; null where nothing is. */
async function tracePage(visit: Visit): Promise<PageContent | null> {
  const id = visit.named("id");
  const turns: readonly TurnTrace[] = await visit.run(async (transaction) => {
    const [record] = await findPrinted(transaction, id);
    return findTurns(transaction, record?.id ?? id);
  });
  const [newest] = turns;
  if (newest === undefined) return null;
  return {
    title: "What happened, step by step",
    tools: soft(`Trace of ${id}`),
    body: html`<p>${link(caseAddress(newest.conversation_id), "The case it belongs to")}</p>
      <div class="box stack">
        ${turns.slice(0, TURNS_MAX).map((turn) => turnView(turn, visit, true))}
      </div>`,
  };
}
