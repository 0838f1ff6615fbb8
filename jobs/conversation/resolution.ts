/** How a conversation ended, from its signals. */

import type { Signal } from "#core/values/message.ts";
import type { updateConversation } from "#store/conversations/conversations.ts";

type ConversationUpdate = Parameters<typeof updateConversation>[2];

/**
 * What new signals say about the end of a conversation. The last one counts: solved, or reopened, which clears solved;
 * a later rating replaces an earlier one. A merged conversation is counted where it went.
 */
export function resolutionBy(signals: readonly Signal[]): ConversationUpdate {
  const sorted = signals.toSorted((one, other) => Date.parse(one.at) - Date.parse(other.at));
  const ended = sorted.findLast(({ kind }) => kind === "solved" || kind === "reopened");
  const rated = sorted.findLast((signal) => signal.kind === "rated");
  const merged = sorted.findLast((signal) => signal.kind === "merged");
  return {
    ...(ended?.kind === "solved"
      ? { solvedAt: new Date(ended.at), solvedByRule: ended.automatic === true }
      : {}),
    ...(ended?.kind === "reopened" ? { solvedAt: null, solvedByRule: false } : {}),
    ...(rated === undefined
      ? {}
      : {
          rating: rated.score,
          ratingSource: rated.source ?? "rating",
          ratingStars: rated.stars ?? null,
        }),
    ...(merged === undefined ? {} : { keptOut: `merged into ${merged.into}` }),
  };
}
