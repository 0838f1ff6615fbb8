/**
 * What teammates did otherwise than drafts, as rows, with what these are about, and texts they said to be
 * harmless.
 */

import { z } from "zod";
import { Money } from "#core/values/money.ts";
import { ChannelName } from "#core/values/vocabulary.ts";
import { firstRow, rowsOf, type Transaction, valuesOf } from "#store/db/database.ts";
import { and, desc, eq, gte, inArray, isNull, sql } from "#store/db/drizzle.ts";
import { approval, draftDifference, harmlessText } from "#store/db/schema.ts";
import { type Approval, approvalsWhere } from "#store/approvals/approvals.ts";
import { citesTitle, moneyIn } from "#store/approvals/card-context.ts";
import { having } from "#store/db/statement.ts";
import { messagesUnder, type PlacedMessage } from "#store/conversations/messages.ts";

type Row = typeof draftDifference.$inferSelect;

/** A difference as it is kept. */
export type DifferenceRow = Omit<
  Row,
  "lesson" | "decision" | "decisionReason" | "decidedBy" | "decidedAt"
>;

/** A difference on which a lead has decided, together with others. */
export interface DecidedRow extends Row {
  readonly lesson: number;
  readonly decision: NonNullable<Row["decision"]>;
  readonly decidedAt: Date;
}

function isDecided(row: Row): row is DecidedRow {
  return row.lesson !== null && row.decision !== null && row.decidedAt !== null;
}

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
    .where(having(draftDifference, { event, decision: null }));
}

/** The difference of an event; null when there is none. */
export function differenceOfEvent(
  transaction: Transaction,
  event: string,
): Promise<DifferenceRow | null> {
  return firstRow(
    transaction.select().from(draftDifference).where(eq(draftDifference.event, event)),
  );
}

/** The newest rejection of a conversation; null when there is none. */
export function newestRejection(
  transaction: Transaction,
  conversationId: string,
): Promise<DifferenceRow | null> {
  const isRejection = having(draftDifference, { conversationId, kind: "rejection" });
  const rejections = transaction.select().from(draftDifference).where(isRejection);
  return firstRow(rejections.orderBy(desc(draftDifference.id)).limit(1));
}

const TurnPlace = z.object({ channel: ChannelName, topic: z.string() });

/** The channel of a conversation and the topic of one of its turns; null when the conversation is not kept any more. */
export function placeOfTurn(
  transaction: Transaction,
  { conversationId, turnId }: { readonly conversationId: string; readonly turnId: string },
): Promise<z.infer<typeof TurnPlace> | null> {
  const place = sql`select c.channel, coalesce(nullif(t.trace ->> 'topic', ''), 'other') as topic
    from conversation c left join turn t on t.id = ${turnId} where c.id = ${conversationId}`;
  return firstRow(rowsOf(transaction, TurnPlace, place));
}

/** More than a lead reads; older ones are left out. */
const DIFFERENCES_MAX = 2_000;

/** Those since a moment on which no lead has decided, newest first. */
export async function undecidedDifferences(
  transaction: Transaction,
  since: Date,
): Promise<readonly DifferenceRow[]> {
  return transaction
    .select()
    .from(draftDifference)
    .where(and(gte(draftDifference.at, since), isNull(draftDifference.decision)))
    .orderBy(desc(draftDifference.at), desc(draftDifference.id))
    .limit(DIFFERENCES_MAX);
}

/** Those on which leads have decided, the newest decision first. */
export async function decidedDifferences(transaction: Transaction): Promise<readonly DecidedRow[]> {
  const rows = await transaction
    .select()
    .from(draftDifference)
    .where(inArray(draftDifference.decision, ["accepted", "declined"]))
    .orderBy(desc(draftDifference.decidedAt), desc(draftDifference.id))
    .limit(DIFFERENCES_MAX);
  return rows.filter(isDecided);
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

// What is stored about the pages, rules and cards that differences are about.

/** The page with this title, the one found first by its name; null where there is none. */
export function slugTitled(transaction: Transaction, title: string): Promise<string | null> {
  const titled = sql`select slug from help_page where title = ${title} order by slug limit 1`;
  return firstRow(valuesOf(transaction, z.string(), titled));
}

const Holding = z.object({ slug: z.string(), title: z.string() });

/** The page whose passage says this fact in words most like the sentence; null where none does. */
export async function pageHolding(
  transaction: Transaction,
  { fact, sentence }: { readonly fact: string; readonly sentence: string },
): Promise<z.infer<typeof Holding> | null> {
  const [row] = await rowsOf(
    transaction,
    Holding,
    sql`with asked as (
          select to_tsquery('english', string_agg(quote_literal(stem), ' | ')) as words, count(*) as count
          from unnest(tsvector_to_array(to_tsvector('english', ${sentence}))) stem)
        select passage.slug, passage.title from help_passage passage, asked
        where passage.words @@ asked.words and position(lower(${fact}) in lower(passage.body)) > 0
          and (select count(*) from unnest(tsvector_to_array(to_tsvector('english', ${sentence}))) stem
               where to_tsvector('english', passage.title || ' ' || passage.heading || ' ' || passage.body)
                 @@ quote_literal(stem)::tsquery) * 2 >= asked.count
        order by ts_rank(passage.words, asked.words) desc, passage.slug limit 1`,
  );
  return row ?? null;
}

const RuledCard = z.object({
  id: z.string(),
  conversationId: z.string(),
  state: z.string(),
  /** What it gives back; null where it moves nothing. */
  amount: Money.nullable(),
});

const PLANNED_MONEY = moneyIn(sql`planned -> 'action'`);

/** More cards than these say no more about a rule. */
const CARDS_MAX = 500;

/** The newest cards on which a rule decided, without those whose words were removed with age. */
export function cardsUnderRule(
  transaction: Transaction,
  rule: string,
): Promise<readonly z.infer<typeof RuledCard>[]> {
  return rowsOf(
    transaction,
    RuledCard,
    sql`select id, conversation_id as "conversationId", state,
               (select ${PLANNED_MONEY} from jsonb_array_elements(proposal -> 'actions') planned
                where ${PLANNED_MONEY} is not null limit 1) as amount
        from approval
        where exists (select from jsonb_array_elements(rules) rule where rule ->> 'rule' = ${rule})
        order by created_at desc limit ${CARDS_MAX}`,
  );
}

const CitingCard = z.object({ id: z.string(), conversationId: z.string(), draft: z.string() });

/** The newest cards whose draft cited a page of this title. */
export function cardsCiting(
  transaction: Transaction,
  title: string,
): Promise<readonly z.infer<typeof CitingCard>[]> {
  return rowsOf(
    transaction,
    CitingCard,
    sql`select a.id, a.conversation_id as "conversationId", a.card -> 'draft' ->> 'text' as draft
        from approval a
        where a.card -> 'draft' ->> 'text' is not null and ${citesTitle(sql`${title}::text`)}
        order by a.created_at desc limit ${CARDS_MAX}`,
  );
}

/** One text that a teammate said to be harmless. */
export type HarmlessText = typeof harmlessText.$inferSelect;

/** Which message was said to be harmless, and as what it read then. */
export type SaidHarmless = Pick<HarmlessText, "messageKey" | "judged">;

/** Keeps them. The same text of the same message once more changes nothing. */
export async function keepHarmlessTexts(
  transaction: Transaction,
  texts: readonly Omit<HarmlessText, "id">[],
): Promise<void> {
  if (texts.length === 0) return;
  await transaction
    .insert(harmlessText)
    .values([...texts])
    .onConflictDoNothing();
}

/** What was said to be harmless in these conversations. */
export async function saidHarmlessIn(
  transaction: Transaction,
  conversationIds: readonly string[],
): Promise<readonly SaidHarmless[]> {
  return transaction
    .selectDistinct({ messageKey: harmlessText.messageKey, judged: harmlessText.judged })
    .from(harmlessText)
    .where(inArray(harmlessText.conversationId, [...conversationIds]));
}

/** All that are kept, the oldest first. */
export async function harmlessTexts(
  transaction: Transaction,
  limit: number,
): Promise<readonly HarmlessText[]> {
  const rows = await transaction
    .select()
    .from(harmlessText)
    .orderBy(desc(harmlessText.id))
    .limit(limit);
  return rows.toReversed();
}

/** The messages under these keys, and all cards of their conversations, for the names and addresses those hold. */
export async function heldBackMessages(
  transaction: Transaction,
  keys: readonly string[],
): Promise<{ readonly messages: readonly PlacedMessage[]; readonly cards: readonly Approval[] }> {
  const messages = await messagesUnder(transaction, keys);
  const ids = [...new Set(messages.map(({ conversationId }) => conversationId))];
  if (ids.length === 0) return { messages, cards: [] };
  const cards = await approvalsWhere(transaction, inArray(approval.conversationId, ids));
  return { messages, cards };
}
