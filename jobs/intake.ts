/**
 * Room: the way into the jobs: deliveries are committed here, and wakes travel through `queue.ts`.
 * In: deliveries from the sessions, pollers and routes of the channels.
 * Out: hints in the database, raw bodies in the blob store, a wake per conversation.
 * May touch: the database, blobs and the queue; no vendor.
 */

import { setTimeout as delay } from "node:timers/promises";
import { nowWorkingOn, workingOn } from "#core/contracts/ports.ts";
import type { Channel, Delivery, Hint } from "#core/contracts/channel.ts";
import { acceptHints } from "#store/inbox/accept-hints.ts";
import { type JobContext, notifyWorker } from "#jobs/context/job-context.ts";

/** A hanging queue must not time out the source: the notification continues in the background after this. */
const NOTIFY_WAIT_MS = 500;

/** The result of a delivery, for the inbound handler it came through. */
export interface IntakeResult {
  readonly conversationIds: readonly string[];
  readonly eventIds: readonly string[];
  /** True unless everything in it had been delivered before. */
  readonly isNew: boolean;
}

/**
 * Takes in one delivery: verified and translated, then committed, then the wake. Once this resolves, the source may be
 * acknowledged. Throws `input.*` for what the source should not send again and `store.unavailable` for what it should;
 * `store.fenced`, and nothing is committed, when another process has taken the duty it was read under.
 */
export async function intake(
  context: Pick<JobContext, "store" | "blobs" | "ids" | "wake" | "log" | "policy">,
  channel: Channel,
  delivery: Delivery,
): Promise<IntakeResult> {
  const hints = await received(context, channel, delivery);
  const message = hints[0]?.eventId;
  return workingOn(message === undefined ? {} : { message }, () =>
    takeIn(context, channel, delivery, hints),
  );
}

async function takeIn(
  context: Parameters<typeof intake>[0],
  channel: Channel,
  delivery: Delivery,
  hints: readonly Hint[],
): Promise<IntakeResult> {
  const bodyRef = hints.some((hint) => hint.keepBody)
    ? (delivery.kept ?? (await context.blobs.put(delivery.body)))
    : null;
  const { store, ids } = context;
  const taken = await acceptHints(store, hints, { ...delivery, ids, bodyRef });
  const [place] = taken;
  if (place !== undefined) nowWorkingOn({ conversation: place.conversationId });
  const fresh = taken.filter(({ known }) => !known);
  if (fresh.length < taken.length)
    context.log.info("delivered again, nothing is done twice", {
      channel: channel.name,
      source: delivery.source,
      copies: taken.length - fresh.length,
    });
  if (bodyRef !== null && !fresh.some(({ hint }) => hint.keepBody))
    await context.blobs.remove(bodyRef);
  const rings = fresh.map(({ conversationId, hint: { kind, channel: source } }) =>
    notifyWorker(context, conversationId, kind === "signal" ? 0 : context.policy.quietMs(source)),
  );
  await Promise.race([Promise.all(rings), delay(NOTIFY_WAIT_MS, undefined, { ref: false })]);
  return {
    conversationIds: [...new Set(taken.map(({ conversationId }) => conversationId))],
    eventIds: hints.map(({ eventId }) => eventId),
    isNew: fresh.length > 0,
  };
}

/** Removes the body the poller kept when no hint needs it. */
async function received(
  { blobs }: Pick<JobContext, "blobs">,
  channel: Channel,
  delivery: Delivery,
): Promise<readonly Hint[]> {
  let hints: readonly Hint[] = [];
  try {
    hints = channel.receive(delivery);
    return hints;
  } finally {
    const isWanted = hints.some((hint) => hint.keepBody);
    if (delivery.kept !== undefined && !isWanted) await blobs.remove(delivery.kept);
  }
}
