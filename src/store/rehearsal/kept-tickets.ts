/** Rehearsed tickets that a lead keeps as candidates for eval cases. */
import { desc, eq, ne, sql } from "#store/db/drizzle.ts";
import type { Transaction } from "#store/db/database.ts";
import { rehearsedTicket } from "#store/db/schema.ts";
import type { KeptTicket } from "./rehearsals.ts";

/** Those that were kept, the newest rehearsal first, at most `limit`. */
export async function keptTickets(
  transaction: Transaction,
  limit: number,
): Promise<readonly KeptTicket[]> {
  const rows = await transaction
    .select()
    .from(rehearsedTicket)
    .where(ne(rehearsedTicket.keptAs, ""))
    .orderBy(desc(rehearsedTicket.playedAt), rehearsedTicket.keptAs)
    .limit(limit);
  return rows.map(({ document, verdict, keptAs }) => ({ played: document, verdict, keptAs }));
}

/** One that was kept, and the names of all who answered tickets of its rehearsal: answers name colleagues. */
export interface KeptWithTeam {
  readonly kept: KeptTicket;
  readonly team: readonly string[];
}

/** The one that was kept under a name; null where there is none, or none any more. */
export async function keptTicketNamed(
  transaction: Transaction,
  keptAs: string,
): Promise<KeptWithTeam | null> {
  const [row] = await transaction
    .select()
    .from(rehearsedTicket)
    .where(eq(rehearsedTicket.keptAs, keptAs))
    .limit(1);
  if (row === undefined) return null;
  const answered = await transaction
    .selectDistinct({ by: sql<string>`${rehearsedTicket.document} #>> '{ticket,answer,by}'` })
    .from(rehearsedTicket)
    .where(eq(rehearsedTicket.rehearsalId, row.rehearsalId));
  const { document, verdict } = row;
  return { kept: { played: document, verdict, keptAs }, team: answered.map(({ by }) => by) };
}
