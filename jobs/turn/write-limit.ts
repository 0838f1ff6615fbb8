/** Stops a conversation that the bot writes into too often. */

import type { Policy } from "#core/contracts/policy.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import type { ConversationSnapshot } from "#jobs/conversation/snapshot.ts";
import { alertTeam } from "#jobs/plan/alert-team.ts";

/** The window of `RecentWrites`. */
const WINDOW_MS = 10 * 60_000;

/**
 * Why the bot writes nothing more into a conversation, as text for the teammate who takes over; null while there is
 * room. Checked before a turn. So many writes within minutes suggest two programs answering each other, so the team is
 * alerted once per such window and people take over. What teammates approve does not count.
 */
export async function exceededWriteLimit(
  context: Pick<JobContext, "store" | "clock" | "ids" | "cardLink"> & {
    readonly policy: Pick<Policy, "writesMax">;
  },
  { state, recent: { writes } }: Pick<ConversationSnapshot, "state" | "recent">,
): Promise<string | null> {
  const { id: conversationId, channel } = state.conversation;
  const max = context.policy.writesMax(channel);
  const now = context.clock.now();
  if (writes < max) return null;
  await context.store.run((transaction) =>
    alertTeam(context, transaction, {
      conversationId,
      turnId: null,
      text:
        `This may be a loop: Deskhand wrote ${writes} times into one conversation (${channel}) within ten minutes, the most it may by itself. ` +
        `People have it now. If this is what you expect, raise writes_per_ten_minutes in the policy. ${context.cardLink(conversationId)}`,
      people: [],
      about: `writes:${conversationId}:${Math.floor(now.getTime() / WINDOW_MS)}`,
      now,
    }),
  );
  return `Deskhand wrote ${writes} times here within ten minutes: it may be answering a program.`;
}
