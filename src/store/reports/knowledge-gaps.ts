/** Questions that the help pages did not answer, as rows. */
import { z } from "zod";
import { ChannelName } from "#core/values/vocabulary.ts";
import { rowsOf, type Transaction } from "#store/db/database.ts";
import { sql } from "#store/db/drizzle.ts";
import { storable, storableJson } from "#store/db/storable-text.ts";

/**
 * Why a question counts as a gap: no passage answered it, a teammate replaced what the answer had from a page, or the
 * conversation was reopened after the bot's answer.
 */
export const GapReason = z.enum(["unanswered", "corrected", "reopened"]);
export type GapReason = z.infer<typeof GapReason>;

/** A question as it is kept: masked, and with the words that were searched for. */
export const KnowledgeGap = z.strictObject({
  /** Stays the same while the row exists; part of addresses in the console. */
  id: z.coerce.number().int(),
  conversationId: z.string(),
  /** The newest message of the question. */
  messageKey: z.string(),
  reason: GapReason,
  channel: ChannelName,
  /** The customer's words without what identifies them. */
  question: z.string(),
  /** What the model searched for; empty where it did not search. */
  query: z.string(),
  /** Titles of the pages that the answer cited. */
  pages: z.array(z.string()),
  at: z.coerce.date(),
});
export type KnowledgeGap = z.infer<typeof KnowledgeGap>;

/** A gap before it has a number. */
export type NewGap = Omit<KnowledgeGap, "id">;

/** Keeps it; the same question of a conversation for the same reason is kept once, with its latest words. */
export async function recordGap(transaction: Transaction, gap: NewGap): Promise<void> {
  await transaction.execute(
    sql`insert into knowledge_gap (conversation_id, message_key, reason, channel, question, query, pages, at)
        values (${gap.conversationId}, ${gap.messageKey}, ${gap.reason}, ${gap.channel},
          ${storable(gap.question)}, ${storable(gap.query)}, ${storableJson(gap.pages)}::jsonb, ${gap.at.toISOString()})
        on conflict (conversation_id, message_key, reason)
          do update set question = excluded.question, query = excluded.query, pages = excluded.pages`,
  );
}

/** Newer rows than any lead reads; older ones are left out. */
const GAPS_MAX = 2_000;

/** Those since a moment, newest first. */
export function gapsSince(transaction: Transaction, since: Date): Promise<readonly KnowledgeGap[]> {
  return rowsOf(
    transaction,
    KnowledgeGap,
    sql`select id, conversation_id as "conversationId", message_key as "messageKey", reason, channel,
               question, query, pages, at
        from knowledge_gap where at >= ${since.toISOString()} order by at desc, id desc limit ${GAPS_MAX}`,
  );
}
