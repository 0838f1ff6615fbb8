/** Changes which conversations belong to one case. Every change locks the customer's row first. */
import { z } from "zod";
import { and, eq, inArray, or, sql } from "#store/db/drizzle.ts";
import { ask, firstRow, rowsOf, type Transaction } from "#store/db/database.ts";
import { columnsToJson } from "#store/db/statement.ts";
import { caseCustomer, caseMember } from "#store/db/schema.ts";
import { type CaseMember, MEMBERS_MAX } from "./members.ts";

/** The columns of `CaseEntry` as rows of JSON. */
const ENTRY_COLUMNS = `
  customer_id text, author_id text, brand text, orders jsonb, topic text, written_at timestamptz, waits boolean`;

/** What a turn writes down of its conversation, for later ones to be compared with. */
export interface CaseEntry extends Pick<
  CaseMember,
  "customerId" | "authorId" | "brand" | "orders" | "topic" | "writtenAt"
> {
  /** False when it was answered or ended alone: then nothing waits that could be answered together with something else. */
  readonly waits: boolean;
}

/** An entry as a row of `REMEMBER_CASE`. */
export function entryRow(entry: CaseEntry) {
  return { ...columnsToJson(caseMember, entry), waits: entry.waits };
}

/**
 * Writes the entries of a JSON list, none or one, once for `gate`; `waiting` is the row that tells which conversations
 * of this customer wait. The customer's row is both lock and news: the later of two turns that end at once finds the
 * earlier one in it, which a query of its own in the same statement would not see. It is locked after conversations,
 * limits and the advisory lock, and before cards.
 */
export const REMEMBER_CASE = (
  source: string,
  { conversation, now, gate }: Readonly<Record<"conversation" | "now" | "gate", string>>,
): string => `
case_entry as (select r.* from ${gate}, jsonb_to_recordset(${source}) r (${ENTRY_COLUMNS})),
case_row as (
  insert into case_member as k (conversation_id, customer_id, author_id, brand, orders, topic, written_at)
  select ${conversation}, customer_id, author_id, brand, orders, topic, written_at from case_entry
  on conflict (conversation_id) do update set customer_id = excluded.customer_id, author_id = excluded.author_id,
    brand = excluded.brand, topic = excluded.topic, written_at = excluded.written_at,
    orders = case when excluded.orders = '[]'::jsonb then k.orders else excluded.orders end,
    case_id = case when k.customer_id = excluded.customer_id then k.case_id end),
waiting as (
  insert into case_customer as k (customer_id, waiting, updated_at)
  select customer_id, case when waits then jsonb_build_array(${conversation}) else '[]'::jsonb end, ${now} from case_entry
  on conflict (customer_id) do update set waiting = (k.waiting - ${conversation}) || excluded.waiting,
    updated_at = excluded.updated_at
  returning k.waiting)`;

const REMEMBER = {
  name: "remember_case",
  text: `
with always as (select),
${REMEMBER_CASE("$3::jsonb", { conversation: "$1::text", now: "$2::timestamptz", gate: "always" })}
select waiting from waiting`,
  row: z.object({ waiting: z.array(z.string()) }),
} as const;

/** Writes an entry outside a turn's own commit. */
export async function rememberEntry(
  transaction: Transaction,
  conversationId: string,
  entry: CaseEntry,
  now: Date,
): Promise<void> {
  await ask(transaction, REMEMBER, [conversationId, now, JSON.stringify([entryRow(entry)])]);
}

/** Keeps other turns and clicks for this customer out until the transaction ends. */
export async function lockCustomer(transaction: Transaction, customerId: string): Promise<void> {
  const columns = transaction.select({ waiting: caseCustomer.waiting });
  await columns.from(caseCustomer).where(eq(caseCustomer.customerId, customerId)).for("update");
}

/** Forgets that these conversations wait; the caller has the customer's row. */
export async function keepWaiting(
  transaction: Transaction,
  customerId: string,
  waiting: readonly string[],
): Promise<void> {
  await transaction
    .update(caseCustomer)
    .set({ waiting: [...waiting] })
    .where(eq(caseCustomer.customerId, customerId));
}

/**
 * Makes one case of two conversations, with all that belonged to a case with either. One that was kept apart stays so.
 * Returns the case; null when one of the two is gone or kept apart, or when the case would grow too large. The caller
 * has the customer's row.
 */
export async function joinConversations(
  transaction: Transaction,
  [one, other]: readonly [string, string],
  reasons: readonly string[],
): Promise<string | null> {
  const rows = await transaction
    .select()
    .from(caseMember)
    .where(inArray(caseMember.conversationId, [one, other]));
  const mine = rows.find(({ conversationId }) => conversationId === one);
  const theirs = rows.find(({ conversationId }) => conversationId === other);
  if (mine === undefined || theirs === undefined || mine.keptApart || theirs.keptApart) return null;
  if (mine.customerId !== theirs.customerId) return null;
  const caseId = theirs.caseId ?? mine.caseId ?? other;
  const cases = [mine.caseId, theirs.caseId].flatMap((id) => (id === null ? [] : [id]));
  const together = and(
    or(
      inArray(caseMember.conversationId, [one, other]),
      cases.length === 0 ? undefined : inArray(caseMember.caseId, cases),
    ),
    eq(caseMember.keptApart, false),
  );
  if ((await transaction.$count(caseMember, together)) > MEMBERS_MAX) return null;
  await transaction.update(caseMember).set({ caseId }).where(together);
  await transaction
    .update(caseMember)
    .set({ reasons: [...reasons], askedAbout: null })
    .where(eq(caseMember.conversationId, one));
  return caseId;
}

/** How many conversations these cases have, by the name of the case. */
export async function sizesOfCases(
  transaction: Transaction,
  cases: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  if (cases.length === 0) return new Map();
  const rows = await rowsOf(
    transaction,
    z.object({ id: z.string(), size: z.int() }),
    sql`select case_id as id, count(*)::int as size from case_member where case_id in ${cases} group by case_id`,
  );
  return new Map(rows.map(({ id, size }) => [id, size]));
}

/** Notes that the card of a conversation asks whether it is the same case as another; null when it asks no longer. */
export async function askAbout(
  transaction: Transaction,
  conversationId: string,
  other: string | null,
  reasons: readonly string[],
): Promise<void> {
  await transaction
    .update(caseMember)
    .set({ askedAbout: other, reasons: [...reasons] })
    .where(eq(caseMember.conversationId, conversationId));
}

/** Takes conversations out of their case for good; the caller has the customer's row. */
export async function keepApart(
  transaction: Transaction,
  conversationIds: readonly string[],
): Promise<void> {
  if (conversationIds.length === 0) return;
  await transaction
    .update(caseMember)
    .set({ caseId: null, askedAbout: null, reasons: [], keptApart: true })
    .where(inArray(caseMember.conversationId, [...conversationIds]));
}

/** The row of this conversation; null while it was compared with no other. */
export function memberOf(transaction: Transaction, id: string): Promise<CaseMember | null> {
  const rows = transaction.select().from(caseMember);
  return firstRow(rows.where(eq(caseMember.conversationId, id)));
}
