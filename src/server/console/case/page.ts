/** The page of one case: its cards with their buttons, the whole thread, notes, history and traces. */

import { caseHeads } from "#store/conversations/conversations.ts";
import { z } from "zod";
import type { TurnTrace } from "#core/values/trace.ts";
import type { Card } from "#core/contracts/approval-desk.ts";
import type { Approval } from "#store/approvals/approvals.ts";
import { messageFiles, pictureDescriptions } from "#store/inbox/attachments.ts";
import { conversationSignals } from "#store/conversations/messages.ts";
import type { Transaction } from "#store/db/database.ts";
import {
  conversationsOfCase,
  messageOfConversation,
  messagesOfCase,
  turnsOfCase,
  type CaseConversation,
  type ThreadMessage,
  conversationNotes,
} from "#store/console/case.ts";
import { cardsOfConversations } from "#store/console/waiting.ts";
import { addressWith, html, type Html } from "#server/http/html.ts";
import type { PageContent } from "#server/console/frame.ts";
import type { Subject } from "#server/console/visit.ts";
import { caseAddress } from "#server/console/parts.ts";
import { cardsShown, cardView, decidedView } from "./card.ts";
import { DESCRIBE_FORM, undescribedView, type ShownFiles } from "./files.ts";
import { aboutCase, notesList, notesView, ownershipView, threadView } from "./thread.ts";
import { turnView } from "./trace.ts";
import type { Visit } from "#server/console/session.ts";

/** How much of a case one page shows. */
const MESSAGES_A_PAGE = 15;
const CARDS_MAX = 6;
const TURNS_MAX = 4;

const MessageId = z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER);

/** The page of a case and of one of its messages whole, and the parts that are asked for again. */
export const CASE: Subject = {
  pages: { "/case/:id": casePage, "/case/:id/message/:message": messagePage },
  parts: { "/case/:id": caseCards, "/notes/:id": caseNotes },
};

/** The case with this conversation; null when there is none. */
async function casePage(visit: Visit): Promise<PageContent | null> {
  const id = visit.named("id");
  const before = MessageId.safeParse(visit.asked("before")).data ?? null;
  const read = await visit.run((transaction) =>
    readCase(transaction, id, { before, zone: visit.zone }),
  );
  if (read === null) return null;
  const mask = visit.mask;
  const { conversations, cards, approvals, notes, turns, signals } = read;
  const path = caseAddress(id);
  const describeOn = visit.parts.pictures === null ? null : addressWith(path, { before });
  const shown = { files: read.files, descriptions: read.descriptions, describeOn };
  const own = conversations.map(masked(mask));
  const next = `/console/next/${encodeURIComponent(approvals[0]?.id ?? "")}`;
  return {
    place: "/console",
    title: mask(caseTitle(own, cards, read.messages)),
    tools: html`<nav class="row" aria-label="Cases">
      <a href="/console">← What waits</a>
      <a href="${next}">Next case →</a>
    </nav>`,
    body: html`<div class="case">
      <div class="case-main stack">
        ${undescribedView(visit)}${describeOn === null ? null : DESCRIBE_FORM}
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
          ${threadView({ ...read, caseId: id, shown }, visit)}
        </section>
      </div>
      <aside class="case-side stack" aria-label="Beside the conversation">
        ${aboutCase(own, cards, visit)} ${notesView(id, notes, visit)}
        ${ownershipView(signals, visit)}
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
    notes: await conversationNotes(transaction, ids),
    turns: await turnsOfCase(transaction, ids, TURNS_MAX),
    signals: await conversationSignals(transaction, id),
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
  const files = await messageFiles(transaction, messageKeys);
  return { files, descriptions: await pictureDescriptions(transaction, files) };
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
      turns.length >= TURNS_MAX &&
      html`<p><a href="/console/trace/${encodeURIComponent(id)}">All its turns</a></p>`
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
function caseTitle(
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
async function caseCards(visit: Visit): Promise<Html> {
  const id = visit.named("id");
  const read = await visit.run(async (transaction) => {
    const found = await cardsOfCase(transaction, id, visit.zone);
    const keys = found.approvals.flatMap(({ answers }) => answers);
    return { ...found, ...(await filesShown(transaction, keys)) };
  });
  const { conversations, cards, approvals, files, descriptions } = read;
  const describeOn = visit.parts.pictures === null ? null : caseAddress(id);
  return cardsView(conversations, cards, approvals, { files, descriptions, describeOn });
}

/** The notes alone. */
async function caseNotes(visit: Visit): Promise<Html> {
  const id = visit.named("id");
  const notes = await visit.run(async (transaction) => {
    const { conversations } = await cardsOfCase(transaction, id, visit.zone);
    return conversationNotes(
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
  return html`${free !== undefined && takeOver(free)}${cards.map((card, index) => {
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
async function messagePage(visit: Visit): Promise<PageContent | null> {
  const id = visit.named("id");
  const number = MessageId.safeParse(visit.named("message"));
  if (!number.success) return null;
  const found = await visit.run((transaction) =>
    messageOfConversation(transaction, id, number.data),
  );
  if (found === null) return null;
  const { message } = found;
  return {
    place: "/console",
    title: `All of a message by ${visit.mask(message.author.name)}`,
    tools: html`<p>
      <a href="${caseAddress(id, `m${found.id}`)}">← Back to the case</a>
    </p>`,
    body: html`<div class="box words" dir="auto">${visit.mask(message.text)}</div>`,
    isNarrow: true,
  };
}
