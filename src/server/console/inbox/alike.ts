/** Cards of one kind that warn of nothing, as one list: what each has of its own, and which of them differ in more. */

import type { Card } from "#core/contracts/approval-desk.ts";
import { topicName } from "#core/values/vocabulary.ts";
import { capitalised, inWords, oneLine, shortened } from "#core/values/words.ts";
import { overLimit } from "#jobs/approval/ballot.ts";
import { html, type Html, type HtmlValue } from "#server/http/html.ts";
import { badge, link } from "#server/console/parts.ts";
import type { Visit } from "#server/console/session.ts";
import type { Approval } from "#store/approvals/approvals.ts";
import type { Alike } from "#store/console/inbox.ts";

/** A card of a group, with its approval. */
export interface Member {
  readonly approval: Approval;
  readonly card: Card;
}

/** The groups there are, each leading to its list; the way back where one is shown. */
export function groupLinks(
  groups: readonly Alike[],
  { shown, href }: { readonly shown: string | null; readonly href: (key: string | null) => string },
): HtmlValue {
  if (shown !== null) return html`<p class="alike">${link(href(null), "← All of the view")}</p>`;
  if (groups.length === 0) return null;
  return html`<p class="alike" id="alike">
    Many at once:
    ${groups.map(({ key, likeness, count }) => link(href(key), `${count} × ${kindText(likeness)}`, "button"))}
  </p>`;
}

/** "Refund, reply: damaged item". */
function kindText([topic, operations, procedures]: Alike["likeness"]): string {
  const does = capitalised(operations.map(inWords).join(", ") || "reply");
  return [does, [topic && topicName(topic), ...procedures].filter((part) => part !== "").join(", ")]
    .filter((part) => part !== "")
    .join(": ");
}

/** What approves the ticked ones: a press on it is asked about where money moves. */
export function approveTicked(members: readonly Member[]): HtmlValue {
  if (members.length === 0) return null;
  return html`<div class="row ticked" id="ticked">
    <button
      type="button"
      class="main"
      id="approve-ticked"
      data-confirm="${members.some(({ card }) => card.confirm !== "") ? "yes" : ""}"
    >
      Approve the ticked
    </button>
    <span class="soft"
      >Each is checked on its own, as if you opened it. Press x to tick or untick the selected
      one.</span
    >
  </div>`;
}

const ASKED_MAX = 100;
const LINE_MAX = 160;

/** What a row of the group shows: its box, what was asked with its one differing line, and why it is not ticked. */
export function groupRow(
  member: Member,
  members: readonly Member[],
  { parts, isLead }: Visit,
): { readonly tick: HtmlValue; readonly line: string; readonly badges: readonly Html[] } {
  const { approval, card } = member;
  const role = isLead ? "lead" : "support";
  const lacks = approval.needs.leads > 0 && !isLead;
  const why =
    lacks || overLimit(parts.policy, role, approval.proposal) !== null
      ? "Above your limit"
      : isLikeMost(card, members)
        ? ""
        : "Worded differently";
  const tick = html`<input
    type="checkbox"
    class="tick"
    data-tick="${approval.id}"
    data-version="${card.version}"
    ${why === "" && html` checked=""`}
    ${card.state !== "pending" && html` disabled=""`}
    aria-label="Approve: ${card.headline}"
  />`;
  return {
    tick,
    line: `“${shortened(oneLine(card.asked), ASKED_MAX)}” → ${shortened(ownLine(card, members), LINE_MAX)}`,
    badges: why === "" ? [] : [badge(why, "warn")],
  };
}

/** The sentences of a draft. */
function sentences({ draft }: Card): readonly string[] {
  return (draft?.text ?? "")
    .split(/(?<=[.!?])\s|\n/)
    .map(oneLine)
    .filter((one) => one !== "");
}

/** The longest sentence that is not in every draft of the group; the draft's beginning where all say the same. */
function ownLine(card: Card, members: readonly Member[]): string {
  const all = members.map((one) => new Set(sentences(one.card)));
  const own = sentences(card).filter((one) => !all.every((draft) => draft.has(one)));
  const [longest] = own.toSorted((one, other) => other.length - one.length);
  return longest ?? sentences(card).join(" ");
}

/** True where the draft differs from most others in names, numbers and dates alone. */
function isLikeMost(card: Card, members: readonly Member[]): boolean {
  const counts = [...Map.groupBy(members, (one) => outline(one.card))];
  const [most] = counts.toSorted(([, one], [, other]) => other.length - one.length);
  return most?.[0] === outline(card);
}

/** A draft without what is the customer's own: names, items, numbers. */
function outline(card: Card): string {
  const { requester, context } = card;
  const own = [
    ...requester.name.split(" "),
    ...context.orders.flatMap(({ orderId, item }) => [orderId, item]),
  ].filter((one) => one.length > 1);
  const plain = own.reduce((text, one) => text.replaceAll(one, "…"), sentences(card).join("\n"));
  return plain.replaceAll(/\d[\d.,:/-]*/g, "0").replaceAll(MONTHS, "0");
}

const MONTHS = /\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\b/g;
