/**
 * Room: Finding a record by what is printed of it.
 * In: what a person typed or pasted: an id, the beginning of one, a ticket's number, an effect's key, a link.
 * Out: the record it names, several it may name, or none.
 * May touch: the database only, inside the caller's transaction.
 * This file: all of it.
 */
import { sql, type SQL } from "#store/db/drizzle.ts";
import { z } from "zod";
import { rowsOf, type Transaction } from "#store/db/database.ts";

/** What an id can name. `bundle` is a list of effects that are carried out in order. */
const Kind = z.enum([
  "conversation",
  "turn",
  "card",
  "policy",
  "procedure",
  "effect",
  "bundle",
  "dead-letter",
]);

const NamedRecord = z.object({
  kind: Kind,
  /** The whole id. */
  id: z.string(),
  /** The conversation it belongs to; null for a change of the policy and a version of a procedure. */
  conversationId: z.string().nullable(),
  /** The turn it comes from; null for a conversation, and for what no turn decided. */
  turnId: z.string().nullable(),
});
/** A record that a printed id names. */
export type NamedRecord = z.infer<typeof NamedRecord>;

/** What was typed names one record, several, or none. */
export type PrintedId =
  | { readonly found: "one"; readonly record: NamedRecord }
  /** At most `MANY_MAX` of them, by their whole ids. */
  | { readonly found: "many"; readonly records: readonly NamedRecord[] }
  | { readonly found: "none" };

const TYPED_MAX = 500;
const MANY_MAX = 8;

/** Cards, lists and pages print the beginning of an id; six hex digits are the least that name a record. */
const BEGINNING = /^[a-z]{1,8}_[0-9a-f]{6,40}$/;

/** An id at the end of a pasted link, such as `…/console/card/a_0123456789ab` or `…#t_0123456789ab`. */
const AT_END_OF_LINK = /^https?:\/\/\S*[/#=]([a-z]{1,8}_[0-9a-f]{6,40})\/?$/;

/** A ticket as people write it. */
const TICKET = /^(?:ticket\s*(?:#\s*)?|#)(\d{1,15})$/i;

/**
 * The record that is printed like this anywhere: a whole id, its beginning from six hex digits on, a ticket's number, a
 * conversation's key, an effect's key, or a link that ends in an id. A whole id always wins over a beginning.
 */
export async function findPrinted(transaction: Transaction, typed: string): Promise<PrintedId> {
  const words = idIn(typed);
  if (words === "") return { found: "none" };
  const exact = await recordsNamed(transaction, (column) => sql`${column} = ${words}`);
  if (exact.length > 0) return printed(exact);
  if (BEGINNING.test(words)) {
    // A range, so that the primary key's index is used; "g" is past every hex digit.
    const begins = await recordsNamed(
      transaction,
      (column) =>
        sql`${column} >= ${words} and ${column} < ${`${words}g`} and starts_with(${column}, ${words})`,
    );
    if (begins.length > 0) return printed(begins);
  }
  return printed(await conversationsNamed(transaction, words));
}

/** What a person is told when an id names several records. */
export function severalNamed(typed: string, records: readonly NamedRecord[]): string {
  const shown = records.map(({ kind, id }) => `${kind} ${id}`).join(", ");
  return `${typed.trim().slice(0, 60)} names more than one: ${shown}. Add a few characters.`;
}

/** The id in what was typed, without what people paste around it. */
function idIn(typed: string): string {
  const words = typed.slice(0, TYPED_MAX).trim();
  const bare = words.replace(/^[“"'`([]+/, "").replace(/(?<![”"'`)\],.…])[”"'`)\],.…]+$/, "");
  return AT_END_OF_LINK.exec(bare)?.[1] ?? bare;
}

function printed(records: readonly NamedRecord[]): PrintedId {
  const [record] = records;
  if (record === undefined) return { found: "none" };
  return records.length === 1 ? { found: "one", record } : { found: "many", records };
}

async function recordsNamed(
  transaction: Transaction,
  isNamed: (column: SQL) => SQL,
): Promise<readonly NamedRecord[]> {
  const none = sql`null::text`;
  const tables: readonly (readonly [z.infer<typeof Kind>, SQL, SQL, SQL, SQL])[] = [
    ["conversation", sql`id`, sql`id`, none, sql`conversation`],
    ["turn", sql`id`, sql`conversation_id`, sql`id`, sql`turn`],
    ["card", sql`id`, sql`conversation_id`, sql`turn_id`, sql`approval`],
    ["policy", sql`id`, none, none, sql`policy_change`],
    ["procedure", sql`id`, none, none, sql`procedure_version`],
    ["dead-letter", sql`id`, sql`conversation_id`, none, sql`dead_letter`],
    ["effect", sql`key`, sql`conversation_id`, sql`turn_id`, sql`effect`],
  ];
  const looked = tables.map(
    ([kind, id, conversationId, turnId, table]) =>
      sql`(select ${kind}::text as kind, ${id} as id, ${conversationId} as "conversationId", ${turnId} as "turnId"
           from ${table} where ${isNamed(id)} limit ${MANY_MAX})`,
  );
  const all = sql`select * from (${sql.join(looked, sql` union all `)}) named limit ${MANY_MAX}`;
  return rowsOf(transaction, NamedRecord, all);
}

/** By the source's own number or key, and by a bundle, whose effects are told apart by their positions. */
async function conversationsNamed(
  transaction: Transaction,
  words: string,
): Promise<readonly NamedRecord[]> {
  const external = TICKET.exec(words)?.[1] ?? words;
  return rowsOf(
    transaction,
    NamedRecord,
    sql`select 'conversation' as kind, c.id, c.id as "conversationId", null::text as "turnId" from conversation c
        where c.external_id = ${external}
           or c.id in (select k.conversation_id from conversation_key k where k.key = ${words})
        union all
        (select 'bundle', b.bundle, b.conversation_id, b.turn_id from effect b
         where b.bundle = ${words} order by b.position limit 1)
        limit ${MANY_MAX}`,
  );
}
