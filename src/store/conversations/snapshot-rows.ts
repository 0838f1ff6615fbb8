/** Rows that several snapshots read: the messages of a conversation, and a card. */
import { Approval } from "#store/approvals/approvals.ts";
import { columnsFromJson, rowFromJson } from "#store/db/json-rows.ts";
import { approval, message, messageContent } from "#store/db/schema.ts";
import type { StoredMessage } from "./messages.ts";

/** The newest messages of a conversation with their content, oldest first by when they were sent. */
export const messagesFrom = (conversationId: string, limit: number): string => `
  (select coalesce(json_agg(n order by n.sent_at, n.id), '[]') from (
     select m.id, m.outcome, m.outcome_reason, m.received_at, m.sent_at, k.message_id, k.content
       from message m join message_content k on k.message_id = m.id
       where m.conversation_id = ${conversationId}
       order by m.sent_at desc, m.id desc limit ${limit}) n)`;

/** A message from such a row. */
export function storedMessage(json: unknown): StoredMessage {
  const { content } = columnsFromJson(messageContent, ["content"], json);
  const stored = columnsFromJson(message, ["id", "outcome", "outcomeReason", "receivedAt"], json);
  return { ...stored, message: content };
}

/** A card from its row as JSON; null where there is none. */
export function approvalFrom(json: unknown): Approval | null {
  return json === null ? null : Approval.parse(rowFromJson(approval, json));
}
