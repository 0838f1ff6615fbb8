/** Decides a turn's topic, on which autonomy depends. */
import type { TurnState } from "./turn-state.ts";

/** Topics of replies that use no account data. */
const WITHOUT_ACCOUNT: ReadonlySet<string> = new Set(["faq", "greeting", "other"]);

/**
 * The topic of the turn. It decides how freely a reply goes out, so a model can only choose within what the code has
 * seen: a proposed change decides it, and account data is never filed under a harmless topic.
 */
export function topicOf(state: TurnState, chosen: string | null): string {
  if (state.writeTopic !== null) return state.writeTopic;
  if (state.accountData && (chosen === null || WITHOUT_ACCOUNT.has(chosen))) return "order_status";
  return chosen ?? (state.passages.size > 0 ? "faq" : "other");
}
