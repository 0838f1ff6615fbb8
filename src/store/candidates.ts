import { eq } from "drizzle-orm";
import { DeskhandError } from "#core/errors.ts";
import { messagesOf } from "./conversations.ts";
import type { Transaction } from "./driver.ts";
import { candidateCase, conversation } from "./schema.ts";
import { findTurns } from "./traces.ts";

/** A conversation in the form of an eval case; what must be included is left for a person to say. */
export interface Candidate {
  readonly input: readonly string[];
  readonly expected_behavior: string;
  readonly must_include: readonly string[];
  readonly must_not_include: readonly string[];
  readonly risk_category: string;
  readonly channel: string;
  readonly expected_tools: readonly string[];
}

/** Records the conversation as a candidate and gives it as a case to complete by hand. Only solved or rated ones qualify. */
export async function candidateOf(
  transaction: Transaction,
  conversationId: string,
  now: Date,
): Promise<Candidate> {
  const [row] = await transaction
    .select()
    .from(conversation)
    .where(eq(conversation.id, conversationId));
  if (row === undefined)
    throw new DeskhandError("input.invalid", `no conversation is known under ${conversationId}`);
  if (row.solvedAt === null && row.rating === null)
    throw new DeskhandError("input.invalid", "only a solved or rated conversation becomes a case");
  const messages = await messagesOf(transaction, conversationId);
  const [turn] = await findTurns(transaction, conversationId);
  await transaction
    .insert(candidateCase)
    .values({ conversationId, reason: row.rating ?? "solved", at: now })
    .onConflictDoNothing();
  return {
    input: messages
      .filter(({ message }) => message.author.kind === "requester")
      .map(({ message }) => message.text),
    expected_behavior: turn?.outcome_reason ?? "",
    must_include: [],
    must_not_include: [],
    risk_category: turn?.topic || "other",
    channel: row.channel,
    expected_tools: turn?.tools_called ?? [],
  };
}
