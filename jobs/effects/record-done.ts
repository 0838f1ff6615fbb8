/** Records an effect that happened and everything that follows from it. */

import { z } from "zod";
import { ReplyArguments, Assignee } from "#core/values/action.ts";
import type { Message } from "#core/values/message.ts";
import type { CommitResult } from "#core/contracts/target.ts";
import { loadApproval } from "#store/approvals/approvals.ts";
import { recordAudit } from "#store/audit/pending-entries.ts";
import { addMessages, loadConversation, setOutcome } from "#store/conversations/conversations.ts";
import type { Transaction } from "#store/db/database.ts";
import { rememberKeys, openLinked } from "#store/inbox/accept-hints.ts";
import type { Lease } from "#store/conversations/lease.ts";
import { requireLease } from "#store/conversations/lease.ts";
import { holdPause } from "#store/db/advisory-locks.ts";
import { bundleOf, markDone, type Effect } from "#store/effects/ledger.ts";
import { amendTurn } from "#store/conversations/traces.ts";
import { closeCard } from "#jobs/approval/sync-cards.ts";
import { isUnavailableText } from "#jobs/handoff/messages.ts";
import { channelOf, type JobContext } from "#jobs/context/job-context.ts";
import { startWithinTurn } from "./preconditions.ts";
import { alertTeam } from "#jobs/plan/alert-team.ts";

/**
 * Records a done effect with its consequences, and begins the next effect in the same commit when one is given. Returns
 * that one, or null when it could not begin now.
 */
export async function recordDone(
  context: JobContext,
  lease: Lease,
  given: {
    readonly effect: Effect;
    readonly committed: CommitResult;
    readonly next: Effect | null;
  },
): Promise<Effect | null> {
  const { effect, committed, next } = given;
  const now = context.clock.now();
  return context.store.run(async (transaction) => {
    await requireLease(transaction, lease);
    // The pause comes before cards and effects in the order of locks.
    if (next !== null) await holdPause(transaction);
    if (!(await markDone(transaction, effect.key, { ref: committed.ref, now }))) return null;
    const follower =
      next === null
        ? null
        : await startWithinTurn(transaction, next, { fence: lease.fence, now, holdsPause: true });
    await recordConsequences(context, transaction, effect, committed, now);
    await recordAudit(transaction, [entryOf(effect, committed)], now);
    return follower?.kind === "begun" ? follower.effect : null;
  });
}

function entryOf({ key, operation, approvedBy }: Effect, { ref }: CommitResult) {
  return { kind: "done", data: { key, operation, ref, by: approvedBy } };
}

/** The consequences of a done effect: outcomes, remembered keys, linked conversations, the card. */
async function recordConsequences(
  context: JobContext,
  transaction: Transaction,
  effect: Effect,
  committed: CommitResult,
  now: Date,
): Promise<void> {
  if (effect.operation === "create_ticket")
    await openLinked(transaction, {
      origin: effect.conversationId,
      otherwiseId: context.ids.next("c"),
      keys: committed.conversationKeys,
      externalId: committed.ref,
      now,
    });
  else await rememberKeys(transaction, effect.conversationId, committed.conversationKeys);
  await tellTaker(context, transaction, effect, committed, now);
  if (effect.operation === "reply") await recordReply(context, transaction, effect, committed, now);
  await closeWhenComplete(context, transaction, effect, now);
}

const TakerArguments = z.looseObject({ taker: Assignee });

/** Alerts the teammate who took a conversation when it could not be assigned to them by name. */
async function tellTaker(
  context: JobContext,
  transaction: Transaction,
  { key, action, conversationId, turnId }: Effect,
  { remark }: CommitResult,
  now: Date,
): Promise<void> {
  const named = TakerArguments.safeParse(action.arguments);
  if (remark === undefined || !named.success) return;
  const { email } = named.data.taker;
  await alertTeam(context, transaction, {
    conversationId,
    turnId,
    text: `${remark} ${context.cardLink(conversationId)}`,
    people: email === null ? [] : [email],
    about: `taker:${key}`,
    now,
  });
}

/** Our own reply becomes part of the conversation, and the messages it answers have ended. */
async function recordReply(
  context: JobContext,
  transaction: Transaction,
  effect: Effect,
  committed: CommitResult,
  now: Date,
): Promise<void> {
  const reply = ReplyArguments.parse(effect.action.arguments);
  const state = await loadConversation(transaction, effect.conversationId);
  if (state === null) return;
  // A channel that keeps its history shows our reply there anyway.
  if (!channelOf(context, state.conversation.channel).keepsHistory) {
    const visibility = (await isPrivateCopy(transaction, effect, reply)) ? "internal" : "public";
    const own = ownMessage(effect, reply, committed, visibility, now);
    await addMessages(transaction, effect.conversationId, [own], now);
  }
  // The notice that lookups are down is no answer: those messages stay open.
  if (isUnavailableText(effect, reply.answers)) return;
  await setOutcome(
    transaction,
    reply.answers,
    {
      outcome: "answered",
      reason: effect.approvedBy === "person" ? "approved by a person" : "approved by policy",
      turnId: effect.turnId,
    },
    now,
  );
}

/** A private answer that came with a notice in a shared channel is not shown to the next asker there. */
async function isPrivateCopy(
  transaction: Transaction,
  effect: Effect,
  reply: ReplyArguments,
): Promise<boolean> {
  if (reply.to.audience !== "private") return false;
  const bundle = await bundleOf(transaction, effect.bundle);
  return bundle.some(
    (other) =>
      other.operation === "reply" &&
      ReplyArguments.parse(other.action.arguments).to.audience === "shared",
  );
}

function ownMessage(
  effect: Effect,
  reply: ReplyArguments,
  committed: CommitResult,
  visibility: Message["visibility"],
  now: Date,
): Message {
  return {
    key: `own:${effect.target}:${committed.ref}`,
    author: { kind: "bot", id: "deskhand", name: "Deskhand" },
    visibility,
    subject: reply.subject,
    text: reply.text,
    segments: [],
    attachments: [],
    sentAt: now.toISOString(),
    identity: { level: 3, method: "own", reason: "written by Deskhand", handle: { kind: "none" } },
    answerTo: null,
    answerPrivatelyTo: null,
    ignore: null,
  };
}

/** When the last action of an approved bundle is done, the card is closed with one line and the trace is complete. */
async function closeWhenComplete(
  context: JobContext,
  transaction: Transaction,
  effect: Effect,
  now: Date,
): Promise<void> {
  if (effect.approvalId === null) return;
  const bundle = await bundleOf(transaction, effect.bundle);
  if (!bundle.every(({ state }) => state === "done")) return;
  const approval = await loadApproval(transaction, effect.approvalId);
  if (approval === null) return;
  await closeCard(context, transaction, approval, "done", now);
  await amendTurn(transaction, approval.turnId, {
    outcome: "answered",
    outcome_reason: "approved and sent",
    approval_granted: true,
  });
}
