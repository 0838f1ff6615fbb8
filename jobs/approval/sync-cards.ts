/** Brings the cards on the desk in line with their rows. */

import { setTimeout as delay } from "node:timers/promises";
import { plainFlag, type Button, type Card } from "#core/contracts/approval-desk.ts";
import { reasonOf, DeskhandError, type ErrorCode } from "#core/values/errors.ts";
import { changeApproval, type Approval } from "#store/approvals/approvals.ts";
import {
  APPROVAL_CARDS,
  shownColumns,
  takeStaleCards,
  markUnseenStale,
  recordPosted,
  recordPostFailed,
  type CardRows,
  type ShownColumns,
} from "#store/approvals/card-posting.ts";
import type { Transaction } from "#store/db/database.ts";
import {
  type CardStatus,
  cardStatuses,
  caseButtons,
  type DutyNow,
  NO_STATUS,
  refreshCardStatus,
  statusLine,
} from "./card-status.ts";
import { isHeldBack } from "./card-flags.ts";
import { approvalProgress } from "./card-content.ts";
import {
  unlessNewerSchema,
  type JobContext,
  LIMITS,
  unreadableIn,
} from "#jobs/context/job-context.ts";
import { clockText, DAY_MS } from "#core/values/moment.ts";

/** The card to show now: the stored content with its status. Pure. */
export function cardAsItStands(approval: Approval, status: CardStatus = NO_STATUS): Card {
  const { card, version } = approval;
  return {
    ...card,
    version,
    progress: "",
    status: null,
    buttons: [],
    ...standing(approval, status),
  };
}

/** What the row, and what is known beside it, add to the stored content. */
function standing(
  approval: Approval,
  { status, hasBegun, shownCase, short }: CardStatus,
): Pick<Card, "state"> & Partial<Card> {
  const { card, votes, undoUntil, closing, claim } = approval;
  if (approval.state === "pending") {
    const leads = votes.filter(({ role }) => role === "lead").length;
    const flagged = (text: string) => (text === "" ? [] : [plainFlag(text)]);
    return {
      state: "pending",
      context: { ...card.context, members: [...shownCase.members] },
      flags: [...flagged(shownCase.question), ...card.flags, ...flagged(short)],
      progress: approvalProgress(approval.needs, votes.length, leads),
      status,
      buttons: [...card.buttons, ...otherButtons(approval), ...caseButtons(shownCase)],
      ...(claim === null ? {} : { claim: { name: claim.name, until: claim.until.toISOString() } }),
    };
  }
  // A shadow card is never decided; it stays open to opinions until its text is removed.
  if (approval.kind === "notice" && approval.closing === "")
    return {
      state: "shadow",
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
      state: "undoable",
      closing: `${closing}. It takes effect at ${clockText(approval.undoUntil, card.zone)}.`,
      buttons: ["undo"],
    };
  const undoable = approval.state === "approved" && undoUntil !== null && !hasBegun;
  return {
    state: undoable ? "undoable" : "closed",
    status,
    closing: status === null ? closing : closingWithStatus(approval, status.text, undoable),
    buttons: undoable ? ["undo"] : [],
  };
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

/** An action that is held or retried was not sent at the announced time and is never shown as done. */
function closingWithStatus(approval: Approval, status: string, undoable: boolean): string {
  const approved = `Approved by ${voterNames(approval)}`;
  return undoable ? `${approved}, not done yet.` : `${approved}. ${status}`.slice(0, 490);
}

/** The line a card shows while one click can still undo the decision. */
export function undoLine(names: string, until: Date, zone: string): string {
  return `Will be sent at ${clockText(until, zone)}, approved by ${names}.`;
}

export function voterNames({
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
      ? `${what} · ${voterNames(approval)} · ${clockText(now, approval.card.zone)}`
      : `Not done: ${how.problem} · approved by ${voterNames(approval)}`;
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

/**
 * Shows cards at once where the desk is quick. Where it is slow or many cards are queued, the rest continues in the
 * background, and the reconciler shows whatever is lost.
 */
export async function showCardsSoon(context: JobContext): Promise<void> {
  const shown = showCards(context).catch((error: unknown) =>
    context.log.warn("cards are shown later", { reason: reasonOf(error) }),
  );
  await Promise.race([shown, delay(context.deskWaitMs, undefined, { ref: false })]);
}

async function showStaleCards(context: JobContext): Promise<void> {
  const duty = (): DutyNow => ({ policy: context.policy, now: context.clock.now() });
  await context.store.run(refreshCardStatus, duty());
  // One at a time, so a new card waits for one redraw and not for all of them.
  for (let shown = 0; shown < SHOWN_MAX; shown += 1) {
    const [stale, statuses] = await context.store.run(async (transaction) => {
      const unreadable = unreadableIn(context);
      const claimed = await takeStaleCards(transaction, context.clock.now(), 1, unreadable);
      return [claimed, await cardStatuses(transaction, claimed, duty())] as const;
    });
    if (stale.length === 0) return;
    for (const approval of stale)
      await showCard(context, approval, statuses.get(approval.id) ?? NO_STATUS);
  }
}

/** The rest follows in the reconciler's next round. */
const SHOWN_MAX = 20;

async function showCard(
  context: JobContext,
  approval: Approval,
  status: CardStatus,
): Promise<void> {
  await postCard(context, APPROVAL_CARDS, {
    row: { id: approval.id, deskRef: approval.posting.deskRef },
    card: cardAsItStands(approval, status),
    shown: shownColumns(approval, statusLine(status)),
    undecided: approval.state === "pending",
    waitMs: (error) =>
      approval.state !== "pending" && isAnyOf(error, LASTING)
        ? DAY_MS
        : postRetryMs(approval.posting.failures),
  });
}

// Posts the card of a row to the desk, or updates it there, and records in the row how that went.

/** One row to post, taken by this process. */
interface RowToPost {
  readonly row: { readonly id: string; readonly deskRef: string | null };
  readonly card: Card;
  readonly shown: ShownColumns;
  /** True while it can still be decided. */
  readonly undecided: boolean;
  /** How long to wait after this error; a card that only waits for its turn comes back then. */
  waitMs(error: unknown): number;
  /** What to do after a first post, before it is recorded. */
  readonly afterPost?: (signal: AbortSignal) => Promise<void>;
}

/**
 * While the desk is down it is tried again later. An undecided card that was deleted on the desk is posted again; a
 * closed one is not.
 */
export async function postCard(
  context: JobContext,
  rows: CardRows,
  posting: RowToPost,
): Promise<void> {
  const { row, shown, undecided } = posting;
  try {
    const deskRef = await postOrUpdate(context, posting);
    await context.store.run(recordPosted, rows, { id: row.id, deskRef }, shown);
  } catch (error) {
    context.log.warn("card not shown", { card: row.id, reason: reasonOf(error) });
    const { deskRef } = row;
    const gone = isAnyOf(error, GONE) && deskRef !== null;
    const turnMs = turnInMs(error);
    const waitMs = turnMs ?? posting.waitMs(error);
    const retryAt = new Date(context.clock.now().getTime() + waitMs);
    await context.store.run((transaction) =>
      gone && !undecided
        ? recordPosted(transaction, rows, { id: row.id, deskRef }, shown)
        : recordPostFailed(transaction, rows, {
            id: row.id,
            retryAt,
            gone,
            tried: turnMs === undefined,
          }),
    );
  }
}

function turnInMs(error: unknown): number | undefined {
  const waits = error instanceof DeskhandError && error.code === "channel.rate_limited";
  return waits ? error.retryAfterMs : undefined;
}

async function postOrUpdate(
  { desk, cardLink }: JobContext,
  { row, card: content, afterPost }: RowToPost,
): Promise<string> {
  const card = { ...content, context: { ...content.context, link: cardLink(row.id) } };
  const signal = AbortSignal.timeout(LIMITS.effectMs);
  if (row.deskRef !== null) {
    await desk.update(row.deskRef, card, signal);
    return row.deskRef;
  }
  const deskRef = await desk.post(card, `card:${card.approvalId}:${card.version}`, signal);
  await afterPost?.(signal);
  return deskRef;
}

/** The post to update is gone, or no place takes a new one. */
const GONE: readonly ErrorCode[] = ["channel.refused"];
/** The desk said no, and asking again soon changes nothing. */
const LASTING: readonly ErrorCode[] = [...GONE, "channel.unsupported"];

function isAnyOf(error: unknown, codes: readonly ErrorCode[]): boolean {
  return error instanceof DeskhandError && codes.includes(error.code);
}

const RETRY_MAX_MS = 60_000;

/** 1 s after the first failure, doubled with each further one up to a minute; `failures` are those before this one. */
export function postRetryMs(failures: number): number {
  return Math.min(1_000 * 2 ** failures, RETRY_MAX_MS);
}

// Finds cards that disappeared from the desk.

/** A few at a time, for a desk that limits updates. */
const LOOKED_AFTER_MAX = 5;

/**
 * Twice a minute, updates some pending cards on the desk, whatever their rows say: an existing card stays as it is, and
 * one that was deleted there, or lost with the whole channel, is posted again.
 */
export async function refreshCards({
  store,
  clock,
}: Pick<JobContext, "store" | "clock">): Promise<void> {
  await store.run(markUnseenStale, { now: clock.now(), limit: LOOKED_AFTER_MAX });
}
