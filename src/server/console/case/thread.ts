/** What the page of a case shows of it: the messages with their files, what is known of it, notes of the team, who had it. */

import { assignedReason } from "#core/cases/ownership.ts";
import type { Card } from "#core/contracts/approval-desk.ts";
import { orderText, quotedExcerpt } from "#core/values/card-text.ts";
import { inKinds, type Signal } from "#core/values/message.ts";
import { shortened } from "#core/values/words.ts";
import {
  aside,
  caseAddress,
  dotted,
  facts,
  lineList,
  link,
  section,
  soft,
  type Fact,
} from "#server/console/parts.ts";
import { html, type Html, type HtmlValue } from "#server/http/html.ts";
import {
  type CaseConversation,
  type ThreadMessage,
  NOTE_MAX,
  type CaseNote,
  type openByWriter,
} from "#store/console/case.ts";
import { textArea } from "#server/console/forms.ts";
import { fileList, type ShownFiles } from "./files.ts";
import type { Visit } from "#server/console/session.ts";

/** Of a longer message the thread shows the beginning, and a link to all of it. */
const SHOWN_MAX = 2_500;

/** What a thread is drawn from. */
export interface Thread {
  readonly caseId: string;
  readonly conversations: readonly CaseConversation[];
  readonly messages: readonly ThreadMessage[];
  readonly hasEarlier: boolean;
  readonly shown: ShownFiles;
}

/** How texts and times are shown. */
type Showing = Pick<Visit, "when" | "mask">;

/** The thread, oldest message first, with a link to earlier ones. */
export function threadView(thread: Thread, showing: Showing): Html {
  const { caseId, messages, hasEarlier } = thread;
  const [first] = messages;
  if (first === undefined) return soft("No messages are kept.");
  const earlier = `${caseAddress(caseId)}?before=${first.id}`;
  return html`${hasEarlier && html`<p id="earlier">${link(earlier, "Earlier messages", "button")}</p>`}
    <ol class="thread-list" id="thread-list">
      ${messages.map((one) => messageView(one, thread, showing))}
    </ol>`;
}

/** The last message of the customer among these. */
export function newestOfCustomer(messages: readonly ThreadMessage[]): ThreadMessage | undefined {
  return messages.findLast(({ message }) => message.author.kind === "requester");
}

/** What the customer wrote last, to be read before it is answered. */
export function newestView(messages: readonly ThreadMessage[], showing: Showing): Html {
  const newest = newestOfCustomer(messages);
  if (newest === undefined) return html``;
  const { author, sentAt } = newest.message;
  return html`<div class="box stack" id="newest">
    <p class="byline">
      <b>${showing.mask(author.name)}</b> ${aside(showing.when(new Date(sentAt)))}
    </p>
    ${words(newest, showing)}
  </div>`;
}

/** What else of a writer waits whom nothing proves to be one customer: nothing else puts it on one card. */
export function alsoOpenView(
  others: Awaited<ReturnType<typeof openByWriter>>,
  { mask }: Pick<Visit, "mask">,
): Html {
  if (others.length === 0) return html``;
  return html`<div class="notice" id="also-open">
    <p>This writer also has open:</p>
    ${others.map(({ isSame, ...one }) => html`<p>${caseLink(one.id, placeName(one), mask(one.subject))}${isSame === true && " (the same text)"}</p>`)}
  </div>`;
}

const KINDS = {
  requester: "customer",
  teammate: "teammate",
  bot: "Deskhand",
  system: "system",
} as const;

function messageView(stored: ThreadMessage, thread: Thread, showing: Showing): Html {
  const { when, mask } = showing;
  const { message, id } = stored;
  const { author, visibility } = message;
  const place = thread.conversations.find((one) => one.id === stored.conversationId);
  const kind = KINDS[author.kind];
  const name = mask(author.name) || kind;
  const about = dotted([
    name === kind ? "" : kind,
    thread.conversations.length > 1 && place !== undefined ? placeName(place) : "",
    visibility === "internal" ? "internal note" : "",
    when(new Date(message.sentAt)),
    outcomeText(stored),
  ]);
  const { files, descriptions, describeOn } = thread.shown;
  const own = {
    files: files.filter(({ messageKey }) => messageKey === message.key),
    descriptions,
    describeOn: describeOn === null ? null : `${describeOn}#m${id}`,
  };
  const kept = new Set(own.files.map(({ place: at }) => at));
  const others = inKinds(message.attachments.filter((_, at) => !kept.has(at)));
  return html`<li
    class="said-by ${author.kind}${visibility === "internal" ? " internal" : ""}"
    id="m${id}"
  >
    <p class="byline"><b>${name}</b> ${aside(about)}</p>
    ${words(stored, showing)}${fileList(own)}${others !== "" && soft(`📎 ${others}, not kept here`)}
  </li>`;
}

/** "Mail", or "zendesk #12" for a place with a number people know. */
function placeName({
  channel,
  externalId,
}: Pick<CaseConversation, "channel" | "externalId">): string {
  return /^\d{1,15}$/.test(externalId) ? `${channel} #${externalId}` : channel;
}

function words({ message, id, conversationId }: ThreadMessage, { mask }: Showing): HtmlValue {
  const text = mask(message.text);
  if (text.trim() === "") return soft(message.ignore === "erased" ? "Erased." : "No text.");
  const whole = `${caseAddress(conversationId)}/message/${id}`;
  return html`<div class="words" dir="auto">${shortened(text, SHOWN_MAX)}</div>
    ${text.length > SHOWN_MAX && html`<p>${link(whole, `All ${text.length} characters of it`)}</p>`}`;
}

function outcomeText({ outcome, outcomeReason }: ThreadMessage): string {
  if (outcome === null) return "";
  return outcome === "ignored" && outcomeReason !== "" ? `ignored: ${outcomeReason}` : outcome;
}

// Beside the thread.

/** Where the case is, who has it, and what else belongs to it. */
export function aboutCase(
  conversations: readonly CaseConversation[],
  cards: readonly Card[],
  visit: Visit,
): Html {
  const [own, ...others] = conversations;
  const orders = new Map(
    // An open card shows its orders itself.
    cards
      .filter(({ state }) => state === "closed")
      .flatMap(({ context }) => context.orders.map((order) => [order.orderId, order] as const)),
  );
  const known: readonly Fact[] =
    own === undefined
      ? []
      : [
          ["Why", own.ownerReason],
          ["Written on", placeName(own)],
          ["Since", visit.when(own.createdAt)],
          ["Id", own.id],
        ];
  const decided = [...orders.values()].map((order): Fact => [
    "Order, when it was decided",
    orderText(order, visit.now.toISOString()),
  ]);
  const parts = others.map((one) => caseLink(one.id, placeName(one), one.subject));
  return section(
    "about",
    "About this case",
    html`${facts([...known, ...decided])}${
      parts.length > 0 &&
      html`<h3>Also part of it</h3>
        <ul>
          ${parts.map((link) => html`<li>${link}</li>`)}
        </ul>`
    }`,
  );
}

function caseLink(id: string, name: string, subject: string): Html {
  const words = `${name}${subject === "" ? "" : `: ${subject.slice(0, 80)}`}`;
  return link(caseAddress(id), words, "words");
}

const NOTE = html`id="note-text" rows="3" maxlength="${NOTE_MAX}" required="" dir="auto"`;

/** The team's notes, and the form for another one. */
export function notesView(caseId: string, notes: Html): Html {
  return section(
    "team-notes",
    "Notes of the team",
    html`${soft("Internal: never sent, and not part of any draft.")}
      <div id="notes">${notes}</div>
      <form data-form="${caseAddress(caseId)}/notes" data-click="">
        ${textArea("text", "Add a note", "", NOTE)}
        <p class="error" role="alert"></p>
        <div class="row"><button type="submit">Add the note</button></div>
      </form>`,
  );
}

/** The notes alone, which are drawn again and again. */
export function notesList(notes: readonly CaseNote[], { when }: Visit): Html {
  if (notes.length === 0) return html`<p class="soft" id="no-notes">No notes yet.</p>`;
  return html`<ol class="notes" id="note-list">
    ${notes.map(
      ({ id, name, text, at }) =>
        html`<li id="${id}">
          <p class="byline"><b>${name}</b> ${aside(when(at))}</p>
          <div class="words" dir="auto">${text}</div>
        </li>`,
    )}
  </ol>`;
}

/** A rating's comment is told this far. */
const COMMENT_MAX = 1_000;

/** Every change of who has the case, oldest first. */
export function ownershipView(signals: readonly Signal[], { when, mask }: Visit): HtmlValue {
  const lines = signals.flatMap((signal) => {
    const words = signalChange(signal, mask);
    return words === null ? [] : [`${when(new Date(signal.at))} · ${words}`];
  });
  if (lines.length === 0) return null;
  return section("owners", "Who had the case", lineList(lines));
}

function signalChange(signal: Signal, mask: (text: string) => string): string | null {
  switch (signal.kind) {
    case "assigned":
      return `to ${signal.to === "bot" ? "the bot" : "people"}: ${assignedReason(signal)}`;
    case "merged":
      return `to people: ${signal.actor} merged it into ${signal.into}`;
    case "absorbed":
      return `${signal.actor} merged ${signal.from} into it`;
    case "solved":
      return `${signal.actor} set it to solved`;
    case "reopened":
      return `${signal.actor} opened it again`;
    case "rated":
      return signal.comment.trim() === ""
        ? `rated ${signal.score}`
        : `rated ${signal.score}: ${quotedExcerpt(mask(signal.comment), COMMENT_MAX)}`;
    case "bounced":
      return `our mail bounced: ${signal.reason}`;
  }
}
