import type { Channel } from "#core/channel.ts";
import type { Delivery, Hint } from "#core/delivery.ts";
import { reasonOf } from "#core/errors.ts";
import { takeIn } from "#store/intake.ts";
import type { Parts } from "./parts.ts";

/** What became of a delivery, for the door it came through. */
export interface Accepted {
  readonly conversationIds: readonly string[];
  readonly eventIds: readonly string[];
}

/**
 * Takes one delivery in: verified and translated, then committed, then the bell. When this resolves the source may be
 * acknowledged. Throws `input.*` for what the source should not send again and `store.unavailable` for what it should.
 */
export async function intake(
  parts: Pick<Parts, "store" | "blobs" | "ids" | "wake" | "log" | "policy">,
  channel: Channel,
  delivery: Delivery,
): Promise<Accepted> {
  const hints = channel.receive(delivery);
  if (hints.length === 0) return { conversationIds: [], eventIds: [] };
  const bodyRef = hints.some((hint) => hint.keepBody) ? await parts.blobs.put(delivery.body) : null;
  const taken = await parts.store.run(async (transaction) => {
    const results = [];
    for (const hint of hints)
      results.push({
        hint,
        ...(await takeIn(transaction, hint, {
          bodyRef: hint.keepBody ? bodyRef : null,
          receivedAt: delivery.receivedAt,
          ids: parts.ids,
        })),
      });
    return results;
  });
  const fresh = taken.filter(({ known }) => !known);
  if (bodyRef !== null && !fresh.some(({ hint }) => hint.keepBody))
    await parts.blobs.remove(bodyRef);
  for (const { conversationId, hint } of fresh) await ring(parts, conversationId, hint);
  return {
    conversationIds: [...new Set(taken.map(({ conversationId }) => conversationId))],
    eventIds: hints.map(({ eventId }) => eventId),
  };
}

/** A lost ring is not a lost message, so a queue that is down is only noted. */
async function ring(
  parts: Pick<Parts, "wake" | "log" | "policy">,
  conversationId: string,
  hint: Hint,
): Promise<void> {
  try {
    const delayMs = hint.kind === "signal" ? 0 : parts.policy.quietMs(hint.channel);
    await parts.wake(conversationId, delayMs);
  } catch (error) {
    parts.log.warn("wake not queued, the reconciler will find it", { reason: reasonOf(error) });
  }
}
