/** The first commit of a wake: takes the lease and reads the conversation. */
import { DeskhandError } from "#core/values/errors.ts";
import { recordRefusedWake, type Refusal } from "#store/conversations/due-work.ts";
import { releaseLease, type ClaimedLease } from "#store/conversations/lease.ts";
import { claimAndRead } from "#store/conversations/read-snapshot.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import { snapshotOf, type ConversationSnapshot } from "#jobs/conversation/snapshot.ts";

/** A conversation whose lease we hold, with what the claiming commit read, or why it could not be read. */
export interface Claimed {
  readonly lease: ClaimedLease;
  readonly snapshot:
    | { readonly read: ConversationSnapshot | null }
    | { readonly unreadable: unknown };
}

/** Takes the lease and reads. With `cleanOnly`, it takes only a clean conversation. */
export async function claimConversation(
  context: JobContext,
  conversationId: string,
  cleanOnly: boolean,
): Promise<Claimed | Refusal> {
  const now = context.clock.now();
  const options = {
    conversationId,
    owner: context.worker,
    leaseMs: context.leaseMs,
    now,
    cleanOnly,
  };
  const claimed =
    (await claimAndRead(context.store, options)) ??
    (await context.store.run(async (transaction) => {
      // When it was released between the two statements, our transaction locks its row until it commits.
      const refusal = await recordRefusedWake(transaction, conversationId, now);
      return refusal ?? claimAndRead(transaction, options);
    }));
  if (claimed === null || typeof claimed === "string") return claimed ?? "quarantined";
  const { lease, snapshot } = claimed;
  try {
    return { lease, snapshot: { read: snapshotOf(snapshot()) } };
  } catch (error) {
    if (error instanceof DeskhandError && error.retry) {
      await releaseLease(context.store, lease);
      throw error;
    }
    // An unreadable conversation must be counted as a failure too, or it would be retried for ever.
    return { lease, snapshot: { unreadable: error } };
  }
}
