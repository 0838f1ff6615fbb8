/** Records an effect that happened and everything that follows from it. */

import { z } from "zod";
import { Assignee, leavesOpen, ReplyArguments } from "#core/values/action.ts";
import { type Conversation, type Message, plainMessage } from "#core/values/message.ts";
import type { ApprovalVote } from "#core/contracts/approval-desk.ts";
import type { CommitResult } from "#core/contracts/tool.ts";
import { type Approval, loadApproval } from "#store/approvals/approvals.ts";
import type { Transaction } from "#store/db/database.ts";
import { openLinked } from "#store/inbox/accept-hints.ts";
import {
  type Lease,
  type Released,
  releaseWhenDone,
  requireLease,
  requireLeaseAndPause,
} from "#store/conversations/lease.ts";
import { bundleEffects, type Effect } from "#store/effects/ledger.ts";
import { intend, recordDoneEffect } from "#store/effects/intend.ts";
import { loadConversation } from "#store/conversations/conversations.ts";
import { amendTurn } from "#store/conversations/traces.ts";
import { closeCard } from "#jobs/approval/sync-cards.ts";
import { type JobContext, connectedChannel } from "#jobs/context/job-context.ts";
import { startWithinTurn } from "./preconditions.ts";
import { noteReplyByHand } from "#jobs/notes/differences.ts";
import { passOnRest } from "#jobs/handoff/escalate.ts";
import { alertTeam, noteAction } from "#jobs/plan/own-actions.ts";
import type { AuditEntry } from "#store/audit/pending-entries.ts";
import type { MessageOutcome } from "#store/conversations/message-rows.ts";
import { tellEffect } from "#jobs/webhooks/events.ts";

/** What the commit that recorded a done effect did besides. */
interface AfterDone {
  /** The next effect, where it began; null when it could not begin now. */
  readonly begun: Effect | null;
  /** Set when nothing is left to do in the conversation. */
  readonly released: Released | null;
  /** True when people were handed what the sent answer left open: that is intended and waits for a wake. */
  readonly passedOn: boolean;
}

/**
 * Records a done effect with its consequences. The same commit begins the next effect when one is given, and releases
 * the lease when nothing is left to do.
 */
export async function recordDone(
  context: JobContext,
  lease: Lease,
  given: {
    readonly conversation: Conversation;
    readonly effect: Effect;
    /** All that was decided together with it. */
    readonly bundle: readonly Effect[];
    readonly committed: CommitResult;
    readonly next: Effect | null;
  },
): Promise<AfterDone> {
  const { effect, committed, next } = given;
  const now = context.clock.now();
  return context.store.run(async (transaction) => {
    // The pause comes before cards and effects in the order of locks, and the conversation before the pause.
    if (next !== null) await requireLeaseAndPause(transaction, lease);
    const happened = { ...given, writer: await writerOf(transaction, effect) };
    const { message, answered, entry } = effectConsequences(
      context,
      given.conversation,
      happened,
      now,
    );
    const isTicket = effect.operation === "create_ticket";
    const recorded = await recordDoneEffect(
      transaction,
      lease,
      {
        key: effect.key,
        ref: committed.ref,
        // A teammate who answers a mail to the team does not write in the customer's conversation.
        conversationKeys:
          isTicket || effect.operation === "notice" ? [] : committed.conversationKeys,
        message,
        outcomes: answeredOutcomes(answered),
        entry,
      },
      now,
    );
    if (recorded === "fenced") await requireLease(transaction, lease);
    if (recorded !== "recorded") return { begun: null, released: null, passedOn: false };
    await tellEffect(context, transaction, effect, { state: "done", now });
    await noteWriting(context, transaction, happened, { message, answered }, now);
    const follower =
      next === null ? null : await startWithinTurn(transaction, next, { fence: lease.fence, now });
    if (isTicket)
      await openLinked(transaction, {
        origin: effect.conversationId,
        otherwiseId: context.ids.next("c"),
        keys: committed.conversationKeys,
        externalId: committed.ref,
        now,
      });
    await tellRemark(context, transaction, effect, committed, now);
    const passedOn = await closeWhenComplete(context, transaction, effect, now);
    const begun = follower?.kind === "begun" ? follower.effect : null;
    const released = begun === null ? await releaseWhenDone(transaction, lease, now) : null;
    return { begun, released, passedOn };
  });
}

/** The teammate who wrote a reply by hand, by the card that they approved with it; null for any other effect. */
async function writerOf(transaction: Transaction, { approvedBy, approvalId }: Effect) {
  if (approvedBy !== "teammate" || approvalId === null) return null;
  return (await loadApproval(transaction, approvalId))?.votes[0] ?? null;
}

/**
 * What a teammate wrote here is compared with the draft they wrote it instead of: in their name, also where its channel
 * shows it as ours.
 */
async function noteWriting(
  context: JobContext,
  transaction: Transaction,
  happened: HappenedEffect,
  { message: stored, answered }: Pick<Consequences, "message" | "answered">,
  now: Date,
): Promise<void> {
  const { effect, writer = null } = happened;
  const { conversationId, operation, action } = effect;
  if (writer === null || operation !== "reply") return;
  const message = ownMessage(happened, ReplyArguments.parse(action.arguments), now);
  const isStored = stored?.key === message.key;
  const byHand = {
    conversationId,
    message,
    isStored,
    answers: answered.keys,
    pressedAt: writer.at,
  };
  await noteReplyByHand(context, transaction, byHand, now);
}

const TakerArguments = z.looseObject({ taker: Assignee });

/** Alerts the team of what turned out differently, and with it the teammate who took the conversation by name. */
async function tellRemark(
  context: JobContext,
  transaction: Transaction,
  { key, action, conversationId, turnId }: Effect,
  { remark }: CommitResult,
  now: Date,
): Promise<void> {
  const named = TakerArguments.safeParse(action.arguments);
  if (remark === undefined) return;
  const email = named.success ? named.data.taker.email : null;
  await alertTeam(context, transaction, {
    conversationId,
    turnId,
    text: `${remark} ${context.cardLink(conversationId)}`,
    people: email === null ? [] : [email],
    about: `remark:${key}`,
    now,
  });
}

/**
 * When the last action of an approved bundle is done, the card is closed with one line and the trace is complete. True
 * when the card answered a part only, and people have been handed the rest.
 */
async function closeWhenComplete(
  context: JobContext,
  transaction: Transaction,
  effect: Effect,
  now: Date,
): Promise<boolean> {
  if (effect.approvalId === null) return false;
  const bundle = await bundleEffects(transaction, effect.bundle);
  if (!bundle.every(({ state }) => state === "done")) return false;
  const approval = await loadApproval(transaction, effect.approvalId);
  if (approval === null) return false;
  // The conversation's row comes before cards in the order of locks.
  const passedOn = await passOnRest(context, transaction, approval, now);
  await closeCard(context, transaction, approval, "done", now);
  if (approval.kind === "notice") await noteOnTicket(transaction, approval, effect, now);
  await amendTurn(transaction, approval.turnId, {
    outcome: "answered",
    outcome_reason: "approved and sent",
    approval_granted: true,
    ...(passedOn ? { escalated_to_human: true } : {}),
  });
  return passedOn;
}

/** People who work in the ticket read there what a teammate has told the customer elsewhere. */
async function noteOnTicket(
  transaction: Transaction,
  { id, votes }: Pick<Approval, "id" | "votes">,
  { conversationId, action }: Effect,
  now: Date,
): Promise<void> {
  const { linkedId = null } = (await loadConversation(transaction, conversationId)) ?? {};
  const ticket = linkedId === null ? null : await loadConversation(transaction, linkedId);
  if (ticket === null) return;
  const { text } = ReplyArguments.parse(action.arguments);
  const words = `${votes[0]?.name ?? "A teammate"} answered the customer from the console:\n\n${text}`;
  const note = noteAction(ticket.conversation, words, id);
  const where = { conversationId: ticket.conversation.id, bundle: note.key };
  await intend(transaction, [note], { ...where, now });
}

// What follows in our own records when an effect has happened. Pure.

interface HappenedEffect {
  readonly effect: Pick<
    Effect,
    "key" | "target" | "operation" | "action" | "approvedBy" | "conversationId" | "turnId"
  >;
  readonly bundle: readonly Pick<Effect, "operation" | "action">[];
  readonly committed: CommitResult;
  /** The teammate who wrote the reply; left out of drafts. */
  readonly writer?: Pick<ApprovalVote, "voter" | "name" | "at"> | null;
}

/** The records of an effect that happened. */
interface Consequences {
  /** Our own reply, as a message of the conversation; null where its channel shows it later. */
  readonly message: Message | null;
  /** The messages that are answered now, by key, and how. */
  readonly answered: {
    readonly keys: readonly string[];
    readonly reason: string;
    readonly turnId: string | null;
  };
  readonly entry: AuditEntry;
}

/** The records to write once an effect of this conversation is done. */
export function effectConsequences(
  context: JobContext,
  { channel }: Pick<Conversation, "channel">,
  happened: HappenedEffect,
  now: Date,
): Consequences {
  const { effect, committed } = happened;
  const { key, operation, approvedBy, turnId } = effect;
  const entry = { kind: "done", data: { key, operation, ref: committed.ref, by: approvedBy } };
  const reason = approvedBy === "person" ? "approved by a person" : "approved by policy";
  if (operation !== "reply")
    return { message: null, answered: { keys: [], reason, turnId }, entry };
  const reply = ReplyArguments.parse(effect.action.arguments);
  return {
    // A channel that keeps its history shows our reply there anyway, in its own words.
    message: connectedChannel(context, channel).keepsHistory
      ? shownMessage(committed, reply)
      : ownMessage(happened, reply, now),
    answered: {
      keys: leavesOpen(key, reply) ? [] : reply.answers,
      reason,
      turnId,
    },
    entry,
  };
}

/** How the answered messages ended, by key. */
export function answeredOutcomes({
  keys,
  reason,
  turnId,
}: Consequences["answered"]): ReadonlyMap<string, MessageOutcome> {
  const ended = { outcome: "answered", reason, passedOver: null, turnId } as const;
  return new Map(keys.map((key) => [key, ended]));
}

function shownMessage({ shown }: CommitResult, { subject }: ReplyArguments): Message | null {
  return shown === undefined ? null : { ...shown, subject };
}

function ownMessage(
  { effect, bundle, committed, writer = null }: HappenedEffect,
  reply: ReplyArguments,
  now: Date,
): Message {
  return plainMessage({
    key: `own:${effect.target}:${committed.ref}`,
    author:
      writer === null
        ? { kind: "bot", id: "deskhand", name: "Deskhand" }
        : { kind: "teammate", id: writer.voter, name: writer.name },
    visibility: isPrivateCopy(bundle, reply) ? "internal" : "public",
    subject: reply.subject,
    text: reply.text,
    sentAt: now.toISOString(),
    identity: { level: 3, method: "own", reason: "written by Deskhand", handle: { kind: "none" } },
  });
}

/** A private answer that came with a notice in a shared channel is not shown to the next asker there. */
function isPrivateCopy(bundle: HappenedEffect["bundle"], reply: ReplyArguments): boolean {
  return (
    reply.to.audience === "private" &&
    bundle.some(
      ({ operation, action }) =>
        operation === "reply" && ReplyArguments.parse(action.arguments).to.audience === "shared",
    )
  );
}
