import type { Signal } from "#core/values/message.ts";
import type { updateConversation } from "#store/conversations/conversations.ts";

type ConversationUpdate = Parameters<typeof updateConversation>[2];

/**
 * What new signals say about how a conversation ended. The last word counts: solved, or open again, which takes back
 * that it was solved; a later rating takes the place of an earlier one. One that was merged into another is told there.
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
