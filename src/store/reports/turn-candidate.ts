/** A single turn that can become an eval case, whatever became of its conversation. */
import { eq } from "#store/db/drizzle.ts";
import { DeskhandError } from "#core/values/errors.ts";
import type { Message } from "#core/values/message.ts";
import type { TurnTrace } from "#core/values/trace.ts";
import type { ChannelName } from "#core/values/vocabulary.ts";
import { Approval } from "#store/approvals/approvals.ts";
import { findTurns, recordingOf } from "#store/conversations/traces.ts";
import type { Transaction } from "#store/db/database.ts";
import { approval, conversation } from "#store/db/schema.ts";

/** What a turn was given. It holds personal text, unlike the case. */
export interface TurnCandidate {
  readonly channel: ChannelName;
  readonly trace: TurnTrace;
  /** What it read, oldest first: from its recording, since the conversation has gone on. */
  readonly messages: readonly Message[];
  /** Cards of its conversation, for the names and addresses they hold. */
  readonly cards: readonly Approval[];
}

/**
 * The turn of this id; null where there is none. Throws `input.invalid` where its recording is gone or was never kept, or
 * where its conversation may become no case.
 */
export async function turnCandidate(
  transaction: Transaction,
  id: string,
): Promise<TurnCandidate | null> {
  const trace = (await findTurns(transaction, id)).find(({ request_id }) => request_id === id);
  if (trace === undefined) return null;
  const [row] = await transaction
    .select({ barred: conversation.barred })
    .from(conversation)
    .where(eq(conversation.id, trace.conversation_id));
  const barred = row?.barred ?? null;
  if (barred !== null) throw new DeskhandError("input.invalid", `it becomes no case: ${barred}`);
  const recording = await recordingOf(transaction, id);
  if (recording === null)
    throw new DeskhandError(
      "input.invalid",
      "what this turn read is not kept, so it becomes no case",
    );
  const { input } = recording;
  const cards = await transaction
    .select()
    .from(approval)
    .where(eq(approval.conversationId, trace.conversation_id));
  return {
    channel: input.conversation.channel,
    trace,
    messages: [...input.history, ...input.unread],
    cards: cards.map((card) => Approval.parse(card)),
  };
}
