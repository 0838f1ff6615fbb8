/** How long a turn waits for a source or a target; the time is stored, so no wake comes earlier. */
import { updateConversation } from "#store/conversations/conversations.ts";
import { type Lease } from "#store/conversations/lease.ts";
import { type ResolvedHints } from "#jobs/conversation/resolve-hints.ts";
import { type JobContext } from "#jobs/context/job-context.ts";

const SOURCE_WAIT_MAX_MS = 60_000;

/** However long a source asks us to wait, it is looked at again after this. */
const SOURCE_ASKED_MAX_MS = 15 * 60_000;

/** Waits longer each time for a source that is down; returns the wait in milliseconds. */
export async function waitForSource(
  context: JobContext,
  lease: Lease,
  gathered: ResolvedHints,
): Promise<number> {
  const tries = Math.max(...gathered.failed.map(({ hint }) => hint.attempts));
  const asked = Math.max(...gathered.failed.map(({ retryAfterMs }) => retryAfterMs));
  const growing = Math.min(1_000 * 2 ** tries, SOURCE_WAIT_MAX_MS);
  return waitFor(context, lease, Math.max(growing, Math.min(asked, SOURCE_ASKED_MAX_MS)));
}

/** Stores that the conversation is not woken before `delayMs` is over, and returns it. */
export async function waitFor(context: JobContext, lease: Lease, delayMs: number): Promise<number> {
  const now = context.clock.now();
  const wakeAt = new Date(now.getTime() + delayMs);
  await context.store.run((transaction) =>
    updateConversation(transaction, lease.conversationId, { wakeAt }, now),
  );
  return delayMs;
}
