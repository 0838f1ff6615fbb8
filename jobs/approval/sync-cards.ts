/** Brings the cards on the desk in line with their rows. */

import { setTimeout as delay } from "node:timers/promises";
import { plainFlag, type Button, type Card } from "#core/contracts/approval-desk.ts";
import { reasonOf } from "#core/values/errors.ts";
import { changeApproval, type Approval } from "#store/approvals/approvals.ts";
import { APPROVAL_CARDS, shownColumns, takeStaleCards } from "#store/approvals/approval-cards.ts";
import type { Transaction } from "#store/db/database.ts";
import { NO_STATUS, cardStatuses, refreshCardStatus, type CardStatus } from "./card-status.ts";
import { isHeldBack } from "./guard-lines.ts";
import { caseButtons } from "#jobs/cases/shown-case.ts";
import { progressOf } from "./card-content.ts";
import { isRefused, postCard, postRetryMs } from "./post-card.ts";
import { unlessNewerSchema } from "#jobs/context/newer-schema.ts";
import { clockText } from "#core/values/moment.ts";
import type { JobContext } from "#jobs/context/job-context.ts";

/** The card to show now: the stored content with its status. Pure. */
export function cardAsItStands(
  approval: Approval,
  { status, hasBegun, shownCase }: CardStatus = NO_STATUS,
): Card {
  const leads = approval.votes.filter(({ role }) => role === "lead").length;
  const progress = progressOf(approval.needs, approval.votes.length, leads);
  if (approval.state === "pending")
    return {
      ...approval.card,
      version: approval.version,
      state: "pending",
      context: { ...approval.card.context, members: [...shownCase.members] },
      flags: [
        ...(shownCase.question === "" ? [] : [plainFlag(shownCase.question)]),
        ...approval.card.flags,
      ],
      progress,
      status,
      buttons: [...approval.card.buttons, ...otherButtons(approval), ...caseButtons(shownCase)],
      ...claimOf(approval),
    };
  if (isShadow(approval))
    return {
      ...approval.card,
      version: approval.version,
      state: "shadow",
      progress: "",
      status: null,
      closing: "",
      buttons: ["thumbs_up", "thumbs_down"],
      opinions: approval.opinions.map(({ name, wouldSend, ownAnswer }) => ({
        name,
        wouldSend,
        ownAnswer,
      })),
    };
  if (isHandOverUndoable(approval))
    return {
      ...approval.card,
      version: approval.version,
      state: "undoable",
      progress: "",
      status: null,
      closing: `${approval.closing}. It takes effect at ${clockText(approval.undoUntil, approval.card.zone)}.`,
      buttons: ["undo"],
    };
  const undoable = approval.state === "approved" && approval.undoUntil !== null && !hasBegun;
  return {
    ...approval.card,
    version: approval.version,
    state: undoable ? "undoable" : "closed",
    progress: "",
    status,
    closing:
      status === null ? approval.closing : closingWithStatus(approval, status.text, undoable),
    buttons: undoable ? ["undo"] : [],
  };
}

/** A shadow card is never decided; it stays open to opinions until its text is removed. */
function isShadow({ kind, closing }: Approval): boolean {
  return kind === "notice" && closing === "";
}

/** A hand-over by a click that can still be taken back; its undo time is cleared as soon as it is over. */
export function isHandOverUndoable(
  approval: Approval,
): approval is Approval & { readonly undoUntil: Date } {
  return approval.state === "rejected" && approval.undoUntil !== null;
}

/**
 * The other buttons of a pending card. They follow from the row and are not stored with the card, so versions that know
 * fewer buttons read the same rows.
 */
function otherButtons({ claim, card }: Approval): readonly Button[] {
  return [
    claim === null ? "claim" : "release",
    ...(card.draft === null ? [] : (["redo"] as const)),
    "take_over",
    ...(isHeldBack(card) ? (["harmless"] as const) : []),
  ];
}

function claimOf({ claim }: Approval): Pick<Card, "claim"> {
  return claim === null ? {} : { claim: { name: claim.name, until: claim.until.toISOString() } };
}

/** An action that is held or retried was not sent at the announced time and is never shown as done. */
function closingWithStatus(approval: Approval, status: string, undoable: boolean): string {
  const approved = `Approved by ${namesOf(approval)}`;
  return undoable ? `${approved}, not done yet.` : `${approved}. ${status}`.slice(0, 490);
}

/** The line a card shows while one click can still undo the decision. */
export function undoLine(names: string, until: Date, zone: string): string {
  return `Will be sent at ${clockText(until, zone)}, approved by ${names}.`;
}

export function namesOf({
  votes,
}: {
  readonly votes: readonly { readonly name: string }[];
}): string {
  return votes.map(({ name }) => name).join(" and ");
}

/** Closes a decided card with one line: what happened, by whom, when. */
export async function closeCard(
  context: Pick<JobContext, "log">,
  transaction: Transaction,
  approval: Approval,
  how: "done" | { readonly problem: string },
  now: Date,
): Promise<void> {
  // The headline, which stays, already says what was proposed and for whom.
  const what = approval.card.actions.length === 0 ? "Reply sent" : "Done, reply sent";
  const closing =
    how === "done"
      ? `${what} · ${namesOf(approval)} · ${clockText(now, approval.card.zone)}`
      : `Not done: ${how.problem} · approved by ${namesOf(approval)}`;
  const changed = await changeApproval(
    transaction,
    approval,
    { closing: closing.slice(0, 490), undoUntil: null },
    now,
  );
  if (!changed) context.log.warn("card changed while it was closed", { approval: approval.id });
}

/**
 * Brings every card on the desk in line with its row. While the desk is down it is tried again later; a card that was
 * deleted on the desk is posted again.
 */
export function showCards(context: JobContext): Promise<void> {
  return unlessNewerSchema(context, showStaleCards);
}

/** The longest that a click or an ended turn waits for the desk. */
const SOON_MS = 300;

/**
 * Shows cards at once where the desk is quick. Where it is slow or many cards are queued, the rest continues in the
 * background, and the reconciler shows whatever is lost.
 */
export async function showCardsSoon(context: JobContext): Promise<void> {
  const shown = showCards(context).catch((error: unknown) =>
    context.log.warn("cards are shown later", { reason: reasonOf(error) }),
  );
  await Promise.race([shown, delay(SOON_MS, undefined, { ref: false })]);
}

async function showStaleCards(context: JobContext): Promise<void> {
  await context.store.run(refreshCardStatus);
  // One at a time, so a new card waits for one redraw and not for all of them.
  for (let shown = 0; shown < SHOWN_MAX; shown += 1) {
    const [stale, statuses] = await context.store.run(async (transaction) => {
      const claimed = await takeStaleCards(transaction, context.clock.now(), 1);
      return [claimed, await cardStatuses(transaction, claimed)] as const;
    });
    if (stale.length === 0) return;
    for (const approval of stale)
      await showCard(context, approval, statuses.get(approval.id) ?? NO_STATUS);
  }
}

/** The rest follows in the reconciler's next round. */
const SHOWN_MAX = 20;

const DAY_MS = 86_400_000;

async function showCard(
  context: JobContext,
  approval: Approval,
  status: CardStatus,
): Promise<void> {
  const standing = cardAsItStands(approval, status);
  await postCard(context, APPROVAL_CARDS, {
    row: { id: approval.id, deskRef: approval.posting.deskRef },
    card: { ...standing, context: { ...standing.context, link: context.cardLink(approval.id) } },
    shown: shownColumns(approval, status.status?.text ?? ""),
    undecided: approval.state === "pending",
    waitMs: (error) =>
      isRefused(error) && approval.state !== "pending"
        ? DAY_MS
        : postRetryMs(approval.posting.failures),
  });
}
