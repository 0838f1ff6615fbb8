/** What is stored about the pages, rules and cards that lessons are about. */
import { z } from "zod";
import { Money } from "#core/values/money.ts";
import { rowsOf, type Transaction } from "#store/db/database.ts";
import { sql } from "#store/db/drizzle.ts";

/** The page with this title, the one found first by its name; null where there is none. */
export async function slugTitled(transaction: Transaction, title: string): Promise<string | null> {
  const [row] = await rowsOf(
    transaction,
    z.object({ slug: z.string() }),
    sql`select slug from help_page where title = ${title} order by slug limit 1`,
  );
  return row?.slug ?? null;
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
  /** Of its refund; null where it has none. */
  amount: Money.nullable(),
});
/** A card on whose action a rule decided. */
export type RuledCard = z.infer<typeof RuledCard>;

/** More cards than these say no more about a rule. */
const CARDS_MAX = 500;

/** The newest cards on which a rule decided, without those whose words were removed with age. */
export function cardsUnderRule(
  transaction: Transaction,
  rule: string,
): Promise<readonly RuledCard[]> {
  return rowsOf(
    transaction,
    RuledCard,
    sql`select id, conversation_id as "conversationId", state,
               (select action -> 'action' -> 'arguments' -> 'amount'
                from jsonb_array_elements(proposal -> 'actions') action
                where action -> 'action' ->> 'operation' = 'refund' limit 1) as amount
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
    sql`select id, conversation_id as "conversationId", card -> 'draft' ->> 'text' as draft
        from approval
        where card -> 'draft' ->> 'text' is not null
          and exists (select from jsonb_array_elements(card -> 'around' -> 'footnotes') cited
                      where cited ->> 'source' = ${title} or cited ->> 'source' like ${`${likeText(title)} (http%`})
        order by created_at desc limit ${CARDS_MAX}`,
  );
}

function likeText(text: string): string {
  return text.replaceAll(/[\\%_]/g, (sign) => `\\${sign}`);
}
