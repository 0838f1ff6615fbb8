import { setTimeout as delay } from "node:timers/promises";
import type { Channel } from "#core/contracts/channel.ts";
import type { Delivery, Hint } from "#core/values/delivery.ts";
import { reasonOf } from "#core/values/errors.ts";
import { acceptHints, acceptHintsWith, type AcceptedHints } from "#store/inbox/accept-hints.ts";
import type { JobContext } from "./context/job-context.ts";

/** A queue that hangs must not cost the source its patience: the ring goes on by itself after this. */
const RING_WAIT_MS = 500;

/** What became of a delivery, for the door it came through. */
export interface IntakeResult {
  readonly conversationIds: readonly string[];
  readonly eventIds: readonly string[];
}

/**
 * Takes one delivery in: verified and translated, then committed, then the bell. When this resolves the source may be
 * acknowledged. Throws `input.*` for what the source should not send again and `store.unavailable` for what it should.
 */
export async function intake(
  context: Pick<JobContext, "store" | "blobs" | "ids" | "wake" | "log" | "policy">,
  channel: Channel,
  delivery: Delivery,
): Promise<IntakeResult> {
  const hints = await received(context, channel, delivery);
  if (hints.length === 0) return { conversationIds: [], eventIds: [] };
  const bodyRef = hints.some((hint) => hint.keepBody) ? await keep(context, delivery) : null;
  const taken = await context.store.run(async (transaction) => {
    const results: (AcceptedHints & { readonly hint: Hint })[] = [];
    for (const hint of hints) {
      const options = {
        bodyRef: hint.keepBody ? bodyRef : null,
        receivedAt: delivery.receivedAt,
        ids: context.ids,
      };
      const earlier = results.map(({ conversationId }) => conversationId);
      const one =
        hint.opens === false
          ? await acceptHintsWith(transaction, hint, { ...options, earlier })
          : await acceptHints(transaction, hint, options);
      if (one !== null) results.push({ hint, ...one });
    }
    return results;
  });
  const fresh = taken.filter(({ known }) => !known);
  if (fresh.length < taken.length)
    context.log.info("delivered again, nothing is done twice", {
      channel: channel.name,
      source: delivery.source,
      copies: taken.length - fresh.length,
    });
  if (bodyRef !== null && !fresh.some(({ hint }) => hint.keepBody))
    await context.blobs.remove(bodyRef);
  const rings = fresh.map(({ conversationId, hint }) => ring(context, conversationId, hint));
  await Promise.race([Promise.all(rings), delay(RING_WAIT_MS, undefined, { ref: false })]);
  return {
    conversationIds: [...new Set(taken.map(({ conversationId }) => conversationId))],
    eventIds: hints.map(({ eventId }) => eventId),
  };
}

/** What the poller kept for a delivery that means nothing to us belongs to nobody. */
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

/**
 * Keeps the raw bytes, unless the poller has. The database is asked first: while it is away sources send the same mail
 * again and again, and every try would leave a copy that no row knows.
 */
async function keep(
  { store, blobs }: Pick<JobContext, "store" | "blobs">,
  { body, kept }: Delivery,
): Promise<string> {
  if (kept !== undefined) return kept;
  await store.run(async () => undefined);
  return blobs.put(body);
}

/** A lost ring is not a lost message, so a queue that is down is only noted. */
async function ring(
  context: Pick<JobContext, "wake" | "log" | "policy">,
  conversationId: string,
  hint: Hint,
): Promise<void> {
  try {
    const delayMs = hint.kind === "signal" ? 0 : context.policy.quietMs(hint.channel);
    await context.wake(conversationId, delayMs);
  } catch (error) {
    context.log.warn("wake not queued, the reconciler will find it", { reason: reasonOf(error) });
  }
}
