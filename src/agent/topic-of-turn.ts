import type { TurnState } from "./turn-state.ts";

/** Topics of replies that hold nothing of an account. */
const WITHOUT_ACCOUNT: ReadonlySet<string> = new Set(["faq", "greeting", "other"]);

/**
 * The topic of the turn. How freely a reply goes out depends on it, so a model can only choose it inside what the code
 * has seen: a proposed change decides it, and account data is never filed under a harmless word.
 */
export function topicOf(state: TurnState, chosen: string | null): string {
  if (state.writeTopic !== null) return state.writeTopic;
  if (state.accountData && (chosen === null || WITHOUT_ACCOUNT.has(chosen))) return "order_status";
  return chosen ?? (state.passages.size > 0 ? "faq" : "other");
}
