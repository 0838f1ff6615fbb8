/** What teammates did otherwise than drafts, as rows. */
import { z } from "zod";
import { DraftDifference, DifferenceKind } from "#core/lessons/draft-difference.ts";
import { ChannelName } from "#core/values/vocabulary.ts";
import { rowsOf, type Transaction } from "#store/db/database.ts";
import { and, desc, eq, gte, inArray, isNull, sql } from "#store/db/drizzle.ts";
import { draftDifference } from "#store/db/schema.ts";

const DifferenceRow = z.object({
  /** Stays the same while the row exists; part of addresses in the console. */
  id: z.int(),
  conversationId: z.string(),
  /** What it happened to; the same once more replaces the row. */
  event: z.string(),
  kind: DifferenceKind,
  turnId: z.string(),
  topic: z.string(),
  content: DraftDifference,
  /** The teammate's pseudonym. */
  who: z.string(),
  at: z.date(),
});
/** A difference as it is kept. */
export type DifferenceRow = z.infer<typeof DifferenceRow>;

const DecidedRow = DifferenceRow.extend({
  lesson: z.int(),
  decision: z.enum(["accepted", "declined"]),
  decisionReason: z.string(),
  decidedBy: z.string(),
  decidedAt: z.date(),
});
/** A difference on which a lead has decided, together with others. */
export type DecidedRow = z.infer<typeof DecidedRow>;

/** Keeps it. The same event once more replaces what it said, unless a lead has decided on it. */
export async function recordDifference(
  transaction: Transaction,
  row: Omit<DifferenceRow, "id">,
): Promise<void> {
  const { kind, turnId, topic, content, who, at } = row;
  await transaction
    .insert(draftDifference)
    .values(row)
    .onConflictDoUpdate({
      target: draftDifference.event,
      set: { kind, turnId, topic, content, who, at },
      setWhere: isNull(draftDifference.decision),
    });
}

/** Forgets an event that no longer differs, such as an edit that was taken back. */
export async function forgetDifference(transaction: Transaction, event: string): Promise<void> {
  await transaction
    .delete(draftDifference)
    .where(and(eq(draftDifference.event, event), isNull(draftDifference.decision)));
}

/** The difference of an event; null when there is none. */
export async function differenceOfEvent(
  transaction: Transaction,
  event: string,
): Promise<DifferenceRow | null> {
  const [row] = await transaction
    .select()
    .from(draftDifference)
    .where(eq(draftDifference.event, event));
  return row === undefined ? null : DifferenceRow.parse(row);
}

/** The newest rejection of a conversation; null when there is none. */
export async function newestRejection(
  transaction: Transaction,
  conversationId: string,
): Promise<DifferenceRow | null> {
  const [row] = await transaction
    .select()
    .from(draftDifference)
    .where(
      and(
        eq(draftDifference.conversationId, conversationId),
        eq(draftDifference.kind, "rejection"),
      ),
    )
    .orderBy(desc(draftDifference.id))
    .limit(1);
  return row === undefined ? null : DifferenceRow.parse(row);
}

const TurnPlace = z.object({ channel: ChannelName, topic: z.string() });

/** The channel of a conversation and the topic of one of its turns; null when the conversation is not kept any more. */
export async function placeOfTurn(
  transaction: Transaction,
  { conversationId, turnId }: { readonly conversationId: string; readonly turnId: string },
): Promise<z.infer<typeof TurnPlace> | null> {
  const [row] = await rowsOf(
    transaction,
    TurnPlace,
    sql`select c.channel, coalesce(nullif(t.trace ->> 'topic', ''), 'other') as topic
        from conversation c left join turn t on t.id = ${turnId} where c.id = ${conversationId}`,
  );
  return row ?? null;
}

/** More than a lead reads; older ones are left out. */
const DIFFERENCES_MAX = 2_000;

/** Those since a moment on which no lead has decided, newest first. */
export async function undecidedDifferences(
  transaction: Transaction,
  since: Date,
): Promise<readonly DifferenceRow[]> {
  const rows = await transaction
    .select()
    .from(draftDifference)
    .where(and(gte(draftDifference.at, since), isNull(draftDifference.decision)))
    .orderBy(desc(draftDifference.at), desc(draftDifference.id))
    .limit(DIFFERENCES_MAX);
  return rows.map((row) => DifferenceRow.parse(row));
}

/** Those on which leads have decided, the newest decision first. */
export async function decidedDifferences(transaction: Transaction): Promise<readonly DecidedRow[]> {
  const rows = await transaction
    .select()
    .from(draftDifference)
    .where(inArray(draftDifference.decision, ["accepted", "declined"]))
    .orderBy(desc(draftDifference.decidedAt), desc(draftDifference.id))
    .limit(DIFFERENCES_MAX);
  return rows.map((row) => DecidedRow.parse(row));
}

/**
 * Writes a lead's decision on differences that no other lead has decided on; gives how many there were, so that of two
 * leads one is told that it was decided already.
 */
export async function decideDifferences(
  transaction: Transaction,
  ids: readonly number[],
  given: Pick<DecidedRow, "lesson" | "decision" | "decisionReason" | "decidedBy" | "decidedAt">,
): Promise<number> {
  const rows = await transaction
    .update(draftDifference)
    .set(given)
    .where(and(inArray(draftDifference.id, [...ids]), isNull(draftDifference.decision)))
    .returning({ id: draftDifference.id });
  return rows.length;
}
