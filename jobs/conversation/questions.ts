/** How often the bot may still ask back. */
import type { ConversationSnapshot } from "./snapshot.ts";

/** The questions that have reached the customer since the last answer: one that waits on a card has not. */
export function questionsAsked({
  state,
  pending,
}: Pick<ConversationSnapshot, "state" | "pending">): number {
  return state.clarified && pending !== null ? state.questions - 1 : state.questions;
}
