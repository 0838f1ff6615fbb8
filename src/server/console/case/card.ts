/** A card as markup, with the same content in the same order as on the desk. */

import type { Button, Card } from "#core/contracts/approval-desk.ts";
import {
  citationLines,
  procedureLine,
  citationsIn,
  claimLine,
  orderLines,
  BUTTON_LABELS,
  conflictLines,
  readersLine,
  recordLines,
  senderText,
  expiryText,
  waitText,
  urgencyText,
  withNumbers,
} from "#core/values/card-text.ts";
import { markedPieces } from "#core/values/marked-words.ts";
import { cardStatuses } from "#jobs/approval/card-status.ts";
import { cardAsItStands } from "#jobs/approval/sync-cards.ts";
import { badge, dotted, lineList } from "#server/console/parts.ts";
import { html, type Html, type HtmlValue } from "#server/http/html.ts";
import type { Approval } from "#store/approvals/approvals.ts";
import type { Transaction } from "#store/db/database.ts";
import { fileList, type ShownFiles } from "./files.ts";

/** Without the menu of a card in Slack around it, "Redo" says too little. */
const LABELS = { ...BUTTON_LABELS, redo: "Ask for another draft" };

/** What decides a card has a place of its own; everything else is one press further away. */
const FIRST: ReadonlySet<Button> = new Set([
  "approve",
  "edit",
  "reject",
  "undo",
  "harmless",
  "dismiss",
  "thumbs_up",
  "thumbs_down",
]);

/** A card with its buttons, as an article that the page's script finds by its data; `files` where it may show some. */
export function cardView(card: Card, files: ShownFiles | null): Html {
  return html`<article
    class="card box${card.state === "shadow" ? " shadow" : ""}"
    id="${card.approvalId}"
    tabindex="-1"
    data-card="${card.approvalId}"
    data-version="${card.version}"
    data-kind="${card.kind}"
    data-confirm="${card.confirm}"
    data-approve="${card.approveLabel || "Approve"}"
    data-trace="${card.traceId}"
    aria-label="${card.headline}"
  >
    ${shadowBand(card)}
    <h2>${card.headline}</h2>
    ${card.kind === "policy" ? policyContent(card) : caseContent(card, files)} ${buttons(card)}
    ${footer(card)}
  </article>`;
}

/** A decided card: one line that opens to its full content. */
export function decidedView(card: Card): Html {
  return html`<details class="box" id="${card.approvalId}">
    <summary>${dotted([card.headline, card.closing])}</summary>
    <div
      class="card"
      data-card="${card.approvalId}"
      data-version="${card.version}"
      data-trace="${card.traceId}"
    >
      ${
        card.kind === "policy" ? policyContent(card) : caseContent(card, null)
      }${card.kind === "policy" ? "" : WHY}${footer(card)}
    </div>
  </details>`;
}

function caseContent(card: Card, files: ShownFiles | null): Html {
  const facts = orderLines(card.context);
  const isOld = card.state === "closed" && facts.length > 0;
  return html`${isOld && html`<p class="soft">As it was when this was asked:</p>`}
  ${facts.map((line) => html`<p class="facts words">${line}</p>`)} ${standing(card)}
  ${list("Changed since it was posted", card.changes, "notice warn")}
  ${card.edits.map(({ by, lines }) => list(`Changed by ${by}`, lines, ""))} ${requester(card)}
  ${quote(`${card.requester.name} wrote`, card.asked, "quote")} ${translated("In", card, "asked")}
  ${files !== null && fileList(files)} ${actions(card)} ${draft(card)}
  ${translated("The draft in", card, "draft")} ${opinions(card)} ${records(card)}`;
}

/** A shadow card must look unlike one that has an effect. */
function shadowBand({ state }: Card): HtmlValue {
  if (state !== "shadow") return null;
  return html`<div class="notice">
    <p class="band">Shadow: nothing is sent</p>
    <p>People answer this customer. Would you have sent the draft below?</p>
  </div>`;
}

/** What is read before everything else: the card's status, what disagrees, and every warning. */
function standing(card: Card): HtmlValue {
  const { context, status } = card;
  const lines = [
    ...(status === null ? [] : [`${status.kind === "paused" ? "⏸" : "🔁"} ${status.text}`]),
    ...[claimLine(card)].filter((line) => line !== ""),
    ...(card.state === "undoable" ? [`⏳ ${card.closing}`] : []),
    ...(card.progress === "" ? [] : [`👥 ${card.progress}`]),
    ...conflictLines(context),
    ...card.flags.map((flag) => `⚠ ${flag}`),
  ];
  if (lines.length === 0) return null;
  return html`<div class="notice warn">
    ${lines.map((line) => html`<p class="words">${withMarks(line)}</p>`)}
  </div>`;
}

/** Who writes, in three words and by name, why it is urgent, and since when the customer waits. */
function requester(card: Card): Html {
  const { name, address } = card.requester;
  const sender = senderText(card.requester);
  const urgency = urgencyText(card.context);
  const times = card.state === "pending" ? dotted([waitText(card), expiryText(card)]) : "";
  return html`<div>
    <p class="words">${dotted([name, address])}</p>
    <p class="badges">
      ${badge(sender, sender.startsWith("✅") ? "" : "warn")}
      ${urgency !== "" && badge(urgency, "warn")}
    </p>
    ${times !== "" && html`<p class="soft">${times}</p>`}
  </div>`;
}

/** The shop's records about the requester, for those who want to know more. */
function records({ context }: Card): HtmlValue {
  const [first, ...open] = recordLines(context.records);
  if (first === undefined) return null;
  return html`<div class="soft">
    <p class="words">${first}</p>
    ${lineList(open.map((line) => line.replace(/^• /, "")))}
  </div>`;
}

/** A closed card says how it ended in its first line, so its actions are what it asked for. */
const WHAT_IT_ASKS: Readonly<Record<Card["state"], string>> = {
  pending: "Will do",
  undoable: "Will do",
  shadow: "Would do",
  closed: "Asked for",
};

function actions(card: Card): HtmlValue {
  const verb = WHAT_IT_ASKS[card.state];
  const heading = card.actions.length > 1 ? `${verb}, in this order` : verb;
  const rules = [...new Set(card.actions.map(({ rule }) => rule))].filter((rule) => rule !== "");
  return list(
    heading,
    card.actions.map(({ label }) => label),
    "",
    rules.length === 0 ? null : html`<p class="soft words">Rule: ${rules.join("; ")}</p>`,
  );
}

/** The whole draft, however long: what is approved must not be hidden below an edge. */
function draft({ draft: shown, context, state }: Card): HtmlValue {
  if (shown === null || shown.text.trim() === "") return null;
  const citations = citationsIn(shown.text, context.citations);
  const receipts = citationLines(citations);
  const readers = readersLine(context);
  const procedure = procedureLine(context);
  const sources =
    receipts.length > 0 || shown.sources.length === 0 ? [] : [shown.sources.join("; ")];
  return html`<div class="quote draft">
    <h3>${state === "shadow" ? "What I would have written" : "Draft"} to ${shown.to}</h3>
    ${readers !== "" && html`<p class="soft words">${readers}</p>`}
    <div class="words" dir="auto">${withNumbers(shown.text, citations)}</div>
    ${receipts.map((line) => html`<p class="soft words">${line}</p>`)}${sources.map(
      (line) => html`<p class="soft words">Sources: ${line}</p>`,
    )}${procedure !== "" && html`<p class="soft words">${procedure}</p>`}
  </div>`;
}

/** For reading only: the customer gets the draft itself. */
function translated(heading: string, { translation }: Card, part: "asked" | "draft"): HtmlValue {
  if (translation === null) return null;
  const { into, by } = translation;
  const title = `${heading} ${into}, for the team: translated by ${by}, never sent`;
  return quote(title, translation[part], "quote");
}

/** The teammates' ratings of a shadow draft, and what they would have written. */
function opinions({ opinions: given = [] }: Card): HtmlValue {
  if (given.length === 0) return null;
  const said = given.map(({ name, wouldSend }) => `${wouldSend ? "👍" : "👎"} ${name}`);
  return html`<p class="words">${said.join(" · ")}</p>
    ${given.map(({ name, ownAnswer }) => quote(`${name} would have written`, ownAnswer, "quote"))}`;
}

/** A policy change has no requester: only its lines are shown, each under the heading in `rule`. */
function policyContent(card: Card): Html {
  const headings = [...new Set(card.actions.map(({ rule }) => rule))];
  return html`${standing(card)}${headings.map((heading) =>
    list(
      heading,
      card.actions.filter(({ rule }) => rule === heading).map(({ label }) => label),
      "",
    ),
  )}`;
}

function quote(heading: string, text: string, className: string): HtmlValue {
  if (text.trim() === "") return null;
  return html`<div class="${className}">
    <h3>${heading}</h3>
    <div class="words" dir="auto">${text}</div>
  </div>`;
}

function list(
  heading: string,
  lines: readonly string[],
  className: string,
  after: HtmlValue = null,
): HtmlValue {
  if (lines.length === 0) return null;
  return html`<div class="${className}">
    <h3>${heading}</h3>
    ${lineList(lines)} ${after}
  </div>`;
}

const WHY = html`<button type="button" class="plain" data-press="why">Why?</button>`;

function buttons(card: Card): Html {
  const decides = card.buttons.some((name) => name === "approve");
  // Without something to approve, the stored buttons are what decides the card.
  const isFirst = (name: Button): boolean => FIRST.has(name) || (!decides && name === "escalate");
  const first = card.buttons.filter(isFirst);
  const rest = card.buttons.filter((name) => !isFirst(name));
  // A turn can be explained; a policy change has nothing more to explain.
  const why = card.kind === "policy" ? "" : WHY;
  return html`<div class="row decide">
    ${first.map((name) => button(card, name))}${
      rest.length > 0 &&
      html`<details class="more">
        <summary class="button" aria-label="More to do with this card">⋯</summary>
        <div class="menu">${rest.map((name) => button(card, name))}</div>
      </details>`
    }${why}
  </div>`;
}

function button(card: Card, name: Button): Html {
  const kind = name === "approve" ? "main" : name === "reject" ? "danger" : "";
  const label = name === "approve" ? card.approveLabel || "Approve" : LABELS[name];
  return html`<button type="button" class="${kind}" data-press="${name}">${label}</button>`;
}

/** Where it was written, its id as every command takes it, and which model drafted it. */
function footer(card: Card): Html {
  const isPolicy = card.kind === "policy";
  const line = dotted([
    isPolicy ? card.conversationLabel : `${card.channel}, ${card.conversationLabel}`,
    card.approvalId,
    isPolicy && card.state === "pending" ? dotted([waitText(card), expiryText(card)]) : "",
    card.model === "" || card.draft === null ? "" : `drafted by ${card.model}`,
  ]);
  return html`<p class="soft words">${line}</p>`;
}

/** The cards of these approvals, in their order, with times in this zone: a stored card has the one of its own day. */
export async function cardsShown(
  transaction: Transaction,
  approvals: readonly Approval[],
  zone: string,
): Promise<readonly Card[]> {
  const statuses = await cardStatuses(transaction, approvals);
  return approvals.map((approval) => ({
    ...cardAsItStands(approval, statuses.get(approval.id)),
    zone,
  }));
}

/** The text, escaped; what the guard found in it is marked. */
export function withMarks(text: string): Html {
  return html`${markedPieces(text).map(({ text: words, isMarked }) =>
    isMarked ? html`<mark>${words}</mark>` : words,
  )}`;
}
