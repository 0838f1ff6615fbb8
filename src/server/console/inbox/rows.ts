/**
 * Rows of the inbox: a card that waits, a case that people have, what leads vote on, and what has ended; and the views
 * beside what is open: what was decided, what is only shown, and what was set aside as junk.
 */

import type { Card } from "#core/contracts/approval-desk.ts";
import { topicName } from "#core/values/vocabulary.ts";
import { cardAsItStands } from "#jobs/approval/sync-cards.ts";
import { amountMoved } from "#core/values/action.ts";
import { delicateText, openWarnings, urgencyText } from "#core/values/card-text.ts";
import { ageText, momentText } from "#core/values/moment.ts";
import { formattedSums } from "#core/values/money.ts";
import { capitalised, oneLine, shortened } from "#core/values/words.ts";
import { html, type Html } from "#server/http/html.ts";
import { badge, caseAddress, dotted, livePagedList, rowView, soft } from "#server/console/parts.ts";
import type { Visit } from "#server/console/session.ts";
import type { Approval } from "#store/approvals/approvals.ts";
import { doneRows, shadowRows, type InboxRow, type Rank } from "#store/console/inbox.ts";
import { caseHeads, type CaseHead } from "#store/conversations/conversations.ts";
import { newestJunk, type JunkRow } from "#store/conversations/junk.ts";
import type { groupRow } from "./alike.ts";

type CardRow = Extract<InboxRow, { kind: "card" }>;
type CaseRow = Extract<InboxRow, { kind: "case" }>;

/** One line of the customer's words; the page cuts it where the row ends. */
const EXCERPT_MAX = 140;
/** Of a case the title may be the customer's words, which are cut there as well. */
const WORDS_MAX = 200;

/** A card: what, how much and for whom; then who, about what, where and since when; why it comes early, and warnings. In a group its line stands in place of the customer's first words. */
export function cardRow(
  { approval, rank, since, topic, channel, ...later }: CardRow,
  card: Card,
  visit: Visit,
  { tick, line, badges = [] }: Partial<ReturnType<typeof groupRow>> = {},
): Html {
  const isDone = card.state === "undoable";
  const { name } = card.requester;
  return rowView({
    id: `row-${approval.id}`,
    caseId: approval.conversationId,
    href: caseAddress(approval.conversationId, approval.id),
    isDone,
    ...(isDone && { card: approval.id, version: card.version }),
    tick,
    what: card.headline,
    aside: cardMoney(approval, card),
    about: dotted([
      card.headline.includes(name) ? "" : name,
      topic && topicName(topic),
      channel,
      ageText(since, visit.now),
      rank === "two_people" ? "" : card.progress,
    ]),
    beneath: line ?? card.asked.slice(0, EXCERPT_MAX).toWellFormed(),
    badges: [
      isDone ? badge(`⏳ ${card.closing}`) : rankBadge(rank, cardReason(rank, card)),
      isDone &&
        html`<span class="act"><button type="button" data-press="undo">Undo</button></span>`,
      ...laterBadges(later, visit),
      card.status === null ? null : badge(card.status.text, "warn"),
      card.claim === undefined ? null : badge(`🙋 ${card.claim.name}`),
      ...warningBadges(cardWarnings(card)),
      ...badges,
    ],
  });
}

/** What makes a card as urgent as this. */
function cardReason(rank: Rank, { context, progress, zone }: Card): string {
  const { due, records } = context;
  switch (rank) {
    case "danger":
    case "legal": {
      const open = records?.kind === "known" ? records.open : [];
      const delicate = open.find(({ isSameOrder, delicate: what }) => isSameOrder && what !== "");
      return `Same order: ${delicate?.delicate ?? "a delicate case"}`;
    }
    case "two_people":
      return progress;
    case "promised":
      return due === null ? "" : `Due ${momentText(new Date(due.at), zone)} (${due.by})`;
    case "pressing":
    case "plain":
      return urgencyText(context);
  }
}

/** True for what goes before everything else, also before what the team votes on. */
export function isGrave({ rank }: Pick<InboxRow, "rank">): boolean {
  return rank === "danger" || rank === "legal";
}

function rankBadge(rank: Rank, words: string): Html | null {
  if (words === "") return null;
  const grave = isGrave({ rank });
  return badge(grave ? `❗ ${words}` : words, grave ? "danger" : "warn");
}

const WARNINGS_SHOWN = 2;
const WARNING_MAX = 60;

/** What a card warns of, and what changed of it since it was posted. */
function cardWarnings({ context, state, changes, flags }: Card): readonly string[] {
  return [
    ...openWarnings(context.records),
    ...(state === "undoable" ? [] : changes),
    ...context.conflicts,
    ...flags.map(({ text }) => text),
  ];
}

/** The first warnings by their words, the rest by their number: all of them are on the card. */
function warningBadges(warnings: readonly string[]): readonly Html[] {
  const shown = warnings
    .slice(0, WARNINGS_SHOWN)
    .map((words) => badge(`⚠ ${shortened(words, WARNING_MAX)}`, "warn"));
  const more = warnings.length - shown.length;
  return more > 0 ? [...shown, badge(`and ${more} more`, "warn")] : shown;
}

/** What moves, where the headline does not say it. */
function cardMoney({ proposal }: Approval, { headline }: Card): string {
  const moved = (proposal?.actions ?? []).map(({ action }) => amountMoved(action));
  const money = formattedSums(moved).join(" + ");
  return headline.includes(money) ? "" : money;
}

/** A card that was decided or ended: what it was, how it ended, when. */
function decidedRow({ approval, at, channel }: CardRow, { when }: Visit): Html {
  const { card, closing } = approval;
  return rowView({
    id: `row-${approval.id}`,
    caseId: approval.conversationId,
    href: caseAddress(approval.conversationId, approval.id),
    what: card.headline,
    aside: cardMoney(approval, card),
    about: dotted([closing, channel, when(at)]),
  });
}

const ANSWER_BADGE = badge("💬 Answer proposed", "warn");

/** Until when it sleeps, and whether an answer to it is proposed. */
function laterBadges(
  { until, hasAnswer }: Pick<InboxRow, "until" | "hasAnswer">,
  { when }: Visit,
): readonly (Html | false)[] {
  return [until !== null && badge(`💤 until ${when(until)}`), hasAnswer && ANSWER_BADGE];
}

/** A case that people have or closed, or that was answered by itself: whose it is, why they have it, since when, and who took it. */
export function caseRow(row: CaseRow, visit: Visit): Html {
  const { about, rank, channel, since, ...later } = row;
  const { mask, when } = visit;
  const { id, ownSubject: subject, reason, name, linkedExternalId, closedAt, delicate } = about;
  const words = oneLine(about.words.slice(0, WORDS_MAX).toWellFormed());
  return rowView({
    id: `row-${id}`,
    card: id,
    version: 1,
    caseId: id,
    href: caseAddress(id),
    what: mask(conversationTitle(name, subject || words) || id),
    aside: "",
    about: mask(
      dotted([
        capitalised(reason.replace(/^handed to people: /, "")),
        channel,
        linkedExternalId && `ticket #${linkedExternalId}`,
        closedAt === null ? ageText(since, visit.now) : `closed ${when(closedAt)}`,
      ]),
    ),
    ...(subject !== "" && words !== "" && { beneath: `“${mask(words)}”` }),
    badges: [
      rankBadge(rank, delicate === null ? "" : capitalised(delicateText(delicate))),
      ...laterBadges(later, visit),
      holderBadge(row),
    ],
  });
}

/** Who has it; where no teammate has what people are to answer, with the button that takes it. */
function holderBadge({ holder, byItself, about: { closedAt } }: CaseRow): Html | false {
  if (holder !== null) return badge(`🙋 ${holder}`);
  if (byItself) return badge("By itself");
  return (
    closedAt === null &&
    html`${badge("Not taken yet", "warn")}<span class="act"
        ><button type="button" data-press="take_over">Take over</button></span
      >`
  );
}

/** "Ann: My order"; empty where neither is known. */
export function conversationTitle(customer: string | null, subject: string | null): string {
  return [customer, subject].filter((part) => part !== null && part !== "").join(": ");
}

/** What leads vote on: a change of the policy, or a version of a procedure. */
export function proposedRow(what: string, href: string, card: Card): Html {
  const { approvalId: id, headline, progress } = card;
  const about = `${what} · ${progress}`;
  return rowView({ id: `row-${id}`, href, what: headline, aside: "", about });
}

/** What was decided, ended otherwise or closed, newest first. */
export async function decidedList(visit: Visit, path: string): Promise<Html> {
  const { rows, next } = await visit.run(doneRows, visit.after);
  return livePagedList(visit, {
    path,
    label: "What is done",
    none: "Nothing was decided or closed yet.",
    rows: rows.map((row) => (row.kind === "card" ? decidedRow(row, visit) : caseRow(row, visit))),
    next,
  });
}

/** What would have been written in shadow mode, newest first. */
export async function shadowList(visit: Visit, path: string): Promise<Html> {
  const { rows, next } = await visit.run(shadowRows, visit.after);
  const about = "Nothing of this is sent. Open a draft to say whether you would have sent it.";
  return livePagedList(
    visit,
    {
      path,
      label: "Shadow drafts",
      none: "There are no shadow drafts.",
      rows: rows.flatMap((row) =>
        row.kind === "card" ? [cardRow(row, cardAsItStands(row.approval), visit)] : [],
      ),
      next,
    },
    soft(about),
  );
}

/** What was set aside as junk, newest first, each with the button that puts it back to work. */
export async function junkList(visit: Visit, path: string): Promise<Html> {
  const { page, heads } = await visit.run(async (transaction) => {
    const listed = await newestJunk(transaction, visit.after);
    const ids = listed.rows.map(({ conversationId }) => conversationId);
    return { page: listed, heads: await caseHeads(transaction, ids) };
  });
  const about =
    "Set aside as advertising or fraud: nothing of it was answered, and nothing was deleted.";
  return livePagedList(
    visit,
    {
      path,
      label: "Mails that were set aside",
      none: "Nothing was set aside.",
      rows: page.rows.map((row) => junkRow(row, heads.get(row.conversationId), visit)),
      next: page.next,
    },
    soft(about),
  );
}

function junkRow(
  { conversationId, why, at, restoredAt }: JunkRow,
  head: CaseHead | undefined,
  { when, mask }: Visit,
): Html {
  const title = conversationTitle(head?.name ?? null, head?.subject ?? null);
  const back = html`<button type="button" data-press="not_junk">Not junk</button>`;
  return rowView({
    id: `junk-${conversationId}`,
    card: conversationId,
    version: 1,
    caseId: conversationId,
    href: caseAddress(conversationId),
    what: mask(title || conversationId),
    aside: html`<span class="act">${restoredAt === null ? back : badge("Back at work")}</span>`,
    about: `${why} · ${when(at)}`,
  });
}
