/**
 * The name of a chat: who was proven, and the random id of the conversation, so that a stranger with the id gets another
 * one. The id holds no colon and the user's may, so what stands before the last colon is the user's, and all of it.
 */
export function chatKey(subject: string | null, conversation: string): string {
  return `chat:${subject ?? ""}:${conversation}`;
}
