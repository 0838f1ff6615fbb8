/** What stands beside the thread of a case: what is known of it, notes of the team, who had it. */

import type { Card } from "#core/contracts/approval-desk.ts";
import { orderText, quotedExcerpt } from "#core/values/card-text.ts";
import type { Signal } from "#core/values/message.ts";
import { momentText } from "#core/values/moment.ts";
import { assignedReason } from "#core/cases/ownership.ts";
import type { CaseConversation } from "#store/console/case.ts";
import { NOTE_MAX, type CaseNote } from "#store/console/notes.ts";
import { html, type Html, type HtmlValue } from "#server/http/html.ts";
import type { Visit } from "#server/console/frame.ts";
import { placeName } from "./thread.ts";

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
  const named = new Set(conversations.map(({ id }) => id));
  const members = cards.flatMap(({ context }) =>
    context.members.filter(({ conversationId }) => !named.has(conversationId)),
  );
  return html`<section class="box stack" aria-labelledby="about-title">
    <h2 id="about-title">About this case</h2>
    <dl class="facts-list">
      ${
        own === undefined
          ? ""
          : html`<dt>With</dt>
              <dd class="words">${ownerWords(own, visit)}</dd>
              <dt>Written on</dt>
              <dd>${placeName(own)}</dd>
              <dt>Since</dt>
              <dd>${momentText(own.createdAt, visit.zone, visit.now)}</dd>
              <dt>Id</dt>
              <dd class="words">${own.id}</dd>`
      }${[...orders.values()].map(
        (order) =>
          html`<dt>Order, when it was decided</dt>
            <dd class="words">${orderText(order, visit.now.toISOString())}</dd>`,
      )}
    </dl>
    ${
      others.length + members.length === 0
        ? ""
        : html`<h3>Also part of it</h3>
            <ul>
              ${others.map(
                (one) => html`<li>${caseLink(one.id, placeName(one), one.subject)}</li>`,
              )}${members.map(
                (one) =>
                  html`<li>
                    ${caseLink(one.conversationId, `${one.channel} ${one.called}`, one.subject)}
                  </li>`,
              )}
            </ul>`
    }
  </section>`;
}

function caseLink(id: string, name: string, subject: string): Html {
  return html`<a class="words" href="/console/case/${encodeURIComponent(id)}"
    >${name}${subject === "" ? "" : `: ${subject.slice(0, 80)}`}</a
  >`;
}

function ownerWords(
  { owner, ownerReason, handedOverAt, solvedAt }: CaseConversation,
  visit: Visit,
): string {
  const who = owner === "bot" ? "the bot" : "people";
  const since =
    owner === "human" && handedOverAt !== null
      ? `, since ${momentText(handedOverAt, visit.zone, visit.now)}`
      : "";
  const solved = solvedAt === null ? "" : `, solved ${momentText(solvedAt, visit.zone, visit.now)}`;
  return `${who}${since}${ownerReason === "" ? "" : `: ${ownerReason}`}${solved}`;
}

/** The team's notes, and the form for another one. */
export function notesView(caseId: string, notes: readonly CaseNote[], visit: Visit): Html {
  return html`<section class="box stack" aria-labelledby="notes-title">
    <h2 id="notes-title">Notes of the team</h2>
    <p class="soft">Internal: never sent, and not part of any draft.</p>
    <div id="notes" data-live="/console/part/notes/${encodeURIComponent(caseId)}">
      ${notesList(notes, visit)}
    </div>
    <form data-note="${caseId}">
      <label for="note-text">Add a note</label>
      <textarea
        id="note-text"
        name="text"
        rows="3"
        maxlength="${NOTE_MAX}"
        required=""
        dir="auto"
      ></textarea>
      <p class="error" role="alert"></p>
      <div class="row"><button type="submit">Add the note</button></div>
    </form>
  </section>`;
}

/** The notes alone, which the page asks for again. */
export function notesList(notes: readonly CaseNote[], { now, zone }: Visit): Html {
  if (notes.length === 0) return html`<p class="soft" id="no-notes">No notes yet.</p>`;
  return html`<ol class="notes" id="note-list">
    ${notes.map(
      ({ id, name, text, at }) =>
        html`<li id="${id}">
          <p class="byline">
            <b>${name}</b> <span class="soft">${momentText(at, zone, now)}</span>
          </p>
          <div class="words" dir="auto">${text}</div>
        </li>`,
    )}
  </ol>`;
}

/** A rating's comment is told this far. */
const COMMENT_MAX = 1_000;

/** Every change of who has the case, oldest first. */
export function ownershipView(
  {
    signals,
    mask,
  }: { readonly signals: readonly Signal[]; readonly mask: (text: string) => string },
  { now, zone }: Visit,
): HtmlValue {
  const lines = signals.flatMap((signal) => {
    const words = changeOf(signal, mask);
    return words === null ? [] : [`${momentText(new Date(signal.at), zone, now)} · ${words}`];
  });
  if (lines.length === 0) return null;
  return html`<section class="box stack" aria-labelledby="owners-title">
    <h2 id="owners-title">Who had it</h2>
    <ul>
      ${lines.map((line) => html`<li class="words">${line}</li>`)}
    </ul>
  </section>`;
}

function changeOf(signal: Signal, mask: (text: string) => string): string | null {
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
      return `our mail came back: ${signal.reason}`;
    default:
      throw new Error(`unknown signal ${String(signal satisfies never)}`);
  }
}
