/** The conversation key of a chat. */

/**
 * The key of a chat: the proven user and the random id of the conversation, so that another user with the same id gets
 * a different key. The id contains no colon but the user's name may: everything before the last colon is the user.
 */
export function chatKey(subject: string | null, conversation: string): string {
  return `chat:${subject ?? ""}:${conversation}`;
}
