import { DeskhandError, reasonOf } from "#core/errors.ts";
import type { Conversation, Message, Signal } from "#core/message.ts";
import type { Owner } from "#core/names.ts";
import { ownerAfter, type Ownership } from "#core/ownership.ts";
import type { Resolved } from "#core/channel.ts";
import type { UnreadHint } from "#store/mailbox.ts";
import { readCodes } from "./confirm.ts";
import { channelOf, LIMITS, type Parts } from "./parts.ts";

/** What looking up the unread hints brought, before anything is written. */
export interface Gathered {
  readonly read: readonly number[];
  readonly failed: readonly {
    readonly hint: UnreadHint;
    readonly error: string;
    readonly retry: boolean;
  }[];
  readonly resolved: readonly Resolved[];
}

/** Looks up each hint at its channel, until the lease is `lost`. One that cannot be read holds up none of the others. */
export async function gather(
  parts: Parts,
  conversation: Pick<Conversation, "id" | "channel">,
  hints: readonly UnreadHint[],
  lost: AbortSignal,
): Promise<Gathered> {
  const read: number[] = [];
  const failed: Gathered["failed"][number][] = [];
  const resolved: Resolved[] = [];
  for (const unread of hints) {
    try {
      resolved.push(await resolveOne(parts, unread, lost));
      read.push(unread.id);
    } catch (error) {
      // Reading stopped because the lease is gone; that says nothing about the hint.
      lost.throwIfAborted();
      const retry = error instanceof DeskhandError && error.retry;
      parts.log.warn("hint could not be read", { hint: unread.id, reason: reasonOf(error) });
      failed.push({ hint: unread, error: reasonOf(error), retry });
    }
  }
  return { read, failed, resolved: await withCodesRead(parts, conversation, resolved) };
}

/** Codes are taken out of the messages before anybody else sees them. */
async function withCodesRead(
  parts: Parts,
  conversation: Pick<Conversation, "id" | "channel">,
  resolved: readonly Resolved[],
): Promise<readonly Resolved[]> {
  const read: Resolved[] = [];
  for (const one of resolved)
    read.push({ ...one, messages: await readCodes(parts, conversation, one.messages) });
  return read;
}

async function resolveOne(parts: Parts, unread: UnreadHint, lost: AbortSignal): Promise<Resolved> {
  const channel = channelOf(parts, unread.hint.channel);
  return channel.resolve(unread.hint, {
    body: unread.bodyRef === null ? null : await parts.blobs.get(unread.bodyRef),
    receivedAt: unread.receivedAt,
    signal: AbortSignal.any([AbortSignal.timeout(LIMITS.resolveMs), lost]),
  });
}

/** A conversation as it stands at its source now, codes taken out. */
export async function look(parts: Parts, conversation: Conversation): Promise<Resolved> {
  const channel = channelOf(parts, conversation.channel);
  const resolved = await channel.fetch(conversation, AbortSignal.timeout(LIMITS.lookupMs));
  return { ...resolved, messages: await readCodes(parts, conversation, resolved.messages) };
}

/** Who owns the conversation after these new events, told in the order they happened. */
export function foldOwnership(
  before: Ownership,
  messages: readonly Message[],
  signals: readonly Signal[],
): Ownership & { readonly handedBack: boolean } {
  const events = [
    ...messages.map((message) => ({ at: message.sentAt, event: message })),
    ...signals.map((signal) => ({ at: signal.at, event: signal })),
  ].toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at));
  let ownership: Ownership = before;
  let handedBack = false;
  for (const { event } of events) {
    const previous: Owner = ownership.owner;
    ownership = ownerAfter(ownership, event);
    if (previous === "human" && ownership.owner === "bot") handedBack = true;
    if (ownership.owner === "human") handedBack = false;
  }
  return { ...ownership, handedBack };
}
