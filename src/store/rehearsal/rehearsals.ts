/**
 * Room: rehearsals and the tickets they played.
 * In: tickets as they were played, figures, what teammates say about them.
 * Out: rehearsals with their figures, their tickets.
 * May touch: the tables of rehearsals, inside the caller's transaction; it reads which pages and procedures are in use.
 */
import { z } from "zod";
import { Money } from "#core/values/money.ts";
import {
  comparisonAgreement,
  Comparison,
  PersonVerdict,
  RehearsedRoute,
  riskInOrder,
  type Agreement,
  type RehearsedTicket,
} from "#core/values/rehearsal.ts";
import { firstRow, onlyRow, rowsOf, type Transaction, valuesOf } from "#store/db/database.ts";
import { and, asc, desc, eq, inArray, ne, or, sql, type SQL } from "#store/db/drizzle.ts";
import { type PersonName, valuesOfKinds } from "#store/people/person-names.ts";
import { rehearsal, rehearsedTicket } from "#store/db/schema.ts";
import { having, upTo } from "#store/db/statement.ts";

/** One run over past tickets. */
export type Rehearsal = typeof rehearsal.$inferSelect;

/** A played ticket as it is kept, with what teammates said of it. */
export type KeptTicket = Pick<typeof rehearsedTicket.$inferSelect, "played" | "verdict" | "keptAs">;

const { played, verdict, keptAs } = rehearsedTicket;
const KEPT = { played, verdict, keptAs } as const;

export async function startRehearsal(
  transaction: Transaction,
  started: Omit<Rehearsal, "state" | "reason" | "endedAt" | "summary">,
): Promise<void> {
  await transaction.insert(rehearsal).values({ ...started, state: "running" });
}

/** Another one as soon as answers would rest on other help pages or procedures. */
export async function sourcesDigest(transaction: Transaction): Promise<string> {
  const query = sql`select coalesce(md5(string_agg(line, chr(10) order by line)), 'none') from (
      select 'procedure ' || name || ' ' || digest as line from procedure_version where state = 'published'
      union all select 'page ' || slug || ' ' || hash from help_page
      union all select 'off ' || slug from page_off where on_at is null) used`;
  return onlyRow(await valuesOf(transaction, z.string(), query));
}

/** The newest rehearsal of a source that did not come to its end, by the same model and policy; null for none. */
export function unfinishedRehearsal(
  transaction: Transaction,
  of: Pick<Rehearsal, "source" | "model" | "policyVersion">,
): Promise<Rehearsal | null> {
  const isUnfinished = inArray(rehearsal.state, ["running", "stopped"]);
  const found = transaction
    .select()
    .from(rehearsal)
    .where(and(having(rehearsal, of), isUnfinished));
  return firstRow(found.orderBy(desc(rehearsal.startedAt)).limit(1));
}

/** Writes one played ticket; the same ticket again replaces it and keeps what teammates said. */
export async function keepRehearsed(
  transaction: Transaction,
  rehearsalId: string,
  { played, customerId }: { readonly played: RehearsedTicket; readonly customerId: string | null },
): Promise<void> {
  const row = {
    customer: played.ticket.customer ?? "",
    customerId: customerId ?? "",
    played,
    playedAt: new Date(played.playedAt),
  };
  await transaction
    .insert(rehearsedTicket)
    .values({ rehearsalId, ticketId: played.ticket.id, ...row })
    .onConflictDoUpdate({
      target: [rehearsedTicket.rehearsalId, rehearsedTicket.ticketId],
      set: row,
    });
}

/** Ends a rehearsal, or says why it stopped, with the figures so far; or marks it as running again. */
export async function setRehearsal(
  transaction: Transaction,
  id: string,
  set: Partial<Pick<Rehearsal, "state" | "reason" | "endedAt" | "summary" | "tickets">>,
): Promise<void> {
  await transaction.update(rehearsal).set(set).where(eq(rehearsal.id, id));
}

export function readRehearsal(transaction: Transaction, id: string): Promise<Rehearsal | null> {
  return firstRow(transaction.select().from(rehearsal).where(eq(rehearsal.id, id)));
}

/** Newest first. */
export async function listRehearsals(
  transaction: Transaction,
  limit: number,
): Promise<readonly Rehearsal[]> {
  return transaction
    .select()
    .from(rehearsal)
    .orderBy(desc(rehearsal.startedAt), desc(rehearsal.id))
    .limit(limit);
}

/** How many tickets of each rehearsal that has not ended are played. */
export async function playedCounts(transaction: Transaction): Promise<ReadonlyMap<string, number>> {
  const rows = await rowsOf(
    transaction,
    z.object({ id: z.string(), played: z.coerce.number() }),
    sql`select r.id, count(*) as played from rehearsal r join rehearsed_ticket t on t.rehearsal_id = r.id
        where r.ended_at is null group by 1`,
  );
  return new Map(rows.map(({ id, played }) => [id, played]));
}

/** All tickets of a rehearsal that are kept; by the time of the person's answer, oldest first. */
export async function rehearsalTickets(
  transaction: Transaction,
  rehearsalId: string,
): Promise<readonly KeptTicket[]> {
  return transaction
    .select(KEPT)
    .from(rehearsedTicket)
    .where(eq(rehearsedTicket.rehearsalId, rehearsalId))
    .orderBy(
      sql`${rehearsedTicket.played} -> 'ticket' -> 'answer' ->> 'at'`,
      asc(rehearsedTicket.ticketId),
    );
}

export function rehearsalTicket(
  transaction: Transaction,
  rehearsalId: string,
  ticketId: string,
): Promise<KeptTicket | null> {
  return firstRow(
    transaction
      .select(KEPT)
      .from(rehearsedTicket)
      .where(having(rehearsedTicket, { rehearsalId, ticketId })),
  );
}

/**
 * Records who was right about a ticket, or takes it back with null, or records as which case it was kept. Returns false
 * when the ticket is not kept any more.
 */
export async function setTicket(
  transaction: Transaction,
  { rehearsalId, ticketId }: { readonly rehearsalId: string; readonly ticketId: string },
  set: Partial<Pick<KeptTicket, "verdict" | "keptAs">>,
): Promise<boolean> {
  const rows = await transaction
    .update(rehearsedTicket)
    .set(set)
    .where(having(rehearsedTicket, { rehearsalId, ticketId }))
    .returning({ id: rehearsedTicket.ticketId });
  return rows.length > 0;
}

/** The ticket that is kept under this name, if one is, is kept no more. */
export async function dropKept(transaction: Transaction, keptAs: string): Promise<void> {
  await transaction
    .update(rehearsedTicket)
    .set({ keptAs: "" })
    .where(eq(rehearsedTicket.keptAs, keptAs));
}

/** Tickets that a lead keeps as candidates for eval cases, the newest rehearsal first, at most `limit`. */
export async function keptTickets(
  transaction: Transaction,
  limit: number,
): Promise<readonly KeptTicket[]> {
  return transaction
    .select(KEPT)
    .from(rehearsedTicket)
    .where(ne(rehearsedTicket.keptAs, ""))
    .orderBy(desc(rehearsedTicket.playedAt), rehearsedTicket.keptAs)
    .limit(limit);
}

/**
 * The one that was kept under a name, and the names of all who answered tickets of its rehearsal: answers name colleagues.
 * Null where there is none, or none any more.
 */
export async function keptTicketNamed(
  transaction: Transaction,
  keptAs: string,
): Promise<{ readonly kept: KeptTicket; readonly team: readonly string[] } | null> {
  const [row] = await transaction
    .select({ ...KEPT, rehearsalId: rehearsedTicket.rehearsalId })
    .from(rehearsedTicket)
    .where(eq(rehearsedTicket.keptAs, keptAs))
    .limit(1);
  if (row === undefined) return null;
  const answered = await transaction
    .selectDistinct({ by: sql<string>`${rehearsedTicket.played} #>> '{ticket,answer,by}'` })
    .from(rehearsedTicket)
    .where(eq(rehearsedTicket.rehearsalId, row.rehearsalId));
  const { rehearsalId: _id, ...kept } = row;
  return { kept, team: answered.map(({ by }) => by) };
}

/** How many rehearsed tickets are of this person, all or `until` a moment. */
export async function personTicketCount(
  transaction: Transaction,
  names: readonly PersonName[],
  until: Date | null = null,
): Promise<number> {
  return transaction.$count(rehearsedTicket, ofPerson(names, until));
}

/** Removes the rehearsed tickets of this person, all or `until` a moment. The figures stay: they hold no text. */
export async function eraseRehearsed(
  transaction: Transaction,
  names: readonly PersonName[],
  until: Date | null = null,
): Promise<void> {
  await transaction.delete(rehearsedTicket).where(ofPerson(names, until));
}

function ofPerson(names: readonly PersonName[], until: Date | null): SQL | undefined {
  const customers = names.flatMap(({ kind, value }) => (kind === "customer" ? [value] : []));
  const isTheirs = or(
    inArray(rehearsedTicket.customer, valuesOfKinds(names, ["email"])),
    inArray(rehearsedTicket.customerId, customers),
  );
  return and(isTheirs, upTo(rehearsedTicket.playedAt, until));
}

// The tickets of a rehearsal as the console lists them: without their traces, which are most of what is kept.

const EXCERPT_CHARACTERS = 160;

const Row = z.object({
  id: z.string(),
  subject: z.string(),
  /** The beginning of the newest text before the person's answer. */
  excerpt: z.string(),
  topic: z.string(),
  language: z.string().nullable(),
  route: RehearsedRoute,
  comparison: Comparison,
  moneyAtRisk: z.array(Money),
  verdict: PersonVerdict.nullable(),
  keptAs: z.string(),
});

/** One ticket of a rehearsal, with the machine's judgement in a word. */
export type ListedTicket = z.infer<typeof Row> & { readonly agreement: Agreement };

const RANK: Readonly<Record<Agreement, number>> = { wrong: 0, differs: 1, unknown: 2, same: 3 };

/** All tickets of a rehearsal: those with the most money at risk first, then by how much they differ, then by age. */
export async function listedTickets(
  transaction: Transaction,
  rehearsalId: string,
): Promise<readonly ListedTicket[]> {
  const rows = await rowsOf(
    transaction,
    Row,
    sql`select ticket_id as id, played -> 'ticket' ->> 'subject' as subject,
               left(played #>> '{ticket,messages,-1,text}', ${EXCERPT_CHARACTERS}::integer) as excerpt,
               played ->> 'topic' as topic, played ->> 'language' as language,
               played ->> 'route' as route, played -> 'comparison' as comparison,
               played -> 'moneyAtRisk' as "moneyAtRisk", verdict, kept_as as "keptAs"
        from rehearsed_ticket where rehearsal_id = ${rehearsalId}
        order by played #>> '{ticket,answer,at}', ticket_id`,
  );
  return rows
    .map((row) => ({ ...row, agreement: comparisonAgreement(row.comparison) }))
    .toSorted(
      (one, other) =>
        riskInOrder(other) - riskInOrder(one) || RANK[one.agreement] - RANK[other.agreement],
    );
}
