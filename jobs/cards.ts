import type { Card } from "#core/desk.ts";
import { DeskhandError, reasonOf } from "#core/errors.ts";
import {
  cardFailed,
  cardShown,
  changeApproval,
  forgetCard,
  claimStaleCards,
  type Approval,
} from "#store/approvals.ts";
import type { Transaction } from "#store/driver.ts";
import { AS_IN_ROW, besideCards, noticeAsides, type Beside } from "./aside.ts";
import { progressOf } from "./card.ts";
import { unlessNewer } from "./newer.ts";
import { LIMITS, type Parts } from "./parts.ts";

/** The card as it should look now: the stored content with what became of it. Pure. */
export function cardAsItStands(approval: Approval, { aside, begun }: Beside = AS_IN_ROW): Card {
  const leads = approval.votes.filter(({ role }) => role === "lead").length;
  const progress = progressOf(approval.needs, approval.votes.length, leads);
  if (approval.state === "pending")
    return { ...approval.card, version: approval.version, state: "pending", progress, aside };
  const inUndoTime =
    approval.state === "approved" &&
    approval.undoUntil !== null &&
    approval.closing.startsWith(UNDOABLE);
  const undoable = inUndoTime && !begun;
  return {
    ...approval.card,
    version: approval.version,
    state: undoable ? "undoable" : "closed",
    progress: "",
    aside,
    closing: aside === null ? approval.closing : closingBeside(approval, aside.text, undoable),
    buttons: undoable ? ["undo"] : [],
  };
}

/** What is held or tried again was not sent at the time that was said before, and is never told as done. */
function closingBeside(approval: Approval, aside: string, undoable: boolean): string {
  const approved = `Approved by ${namesOf(approval)}`;
  return undoable ? `${approved}, not done yet.` : `${approved}. ${aside}`.slice(0, 490);
}

const UNDOABLE = "Will be sent";

/** The line a card shows while one click still takes the decision back. */
export function undoLine(names: string, until: Date): string {
  return `${UNDOABLE} at ${clockTime(until)}, approved by ${names}.`;
}

/** "14:03 UTC": enough for a line that is read today; the trace has the full time. */
export function clockTime(at: Date): string {
  return `${at.toISOString().slice(11, 19)} UTC`;
}

export function namesOf(approval: Pick<Approval, "votes">): string {
  return approval.votes.map(({ name }) => name).join(" and ");
}

/** The one line a decided card shrinks to: what happened, by whom, when. */
export async function closeCard(
  parts: Pick<Parts, "log">,
  transaction: Transaction,
  approval: Approval,
  how: "done" | { readonly problem: string },
  now: Date,
): Promise<void> {
  // The headline, which stays, says already what was proposed and for whom.
  const what = approval.card.actions.length === 0 ? "Reply sent" : "Done, reply sent";
  const closing =
    how === "done"
      ? `${what} · ${namesOf(approval)} · ${clockTime(now)}`
      : `Not done: ${how.problem} · approved by ${namesOf(approval)}`;
  const changed = await changeApproval(
    transaction,
    approval,
    { closing: closing.slice(0, 490), undoUntil: null },
    now,
  );
  if (!changed) parts.log.warn("card changed while it was closed", { approval: approval.id });
}

/**
 * Brings every card on the desk to what its row says. A desk that is away is tried again later and nothing is lost; a
 * card that somebody deleted is posted anew.
 */
export function showCards(parts: Parts): Promise<void> {
  return unlessNewer(parts, showStaleCards);
}

async function showStaleCards(parts: Parts): Promise<void> {
  await parts.store.run(noticeAsides);
  const [stale, beside] = await parts.store.run(async (transaction) => {
    const claimed = await claimStaleCards(transaction, parts.clock.now(), 20);
    return [claimed, await besideCards(transaction, claimed)] as const;
  });
  for (const approval of stale)
    await showCard(parts, approval, beside.get(approval.id) ?? AS_IN_ROW);
}

async function showCard(parts: Parts, approval: Approval, beside: Beside): Promise<void> {
  const card = cardAsItStands(approval, beside);
  const signal = AbortSignal.timeout(LIMITS.effectMs);
  try {
    const deskRef = await place(parts, approval, card, signal);
    await parts.store.run((transaction) =>
      cardShown(transaction, shownAs(approval, deskRef, beside)),
    );
  } catch (error) {
    const gone = error instanceof DeskhandError && error.code === "channel.refused";
    parts.log.warn("card not shown", { approval: approval.id, reason: reasonOf(error) });
    const { deskRef, state, postAttempts } = approval;
    const now = parts.clock.now().getTime();
    await parts.store.run(async (transaction) => {
      // A closed card that is gone from the desk needs no successor there, and nobody asks for it again.
      if (gone && deskRef !== null && state !== "pending")
        return cardShown(transaction, shownAs(approval, deskRef, beside));
      if (gone && deskRef !== null) await forgetCard(transaction, approval.id);
      const soon = Math.min(1_000 * 2 ** postAttempts, 60_000);
      const waitMs = gone && state !== "pending" ? DAY_MS : soon;
      return cardFailed(transaction, approval.id, new Date(now + waitMs));
    });
  }
}

const DAY_MS = 86_400_000;

/** What the desk shows of a card from now on. */
function shownAs(approval: Approval, deskRef: string, { aside }: Beside) {
  return {
    id: approval.id,
    version: approval.version,
    updatedState: approval.state,
    closing: approval.closing,
    votes: approval.votes.length,
    deskRef,
    aside: aside?.text ?? "",
  };
}

async function place(
  parts: Parts,
  approval: Approval,
  card: Card,
  signal: AbortSignal,
): Promise<string> {
  if (approval.deskRef === null)
    return parts.desk.post(card, `card:${approval.id}:${approval.version}`, signal);
  await parts.desk.update(approval.deskRef, card, signal);
  return approval.deskRef;
}
