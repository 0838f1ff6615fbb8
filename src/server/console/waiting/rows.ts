/** Cards as lines of a list. */

import type { Card } from "#core/contracts/approval-desk.ts";
import { amountMoved } from "#core/values/action.ts";
import { urgencyText } from "#core/values/card-text.ts";
import { ageText, momentText } from "#core/values/moment.ts";
import { sumsOf } from "#core/values/money.ts";
import type { Approval } from "#store/approvals/approvals.ts";
import type { ListedCard } from "#store/console/waiting.ts";
import { html, type Html } from "#server/http/html.ts";
import type { Visit } from "#server/console/frame.ts";
import { shortened } from "#core/values/words.ts";

/** The address of a card: its case, at the card. */
export function cardAddress({
  id,
  conversationId,
}: Pick<Approval, "id" | "conversationId">): string {
  return `/console/case/${encodeURIComponent(conversationId)}#${id}`;
}

/** A waiting card in two lines: what, how much and for whom; then who, about what, where, since when, and warnings. */
export function waitingRow(
  { approval, askedAt, topic, channel }: ListedCard,
  card: Card,
  { now }: Visit,
): Html {
  const warnings = [urgencyText(card.context), ...card.context.conflicts, ...card.flags].filter(
    (words) => words !== "",
  );
  const isDone = card.state === "undoable";
  return html`<li id="${approval.id}" class="case-row${isDone ? " done" : ""}">
    <a class="what" href="${cardAddress(approval)}" data-row="">${card.headline}</a>
    <span class="money">${moneyOf(approval)}</span>
    <span class="meta"
      >${[
        card.headline.includes(card.requester.name) ? "" : card.requester.name,
        topic.replaceAll("_", " "),
        channel,
        ageText(askedAt, now),
        card.progress,
      ]
        .filter((part) => part !== "")
        .join(" · ")}</span
    >
    <span class="excerpt" dir="auto">${card.asked.slice(0, EXCERPT_MAX).toWellFormed()}</span>
    <span class="badges"
      >${isDone ? html`<span class="badge">⏳ ${card.closing}</span>` : ""}${
        card.status === null ? "" : html`<span class="badge warn">${card.status.text}</span>`
      }${card.claim === undefined ? "" : html`<span class="badge">🙋 ${card.claim.name}</span>`}${warningBadges(
        warnings,
      )}</span
    >
  </li>`;
}

/** One line of the customer's words; the page cuts it where the row ends. */
const EXCERPT_MAX = 140;

const WARNINGS_SHOWN = 2;
const WARNING_MAX = 60;

/** The first warnings by their words, the rest by their number: all of them are on the card. */
function warningBadges(warnings: readonly string[]): readonly Html[] {
  const shown = warnings
    .slice(0, WARNINGS_SHOWN)
    .map((words) => html`<span class="badge warn">⚠ ${shortened(words, WARNING_MAX)}</span>`);
  const more = warnings.length - shown.length;
  return more > 0 ? [...shown, html`<span class="badge warn">and ${more} more</span>`] : shown;
}

function moneyOf({ proposal }: Approval): string {
  return sumsOf((proposal?.actions ?? []).map(({ action }) => amountMoved(action))).join(" + ");
}

/** A card that was decided or ended: what it was, how it ended, when. */
export function decidedRow(
  { approval, updatedAt, channel }: ListedCard,
  { now, zone }: Visit,
): Html {
  const { card, closing } = approval;
  return html`<li id="${approval.id}" class="case-row">
    <a class="what" href="${cardAddress(approval)}" data-row="">${card.headline}</a>
    <span class="money">${moneyOf(approval)}</span>
    <span class="meta"
      >${[closing, channel, momentText(updatedAt, zone, now)].filter((part) => part !== "").join(" · ")}</span
    >
  </li>`;
}
