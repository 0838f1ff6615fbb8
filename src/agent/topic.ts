import type { TurnState } from "./state.ts";

const TOPIC_OF_OPERATION: ReadonlyMap<string, string> = new Map([
  ["refund", "refund"],
  ["change_address", "address"],
  ["reset_password", "password"],
]);

/** Topics of replies that hold nothing of an account. */
const WITHOUT_ACCOUNT: ReadonlySet<string> = new Set(["faq", "greeting", "other"]);

/** The topic of a write tool; an operation nobody named here is its own topic. */
export function topicOfOperation(operation: string): string {
  return TOPIC_OF_OPERATION.get(operation) ?? operation;
}

/**
 * The topic of the turn. How freely a reply goes out depends on it, so a model can only choose it inside what the code
 * has seen: a proposed change decides it, and account data is never filed under a harmless word.
 */
export function topicOf(state: TurnState, chosen: string | null): string {
  if (state.writeTopic !== null) return state.writeTopic;
  if (state.accountData && (chosen === null || WITHOUT_ACCOUNT.has(chosen))) return "order_status";
  return chosen ?? (state.passages.size > 0 ? "faq" : "other");
}
