/** The page of one case: its cards with their buttons, the whole thread, notes, history and traces. */

import type { Request } from "express";
import { z } from "zod";
import type { TurnTrace } from "#core/values/trace.ts";
import type { Card } from "#core/contracts/approval-desk.ts";
import type { Approval } from "#store/approvals/approvals.ts";
import { filesOf } from "#store/inbox/attachments.ts";
import { descriptionsOf } from "#store/inbox/picture-descriptions.ts";
import { caseHeads } from "#store/conversations/case-heads.ts";
import { signalsOf } from "#store/conversations/signals.ts";
import type { Transaction } from "#store/db/database.ts";
import {
  conversationsOfCase,
  messageOfConversation,
  messagesOfCase,
  turnsOfCase,
  type CaseConversation,
  type ThreadMessage,
} from "#store/console/case.ts";
import { notesOf } from "#store/console/notes.ts";
import { cardsOfConversations } from "#store/console/waiting.ts";
import { addressWith, html, type Html } from "#server/http/html.ts";
import { cardView, decidedView } from "#server/console/card/card-view.ts";
import { DESCRIBE_FORM, type ShownFiles } from "#server/console/card/file-list.ts";
import { cardsShown } from "#server/console/card/read-cards.ts";
import type { PageContent, Visit } from "#server/console/frame.ts";
import { asked, named, type Desk } from "#server/console/visit.ts";
import { aboutCase, notesList, notesView, ownershipView } from "./beside.ts";
import { undescribedView } from "./describe-picture.ts";
import { threadView } from "./thread.ts";
import { turnView } from "./waterfall.ts";

/** How much of a case one page shows. */
const MESSAGES_A_PAGE = 15;
const CARDS_MAX = 6;
const TURNS_MAX = 4;

const MessageId = z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER);

/** The case with this conversation; null when there is none. */
export async function casePage(
  { options: { parts } }: Desk,
  visit: Visit,
  request: Request,
): Promise<PageContent | null> {
  const id = named(request, "id");
  const before = MessageId.safeParse(asked(request, "before")).data ?? null;
  const read = await parts.store.run((transaction) =>
    readCase(transaction, id, { before, zone: visit.zone }),
  );
  if (read === null) return null;
  const mask = (text: string): string => parts.guard.mask(text);
  const { conversations, cards, approvals, notes, turns, signals } = read;
  const path = `/console/case/${encodeURIComponent(id)}`;
  const describeOn = parts.pictures === null ? null : addressWith(path, { before });
  const shown = { files: read.files, descriptions: read.descriptions, describeOn };
  const own = conversations.map(masked(mask));
  const next = `/console/next/${encodeURIComponent(approvals[0]?.id ?? "")}`;
  return {
    place: "/console",
    title: mask(titleOf(own, cards, read.messages)),
    tools: html`<nav class="row" aria-label="Cases">
      <a href="/console">← What waits</a>
      <a href="${next}">Next case →</a>
    </nav>`,
    body: html`<div class="case">
      <div class="case-main stack">
        ${undescribedView(request)}${describeOn === null ? null : DESCRIBE_FORM}
        <section
          aria-label="Cards of this case"
          id="cards"
          class="stack"
          data-live="/console/part/case/${encodeURIComponent(id)}"
        >
          ${cardsView(own, cards, approvals, shown)}
        </section>
        <section aria-labelledby="thread-title" class="stack">
          <h2 id="thread-title">The whole conversation</h2>
          ${threadView({ ...read, caseId: id, shown, mask }, visit)}
        </section>
      </div>
      <aside class="case-side stack" aria-label="Beside the conversation">
        ${aboutCase(own, cards, visit)} ${notesView(id, notes, visit)}
        ${ownershipView({ signals, mask }, visit)}
      </aside>
      ${tracesView(id, turns, visit)}
    </div>`,
  };
}

/** Everything of a case at one moment; null when there is no such conversation. */
async function readCase(
  transaction: Transaction,
  id: string,
  { before, zone }: { readonly before: number | null; readonly zone: string },
) {
  const found = await cardsOfCase(transaction, id, zone);
  if (found.conversations.length === 0) return null;
  const ids = found.conversations.map((one) => one.id);
  const page = { before, most: MESSAGES_A_PAGE };
  const { messages, hasEarlier } = await messagesOfCase(transaction, ids, page);
  const keys = [
    ...messages.map(({ message }) => message.key),
    ...found.approvals.flatMap(({ answers }) => answers),
  ];
  const heads = await caseHeads(transaction, ids);
  return {
    ...found,
    messages: messages.map((stored) => withKnownName(stored, heads)),
    hasEarlier,
    ...(await filesShown(transaction, keys)),
    notes: await notesOf(transaction, ids),
    turns: await turnsOfCase(transaction, ids, TURNS_MAX),
    signals: await signalsOf(transaction, id),
  };
}

/** A chat names its customer by an id of the shop; the page by their name, where it is known. */
function withKnownName(
  stored: ThreadMessage,
  heads: Awaited<ReturnType<typeof caseHeads>>,
): ThreadMessage {
  const { author } = stored.message;
  const head = heads.get(stored.conversationId);
  if (author.kind !== "requester" || head?.channel !== "chat" || head.name === "") return stored;
  return { ...stored, message: { ...stored.message, author: { ...author, name: head.name } } };
}

async function filesShown(transaction: Transaction, messageKeys: readonly string[]) {
  const files = await filesOf(transaction, messageKeys);
  return { files, descriptions: await descriptionsOf(transaction, files) };
}

function tracesView(id: string, turns: readonly TurnTrace[], visit: Visit): Html {
  return html`<section class="box stack case-trace" aria-labelledby="trace-title">
    <h2 id="trace-title">What Deskhand did</h2>
    ${
      turns.length === 0
        ? html`<p class="soft">No turn is kept.</p>`
        : turns.map((turn) => turnView(turn, visit, false))
    }
    ${
      turns.length < TURNS_MAX
        ? ""
        : html`<p><a href="/console/trace/${encodeURIComponent(id)}">All its turns</a></p>`
    }
  </section>`;
}

function masked(mask: (text: string) => string) {
  return (one: CaseConversation): CaseConversation => ({
    ...one,
    subject: mask(one.subject),
    ownerReason: mask(one.ownerReason),
  });
}

/** The case's own subject says most; without one, the card's headline does. */
function titleOf(
  [own]: readonly CaseConversation[],
  [card]: readonly Card[],
  messages: readonly ThreadMessage[],
): string {
  const wrote = messages.findLast(({ message }) => message.author.kind === "requester");
  const who = card?.requester.name ?? wrote?.message.author.name ?? "";
  const what = own === undefined || own.subject === "" ? (card?.headline ?? "Case") : own.subject;
  return who === "" || what.includes(who) ? what : `${who}: ${what}`;
}

/** The cards alone, which the page asks for again every two seconds. */
export async function caseCards(
  { options: { parts } }: Desk,
  visit: Visit,
  request: Request,
): Promise<Html> {
  const id = named(request, "id");
  const read = await parts.store.run(async (transaction) => {
    const found = await cardsOfCase(transaction, id, visit.zone);
    const keys = found.approvals.flatMap(({ answers }) => answers);
    return { ...found, ...(await filesShown(transaction, keys)) };
  });
  const { conversations, cards, approvals, files, descriptions } = read;
  const describeOn = parts.pictures === null ? null : `/console/case/${encodeURIComponent(id)}`;
  return cardsView(conversations, cards, approvals, { files, descriptions, describeOn });
}

/** The notes alone. */
export async function caseNotes(
  { options: { parts } }: Desk,
  visit: Visit,
  request: Request,
): Promise<Html> {
  const id = named(request, "id");
  const notes = await parts.store.run(async (transaction) => {
    const { conversations } = await cardsOfCase(transaction, id, visit.zone);
    return notesOf(
      transaction,
      conversations.map((one) => one.id),
    );
  });
  return notesList(notes, visit);
}

async function cardsOfCase(transaction: Transaction, id: string, zone: string) {
  const own = await conversationsOfCase(transaction, id, []);
  const first = await cardsOfConversations(
    transaction,
    own.map((one) => one.id),
    CARDS_MAX,
  );
  const members = first.flatMap(({ card }) =>
    card.context.members.map(({ conversationId }) => conversationId),
  );
  if (members.length === 0)
    return {
      conversations: own,
      approvals: first,
      cards: await cardsShown(transaction, first, zone),
    };
  const conversations = await conversationsOfCase(transaction, id, members);
  const approvals = await cardsOfConversations(
    transaction,
    conversations.map((one) => one.id),
    CARDS_MAX,
  );
  return { conversations, approvals, cards: await cardsShown(transaction, approvals, zone) };
}

function cardsView(
  conversations: readonly CaseConversation[],
  cards: readonly Card[],
  approvals: readonly Approval[],
  shown: ShownFiles,
): Html {
  const free = conversations.find(
    ({ owner, handedOverAt, solvedAt }) =>
      owner === "human" && handedOverAt !== null && solvedAt === null,
  );
  if (cards.length === 0 && free === undefined)
    return html`<p class="box soft" id="no-card">No card is about this case.</p>`;
  return html`${free === undefined ? "" : takeOver(free)}${cards.map((card, index) => {
    if (card.state === "closed") return decidedView(card);
    const answers = approvals[index]?.answers ?? [];
    const files = shown.files.filter(({ messageKey }) => answers.includes(messageKey));
    return cardView(card, { ...shown, files });
  })}`;
}

/** People have the case, and none of them by name. */
function takeOver({ id }: CaseConversation): Html {
  return html`<div class="box row" id="free" data-card="${id}" data-version="1">
    <span>People have this case, and no teammate has taken it yet.</span>
    <button type="button" data-press="take_over">Take over</button>
  </div>`;
}

/** One message whole, for those the thread shows only the beginning of. */
export async function messagePage(
  { options: { parts } }: Desk,
  request: Request,
): Promise<PageContent | null> {
  const id = named(request, "id");
  const number = MessageId.safeParse(request.params["message"]);
  if (!number.success) return null;
  const found = await parts.store.run((transaction) =>
    messageOfConversation(transaction, id, number.data),
  );
  if (found === null) return null;
  const { message } = found;
  return {
    place: "/console",
    title: `All of a message by ${parts.guard.mask(message.author.name)}`,
    tools: html`<p>
      <a href="/console/case/${encodeURIComponent(id)}#m${found.id}">← Back to the case</a>
    </p>`,
    body: html`<div class="box words" dir="auto">${parts.guard.mask(message.text)}</div>`,
    isNarrow: true,
  };
}
