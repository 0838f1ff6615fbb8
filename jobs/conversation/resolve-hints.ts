/** Looks up hints at their channel, and folds what they bring into an owner, with its audit entries. */

import { withinMs } from "#core/values/deadline.ts";
import { canonical } from "#core/values/canonical-json.ts";
import { DeskhandError, reasonOf } from "#core/values/errors.ts";
import type { Conversation, Message, Signal } from "#core/values/message.ts";
import type { Owner } from "#core/values/vocabulary.ts";
import { assignedReason, ownerAfter, type Ownership } from "#core/cases/ownership.ts";
import type { Resolved } from "#core/contracts/channel.ts";
import type { UnreadHint } from "#store/conversations/read-snapshot.ts";
import { connectedChannel, type JobContext, LIMITS } from "#jobs/context/job-context.ts";
import type { AuditEntry } from "#store/audit/pending-entries.ts";
import type { ConversationSnapshot } from "./snapshot.ts";
import { verifyCodes } from "./verify-code.ts";
import { describeThrown, isOperating } from "#core/values/thrown.ts";

/** What looking up the unread hints brought, before anything is written. */
export interface ResolvedHints {
  readonly read: readonly number[];
  readonly failed: readonly {
    readonly hint: UnreadHint;
    readonly error: string;
    readonly retry: boolean;
    /** True for a bug of ours, which the same content triggers each time. */
    readonly isMistake: boolean;
    /** How long the source asked us to wait; else 0. */
    readonly retryAfterMs: number;
  }[];
  readonly resolved: readonly Resolved[];
}

/** Looks up each hint at its channel, until the lease is `lost`. An unreadable hint holds up none of the others. */
export async function resolveHints(
  context: JobContext,
  snapshot: Pick<ConversationSnapshot, "state" | "hasCodes" | "messageKeys" | "stored" | "proofs">,
  hints: readonly UnreadHint[],
  lost: AbortSignal,
): Promise<ResolvedHints> {
  const read: number[] = [];
  const failed: ResolvedHints["failed"][number][] = [];
  const resolved: Resolved[] = [];
  const looked: { readonly group: HintGroup; readonly found: Resolved }[] = [];
  const fail = (group: HintGroup, error: unknown): void => {
    const failure = hintFailure(error);
    context.log.warn("hint could not be read", { hint: group[0].id, reason: failure.error });
    for (const hint of group) failed.push({ hint, ...failure });
  };
  for (const group of groupHints(hints)) {
    try {
      looked.push({ group, found: await resolveOne(context, group[0], snapshot, lost) });
    } catch (error) {
      // Reading stopped because the lease is gone; that says nothing about the hint.
      lost.throwIfAborted();
      fail(group, error);
    }
  }
  for (const { group, found } of looked) {
    try {
      const { conversation } = snapshot.state;
      const messages = await verifyCodes(context, conversation, found.messages, snapshot);
      resolved.push({ ...found, messages });
      read.push(...group.map(({ id }) => id));
    } catch (error) {
      // An error of store or shop while checking codes says nothing about the hint.
      if (lost.aborted || isOperating(error)) throw error;
      fail(group, error);
    }
  }
  return { read, failed, resolved };
}

/** A bug is described by its place in the code: its message may quote the content. */
function hintFailure(error: unknown): Omit<ResolvedHints["failed"][number], "hint"> {
  const isMistake = !isOperating(error);
  const named = error instanceof DeskhandError ? error : null;
  return {
    error: isMistake ? `reading it failed: ${describeThrown(error).kind}` : reasonOf(error),
    retry: named?.retry ?? false,
    isMistake,
    retryAfterMs: named?.retryAfterMs ?? 0,
  };
}

/** Hints that one request to their source answers. */
type HintGroup = readonly [UnreadHint, ...(readonly UnreadHint[])];

/**
 * Groups hints that ask the same of the same source: the answer, requested after all of them had arrived, holds what
 * each announced. A conversation with many messages costs its source one request.
 */
function groupHints(hints: readonly UnreadHint[]): readonly HintGroup[] {
  const groups = new Map<string, [UnreadHint, ...UnreadHint[]]>();
  for (const unread of hints) {
    const { channel, data } = unread.hint;
    // A stored body is a message of its own.
    const question = unread.bodyRef === null ? canonical([channel, data]) : `body ${unread.id}`;
    const group = groups.get(question);
    if (group === undefined) groups.set(question, [unread]);
    else group.push(unread);
  }
  return [...groups.values()];
}

async function resolveOne(
  context: JobContext,
  unread: UnreadHint,
  { proofs }: Pick<ConversationSnapshot, "proofs">,
  lost: AbortSignal,
): Promise<Resolved> {
  const channel = connectedChannel(context, unread.hint.channel);
  const { bodyRef } = unread;
  return withinMs(
    LIMITS.resolveMs,
    (signal) =>
      channel.resolve(unread.hint, {
        body: bodyRef === null ? null : { ref: bodyRef, open: () => context.blobs.open(bodyRef) },
        receivedAt: unread.receivedAt,
        proofs,
        signal,
      }),
    lost,
  );
}

/** A conversation as it is at its source now, with codes removed. */
export async function lookAtSource(
  context: JobContext,
  conversation: Conversation,
): Promise<Resolved> {
  const channel = connectedChannel(context, conversation.channel);
  const resolved = await withinMs(LIMITS.lookupMs, (signal) => channel.fetch(conversation, signal));
  return { ...resolved, messages: await verifyCodes(context, conversation, resolved.messages) };
}

/** What new events make of a conversation's owner. */
export type OwnershipNow = Readonly<ReturnType<typeof foldOwnership>>;

/** The owner after these new events, applied in the order they happened; `takenAt` where they brought it to people. */
export function foldOwnership(
  before: Ownership,
  messages: readonly Message[],
  signals: readonly Signal[],
) {
  const events = [
    ...messages.map((message) => ({ at: message.sentAt, event: message })),
    ...signals.map((signal) => ({ at: signal.at, event: signal })),
  ].toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at));
  let ownership: Ownership = before;
  let handedBack = false;
  let takenAt: Date | null = null;
  for (const { at, event } of events) {
    const previous: Owner = ownership.owner;
    ownership = ownerAfter(ownership, event);
    if (previous === ownership.owner) continue;
    handedBack = previous === "human";
    takenAt = handedBack ? null : new Date(at);
  }
  return { ...ownership, handedBack, takenAt };
}

// What audit and log say of owners.

/** Ownership is decided at the source, so the audit only refers to it there, by the key of each signal. */
export function ownershipEntries(
  conversationId: string,
  signals: readonly Signal[],
): readonly AuditEntry[] {
  return signals.flatMap((signal) =>
    signal.kind === "assigned" || signal.kind === "merged"
      ? [{ kind: "owner", data: { conversation: conversationId, signal: signal.key } }]
      : [],
  );
}

/** Each change of owner, oldest first, one line each. */
export function ownershipLines(signals: readonly Signal[]): readonly string[] {
  return signals.flatMap((signal) => {
    switch (signal.kind) {
      case "assigned":
        return [`  ${signal.at}  to ${signal.to}: ${assignedReason(signal)}`];
      case "merged":
        return [`  ${signal.at}  to human: ${signal.actor} merged it into ${signal.into}`];
      case "absorbed":
        return [`  ${signal.at}  ${signal.actor} merged ${signal.from} into it`];
      case "solved":
      case "reopened":
      case "rated":
      case "bounced":
        return [];
      default:
        throw new Error(`unknown signal ${String(signal satisfies never)}`);
    }
  });
}
