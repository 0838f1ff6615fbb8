/** What follows in our own records when an effect has happened. Pure. */
import { ReplyArguments } from "#core/values/action.ts";
import type { Conversation, Message } from "#core/values/message.ts";
import type { CommitResult } from "#core/contracts/target.ts";
import type { AuditEntry } from "#store/audit/pending-entries.ts";
import type { MessageOutcome } from "#store/conversations/message-rows.ts";
import type { Effect } from "#store/effects/ledger.ts";
import { isUnavailableText } from "#jobs/handoff/messages.ts";
import { channelOf, type JobContext } from "#jobs/context/job-context.ts";

/** An effect that happened, with the actions decided together with it. */
export interface HappenedEffect {
  readonly effect: Pick<
    Effect,
    "key" | "target" | "operation" | "action" | "approvedBy" | "conversationId" | "turnId"
  >;
  readonly bundle: readonly Pick<Effect, "operation" | "action">[];
  readonly committed: CommitResult;
}

/** The records of an effect that happened. */
export interface Consequences {
  /** Our own reply, as a message of the conversation; null where its channel shows it anyway. */
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
export function consequencesOf(
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
    // A channel that keeps its history shows our reply there anyway.
    message: channelOf(context, channel).keepsHistory ? null : ownMessage(happened, reply, now),
    answered: {
      // The notice that lookups are down is no answer: those messages stay open.
      keys: isUnavailableText(effect, reply.answers) ? [] : reply.answers,
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
  return new Map(keys.map((key) => [key, { outcome: "answered", reason, turnId }] as const));
}

function ownMessage(
  { effect, bundle, committed }: HappenedEffect,
  reply: ReplyArguments,
  now: Date,
): Message {
  return {
    key: `own:${effect.target}:${committed.ref}`,
    author: { kind: "bot", id: "deskhand", name: "Deskhand" },
    visibility: isPrivateCopy(bundle, reply) ? "internal" : "public",
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
