/** A single turn that can become an eval case, whatever became of its conversation. */
import { eq } from "#store/db/drizzle.ts";
import { DeskhandError } from "#core/values/errors.ts";
import { isErased, type Message } from "#core/values/message.ts";
import type { TurnTrace } from "#core/values/trace.ts";
import { ChannelName } from "#core/values/vocabulary.ts";
import { Approval } from "#store/approvals/approvals.ts";
import { messagesOf } from "#store/conversations/messages.ts";
import { findTurns } from "#store/conversations/traces.ts";
import type { Transaction } from "#store/db/database.ts";
import { approval, conversation } from "#store/db/schema.ts";

/** What a turn had before it. It holds personal text, unlike the case. */
export interface TurnCandidate {
  readonly channel: ChannelName;
  readonly trace: TurnTrace;
  /** What was there when the turn began, oldest first. */
  readonly messages: readonly Message[];
  /** Cards of its conversation, for the names and addresses they hold. */
  readonly cards: readonly Approval[];
}

/**
 * The turn of this id; null where there is none. Throws `input.invalid` where words of its conversation were removed, or
 * the conversation may become no case.
 */
export async function turnCandidate(
  transaction: Transaction,
  id: string,
): Promise<TurnCandidate | null> {
  const trace = (await findTurns(transaction, id)).find(({ request_id }) => request_id === id);
  if (trace === undefined) return null;
  const { conversation_id } = trace;
  const [row] = await transaction
    .select({ channel: conversation.channel, barred: conversation.barred })
    .from(conversation)
    .where(eq(conversation.id, conversation_id));
  if (row === undefined) return null;
  if (row.barred !== null)
    throw new DeskhandError("input.invalid", `it becomes no case: ${row.barred}`);
  const began = Date.parse(trace.started_at);
  const messages = (await messagesOf(transaction, conversation_id))
    .filter(({ receivedAt }) => receivedAt.getTime() <= began)
    .map(({ message }) => message);
  if (messages.some(isErased)) throw new DeskhandError("input.invalid", "words of it were removed");
  const cards = await transaction
    .select()
    .from(approval)
    .where(eq(approval.conversationId, conversation_id));
  return {
    channel: ChannelName.parse(row.channel),
    trace,
    messages,
    cards: cards.map((card) => Approval.parse(card)),
  };
}
