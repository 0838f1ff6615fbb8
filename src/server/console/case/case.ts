/** The page of one case: its cards with their buttons, the whole thread, notes, history and traces. */

import { caseHeads, caseStates } from "#store/conversations/conversations.ts";
import type { CaseState } from "#core/cases/ownership.ts";
import { ERASED, isFromRequester } from "#core/values/message.ts";
import type { TurnTrace } from "#core/values/trace.ts";
import type { Card } from "#core/contracts/approval-desk.ts";
import type { Approval } from "#store/approvals/approvals.ts";
import { messageFiles, pictureDescriptions } from "#store/inbox/attachments.ts";
import { conversationSignals } from "#store/conversations/messages.ts";
import type { Transaction } from "#store/db/database.ts";
import {
  cardsOfConversations,
  conversationsOfCase,
  messageOfConversation,
  messagesOfCase,
  openByWriter,
  turnsOfCase,
  type CaseConversation,
  type ThreadMessage,
  conversationNotes,
  type CaseNote,
} from "#store/console/case.ts";
import { replyGoesTo } from "#jobs/decisions/reply-basis.ts";
import { savedReplies } from "#store/knowledge/page-notes.ts";
import { addressWith, html, type HtmlValue, type Html } from "#server/http/html.ts";
import type { PageContent, Subject } from "#server/console/frame.ts";
import { caseAddress, link, soft } from "#server/console/parts.ts";
import { wholeNumber, type Visit } from "#server/console/session.ts";
import { caseActions, replyBox } from "./answer.ts";
import { cardsShown, cardView, decidedView, reuseButton } from "./card.ts";
import { DESCRIBE_FORM, undescribedView, type ShownFiles } from "./files.ts";
import {
  aboutCase,
  alsoOpenView,
  newestOfCustomer,
  newestView,
  notesList,
  notesView,
  ownershipView,
  threadView,
} from "./thread.ts";
import { tracePath, turnView } from "./trace.ts";

/** How much of a case one page shows. */
const MESSAGES_A_PAGE = 15;
const CARDS_MAX = 6;
const TURNS_MAX = 4;

/** The page of a case and of one of its messages whole, and the parts that are asked for again. */
export const CASE: Subject = {
  place: "/console",
  pages: { "/case/:id": casePage, "/case/:id/message/:message": messagePage },
  parts: { "/case/:id": (visit) => caseParts(visit, visit.named("id")) },
};

/** The case with this conversation on a page of its own; null when there is none. */
async function casePage(visit: Visit): Promise<PageContent | null> {
  const drawn = await drawCase(visit, visit.named("id"));
  if (drawn === null) return null;
  const { title, body } = drawn;
  return {
    title,
    tools: html`<p>${link("/console", "← Inbox")}</p>`,
    body: await body(),
  };
}

/** The same as the part of a page that stands beside a list; null when there is no such case. */
export async function casePane(visit: Visit, id: string): Promise<Html | null> {
  const drawn = await drawCase(visit, id);
  if (drawn === null) return null;
  return html`<div class="row pane-head">
      <a href="/console" class="button back">← List</a>
      <h2 id="pane-title" tabindex="-1">${drawn.title}</h2>
      ${link(caseAddress(id), "Own page")}
    </div>
    ${await drawn.body()}`;
}

/** What changes of a case that is open, each part under its id. */
export async function caseParts(visit: Visit, id: string): Promise<Html> {
  const drawn = await drawCase(visit, id);
  if (drawn === null) return html``;
  const { cards, thread, notes } = drawn;
  return html`<div id="cards">${cards}</div>
    <div id="thread">${thread}</div>
    <div id="notes">${notes}</div>`;
}

/** What is shown of a case; null when there is no such case. */
async function drawCase(visit: Visit, id: string) {
  const before = visit.askedNumber("before");
  const read = await visit.run(readCase, id, {
    before,
    policy: visit.parts.policy,
    now: visit.now,
  });
  if (read === null) return null;
  const { mask } = visit;
  const { cards, approvals, turns, signals } = read;
  const { files, descriptions } = read;
  const page = addressWith(caseAddress(id), { before });
  const shown = { files, descriptions, describeOn: visit.parts.pictures === null ? null : page };
  const own = read.conversations.map((one) => ({
    ...one,
    subject: mask(one.subject),
    ownerReason: mask(one.ownerReason),
  }));
  const isWaiting = hasWaiting(approvals);
  const seen = read.messages.at(-1)?.id ?? 0;
  const parts = {
    cards: html`${cardsView({ ...read, conversations: own, seen }, visit, shown, {
      alsoOpen:
        cards.every(({ context }) => context.records?.kind !== "known") &&
        alsoOpenView(read.byWriter, visit),
      newest: newestView(read.messages, visit),
    })}${proposedAnswers(read.notes, visit)}`,
    thread: threadView({ ...read, caseId: id, shown }, visit),
    notes: notesList(read.notes, visit),
  };
  return {
    ...parts,
    title: mask(caseTitle(own, cards, read.messages)),
    body: async () =>
      html`<div
        class="case"
        data-parts=""
        data-live="${addressWith(`/console/part/case/${encodeURIComponent(id)}`, { before })}"
      >
        <div class="case-main stack">
          ${undescribedView(visit)}${shown.describeOn !== null && DESCRIBE_FORM}
          <section aria-label="Cards of this case" id="cards" class="stack">${parts.cards}</section>
          ${own[0] !== undefined && !isErased(read.messages) && replyBox(own[0], { isWaiting, seen, to: await visit.run(replyGoesTo, id), saved: read.saved, isLead: visit.isLead })}
          <section aria-labelledby="thread-title" class="stack">
            <h2 id="thread-title">The whole conversation</h2>
            <div id="thread">${parts.thread}</div>
          </section>
        </div>
        <aside class="case-side stack" aria-label="Beside the conversation">
          ${aboutCase(own, cards, visit)} ${notesView(id, parts.notes)}
          ${ownershipView(signals, visit)}
        </aside>
        ${tracesView(id, turns, visit)}
      </div>`,
  };
}

/** True where there is nobody left to answer. */
function isErased(messages: readonly ThreadMessage[]): boolean {
  const newest = messages.findLast(({ message }) => isFromRequester(message));
  return newest?.message.ignore === ERASED;
}

/** What assistants propose, right above the box for the answer. */
function proposedAnswers(notes: readonly CaseNote[], { when }: Visit): readonly Html[] {
  return notes
    .filter(({ isAnswer }) => isAnswer)
    .map(
      ({ text, name, at }) =>
        html`<div class="notice warn proposed-answer">
          <p class="band">💬 Answer proposed by ${name}, ${when(at)}</p>
          <div class="words" dir="auto">${text}</div>
          <div class="row">${reuseButton("Use this proposed answer", { text })}</div>
        </div>`,
    );
}

const WITH_BOT: CaseState = { kind: "bot", holder: null };

/** Everything of a case at one moment; null when there is no such conversation. */
async function readCase(
  transaction: Transaction,
  id: string,
  { before, ...duty }: { readonly before: number | null } & Parameters<typeof cardsOfCase>[2],
) {
  const found = await cardsOfCase(transaction, id, duty);
  if (found.conversations.length === 0) return null;
  const ids = found.conversations.map((one) => one.id);
  const page = { before, most: MESSAGES_A_PAGE };
  const { messages, hasEarlier } = await messagesOfCase(transaction, ids, page);
  const keys = [
    ...messages.map(({ message }) => message.key),
    ...found.approvals.flatMap(({ answers }) => answers),
  ];
  const files = await messageFiles(transaction, keys);
  const heads = await caseHeads(transaction, ids);
  const newest = newestOfCustomer(messages);
  return {
    ...found,
    saved: await savedReplies(transaction),
    messages: messages.map((stored) => withKnownName(stored, heads)),
    hasEarlier,
    files,
    descriptions: await pictureDescriptions(transaction, files),
    notes: await conversationNotes(transaction, ids),
    turns: await turnsOfCase(transaction, ids, TURNS_MAX),
    signals: await conversationSignals(transaction, id),
    byWriter: newest === undefined ? [] : await openByWriter(transaction, newest.message, ids),
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

function tracesView(id: string, turns: readonly TurnTrace[], visit: Visit): Html {
  return html`<section class="box stack case-trace" aria-labelledby="trace-title">
    <h2 id="trace-title">What Deskhand did</h2>
    ${turns.length === 0 ? soft("No turn is kept.") : turns.map((turn) => turnView(turn, visit, false))}
    ${turns.length >= TURNS_MAX && html`<p>${link(tracePath(id), "All its turns")}</p>`}
  </section>`;
}

/** The case's own subject says most; without one, the card's headline does. */
function caseTitle(
  [own]: readonly CaseConversation[],
  [card]: readonly Card[],
  messages: readonly ThreadMessage[],
): string {
  const wrote = newestOfCustomer(messages);
  const who = card?.requester.name ?? wrote?.message.author.name ?? "";
  const what = own === undefined || own.subject === "" ? (card?.headline ?? "Case") : own.subject;
  return who === "" || what.includes(who) ? what : `${who}: ${what}`;
}

/** The conversations of a case and their cards. */
export async function cardsOfCase(
  transaction: Transaction,
  id: string,
  duty: Parameters<typeof cardsShown>[2],
) {
  const conversations = await conversationsOfCase(transaction, id);
  const ids = conversations.map((one) => one.id);
  const approvals = await cardsOfConversations(transaction, ids, CARDS_MAX);
  return {
    conversations,
    approvals,
    cards: await cardsShown(transaction, approvals, duty),
    state: (await caseStates(transaction, [id], duty.now)).get(id) ?? WITH_BOT,
  };
}

/**
 * The cards of a case and who has it, what is to be decided first. Beside a ticket, `shown` is null: its files are there,
 * and so is the conversation.
 */
export function cardsView(
  {
    conversations: [own],
    cards,
    approvals,
    state,
    seen,
  }: Awaited<ReturnType<typeof cardsOfCase>> & { readonly seen: number | null },
  visit: Parameters<typeof caseActions>[2],
  shown: ShownFiles | null,
  {
    alsoOpen = null,
    newest = null,
  }: { readonly alsoOpen?: HtmlValue; readonly newest?: HtmlValue } = {},
): Html {
  const isWaiting = hasWaiting(approvals);
  const holder = "holder" in state ? state.holder : null;
  const isTheirs = holder !== null && holder.voter !== visit.email;
  const more = {
    ...(isTheirs && { asks: `${holder.name} has this case. Send all the same?` }),
    ...(shown === null && { reuse: "Put into my reply" }),
  };
  // What was not sent before an answer was is past.
  const answered = approvals.findIndex(({ state: decided }) => decided === "approved");
  const sent = answered < 0 ? approvals.length : answered;
  const actions = own !== undefined && caseActions(own, { state, isWaiting, seen }, visit);
  const drawn = cards.map((card, index) => {
    const approval = approvals[index];
    if (card.state === "closed") {
      const isUnsent = index < sent && approval !== undefined && isUnsentText(approval);
      return decidedView(card, isUnsent, more.reuse);
    }
    if (shown === null) return cardView(card, null, more);
    const answers = approval?.answers ?? [];
    const files = shown.files.filter(({ messageKey }) => answers.includes(messageKey));
    return cardView(card, { ...shown, files }, more);
  });
  // What is to be decided comes first; where people answer, what they answer.
  return isWaiting
    ? html`${alsoOpen}${drawn}${actions}`
    : html`${actions}${alsoOpen}${newest}${drawn}`;
}

function hasWaiting(approvals: readonly Approval[]): boolean {
  return approvals.some(({ state }) => state === "pending");
}

/** A person's words, written or edited, that did not go out. */
function isUnsentText({ state, kind, card, votes }: Approval): boolean {
  const isWritten =
    kind === "notice" ? votes.length > 0 : card.edits.some(({ lines }) => lines.length > 0);
  return isWritten && state !== "approved" && state !== "pending";
}

/** One message whole, for those the thread shows only the beginning of. */
async function messagePage(visit: Visit): Promise<PageContent | null> {
  const id = visit.named("id");
  const number = wholeNumber(visit.named("message"));
  if (number === null) return null;
  const found = await visit.run(messageOfConversation, id, number);
  if (found === null) return null;
  const { message } = found;
  return {
    title: `Full message from ${visit.mask(message.author.name)}`,
    tools: html`<p>${link(caseAddress(id, `m${found.id}`), "← Back to the case")}</p>`,
    body: html`<div class="box words" dir="auto">${visit.mask(message.text)}</div>`,
    isNarrow: true,
  };
}
