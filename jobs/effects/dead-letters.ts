/** Dead letters: work that is given up on, handed to people, and can be redriven. */

import { toldReason } from "#core/cases/ownership.ts";
import { tellHandedOver } from "#jobs/webhooks/events.ts";
import { HINTS_MAX } from "#store/conversations/read-snapshot.ts";
import { isHelpdesk } from "#core/values/vocabulary.ts";
import { appendAudit } from "#store/audit/audit-log.ts";
import { pendingApproval } from "#store/approvals/approvals.ts";
import {
  loadConversation,
  refreshRevision,
  updateConversation,
} from "#store/conversations/conversations.ts";
import { reopenMessages, setOutcome } from "#store/conversations/messages.ts";
import {
  addDeadLetter,
  deadLetterById,
  failHints,
  pendingWork,
  reviveDeadLetter,
  type DeadLetter,
  type PendingWork,
} from "#store/effects/dead-letters.ts";
import type { Clock } from "#core/contracts/ports.ts";
import type { Store, Transaction } from "#store/db/database.ts";
import { requireLease, type ClaimedLease, type Lease } from "#store/conversations/lease.ts";
import { effectByKey } from "#store/effects/ledger.ts";
import { leftByPeople, loadSnapshot } from "#jobs/conversation/snapshot.ts";
import { runEffects } from "./run-effects.ts";
import { giveUp } from "./give-up.ts";
import { escalate } from "#jobs/handoff/escalate.ts";
import { LIMITS, type JobContext } from "#jobs/context/job-context.ts";
import { alertTeam } from "#jobs/plan/own-actions.ts";
import { voidApproval } from "#jobs/approval/end-card.ts";

/**
 * Gives up what the failed wakes of a conversation were working on: an effect under way, else the unread messages, else
 * what was about to begin or to be planned. The conversation goes to people, and the next wake starts with nothing
 * pending.
 */
export async function deadLetterWake(
  context: JobContext,
  lease: ClaimedLease,
  reason: string,
): Promise<void> {
  const { conversationId } = lease;
  const look = () =>
    context.store.run(pendingWork, conversationId, {
      now: context.clock.now(),
      hintsMax: HINTS_MAX,
    });
  const found = await look();
  if (found.executing.length > 0) {
    const before = new Set(found.executing);
    // First the target is asked whether it happened. If that is what kills the process, it is not asked again.
    if (lease.unfinished <= LIMITS.unfinishedWakesMax) await runEffects(context, lease);
    const after = await look();
    await giveUpEach(
      context,
      [...after.executing, ...after.intended].filter((key) => before.has(key)),
      reason,
    );
    return;
  }
  if (found.hints.length === 0 && found.intended.length > 0) {
    await giveUpEach(context, found.intended, reason);
    return;
  }
  await context.store.run((transaction) =>
    deadLetterUnread(context, transaction, { lease, found, reason }),
  );
}

async function giveUpEach(
  context: JobContext,
  keys: readonly string[],
  reason: string,
): Promise<void> {
  for (const key of keys) {
    const effect = await context.store.run(effectByKey, key);
    // An effect its target does not know is intended again: it did not happen, and it will not.
    if (effect?.state === "executing") await giveUp(context, effect, "unknown", reason);
    else if (effect?.state === "intended") await giveUp(context, effect, "failed", reason);
  }
}

async function deadLetterUnread(
  context: JobContext,
  transaction: Transaction,
  given: { readonly lease: Lease; readonly found: PendingWork; readonly reason: string },
): Promise<void> {
  const { lease, found, reason } = given;
  const { conversationId } = lease;
  await requireLease(transaction, lease);
  await failHints(transaction, found.hints, reason);
  await updateConversation(
    transaction,
    conversationId,
    { wakeAt: null, retrySince: null },
    context.clock.now(),
  );
  await deadLetterMail(context, transaction, {
    conversationId,
    kind: "wake",
    hints: found.hints,
    messages: found.messages,
    reason,
    toPeople: true,
  });
}

/** Mail that was given up on, for `deadLetterMail`. */
interface LostMail {
  readonly conversationId: string;
  readonly kind: "unreadable" | "wake";
  /** Set aside by the caller. */
  readonly hints: readonly number[];
  readonly messages: readonly string[];
  readonly reason: string;
  /** False for a signal: no customer waits for an answer to it. */
  readonly toPeople: boolean;
}

/**
 * Makes a dead letter of mail that cannot be processed: its messages end as `failed`, the conversation's pending card
 * is void, people take over, and one alert tells the team where to look.
 */
export async function deadLetterMail(
  context: JobContext,
  transaction: Transaction,
  { conversationId, kind, hints, messages, reason, toPeople }: LostMail,
): Promise<void> {
  const now = context.clock.now();
  const id = context.ids.next("dl");
  const line = `a message could not be worked on (${id})`;
  const outcome = { outcome: "failed", reason, turnId: null, decidedIn: conversationId } as const;
  await setOutcome(transaction, messages, outcome, now);
  await addDeadLetter(transaction, {
    id,
    conversationId,
    kind,
    reason,
    hints: [...hints],
    effects: [],
    messages: [...messages],
    at: now,
  });
  if (toPeople) await giveToPeople(context, transaction, { conversationId, messages, line, now });
  await alertTeam(context, transaction, {
    conversationId,
    text: `${kind === "unreadable" ? "A message could not be read" : "A conversation could not be worked on"}: ${reason}. It is kept as dead letter ${id}${toPeople ? ", and people have the conversation now" : ""}. Look at it with: deskhand dead-letters ${id}`,
    about: `dead-letter:${id}`,
    kind: "dead-letter",
    now,
  });
  const card = toPeople ? await pendingApproval(transaction, conversationId) : null;
  if (card !== null)
    await voidApproval(
      context,
      transaction,
      card,
      `Void: ${line}. People answer this conversation now.`,
      now,
    );
  await appendAudit(
    transaction,
    { kind: "dead_letter", data: { id, conversation: conversationId, reason: kind } },
    now,
  );
}

async function giveToPeople(
  context: JobContext,
  transaction: Transaction,
  given: {
    readonly conversationId: string;
    readonly messages: readonly string[];
    readonly line: string;
    readonly now: Date;
  },
): Promise<void> {
  const { conversationId, messages, line, now } = given;
  const state = await loadConversation(transaction, conversationId);
  if (state === null || state.owner === "human") return;
  const { channel, externalId, id } = state.conversation;
  // A ticket is already visible to people, and before its first message was read its id for an assignment is unknown.
  if (isHelpdesk(channel) && externalId === id) {
    await updateConversation(
      transaction,
      conversationId,
      { owner: "human", ownerReason: toldReason(line), handedOverAt: now },
      now,
    );
    await tellHandedOver(context, transaction, state, { reason: line, now });
    return;
  }
  await escalate(
    context,
    transaction,
    { conversationId, answers: messages, turnId: conversationId, card: null },
    { line, tell: "when-closed", at: now, isTold: true },
  );
}

/** The result of redriving a dead letter. */
export type RedriveResult = "redriven" | "unknown" | "redriven before";

/**
 * Redrives a dead letter, with an audit entry: its messages are unread again; its effect is looked up at its target and
 * retried only if it did not happen and its preconditions still hold. People keep the conversation unless `toBot` gives
 * it back.
 */
export async function redrive(
  { store, clock }: { readonly store: Store; readonly clock: Clock },
  id: string,
  { toBot, by }: { readonly toBot: boolean; readonly by: string },
): Promise<RedriveResult> {
  const now = clock.now();
  return store.run(async (transaction) => {
    const letter = await deadLetterById(transaction, id);
    if (letter === null) return "unknown";
    if (!(await reviveDeadLetter(transaction, letter, now))) return "redriven before";
    if (toBot && letter.kind !== "effect") await giveToBot(transaction, letter, now);
    await appendAudit(
      transaction,
      { kind: "redriven", data: { id, conversation: letter.conversationId, by } },
      now,
    );
    return "redriven";
  });
}

/** Linked conversations share one owner. What people left unanswered in either is open again. */
async function giveToBot(
  transaction: Transaction,
  { conversationId, id }: DeadLetter,
  now: Date,
): Promise<void> {
  const linkedId = (await loadConversation(transaction, conversationId))?.linkedId ?? null;
  const given = linkedId === null ? [conversationId] : [conversationId, linkedId];
  for (const one of given) {
    const snapshot = await loadSnapshot(transaction, one, now);
    if (snapshot === null) continue;
    const left = snapshot.state.owner === "human" ? leftByPeople(snapshot, [], new Set()) : [];
    await reopenMessages(
      transaction,
      left.map(({ key }) => key),
    );
    await updateConversation(
      transaction,
      one,
      {
        owner: "bot",
        ownerReason: toldReason(`given back with dead letter ${id}`),
        ...(left.length > 0 ? { wakeAt: now } : {}),
      },
      now,
    );
  }
  await refreshRevision(transaction, conversationId);
}
