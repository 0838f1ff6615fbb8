/** Hints whose source could not be read: tried again, or set aside as dead letters. */
import { hintFailed } from "#store/inbox/unread-hints.ts";
import { requireLease, type Lease } from "#store/conversations/lease.ts";
import { type ResolvedHints } from "#jobs/conversation/resolve-hints.ts";
import { deadLetterMail } from "#jobs/effects/dead-letters.ts";
import { LIMITS, type JobContext } from "#jobs/context/job-context.ts";

/**
 * Retries an unreadable hint, then makes it a dead letter; at once when reading it hit a bug, which would happen again.
 * A source that is down is retried until it is back. True when a message was set aside: people own the conversation
 * then.
 */
export async function setUnreadableAside(
  context: JobContext,
  lease: Lease,
  gathered: ResolvedHints,
): Promise<boolean> {
  const setAside: boolean[] = [];
  for (const { hint, error, retry, isMistake } of gathered.failed)
    setAside.push(
      await context.store.run(async (transaction) => {
        await requireLease(transaction, lease);
        const { givenUp } = await hintFailed(transaction, {
          id: hint.id,
          error,
          attemptsMax: retry ? null : isMistake ? 1 : LIMITS.hintAttemptsMax,
        });
        if (!givenUp) return false;
        const toPeople = hint.hint.kind === "message";
        await deadLetterMail(context, transaction, {
          conversationId: lease.conversationId,
          kind: "unreadable",
          hints: [hint.id],
          messages: [],
          reason: `${hint.hint.channel}: ${error}`,
          toPeople,
        });
        return toPeople;
      }),
    );
  return setAside.includes(true);
}
