/** The tickets of a rehearsal as the console lists them: without their traces, which are most of what is kept. */
import { z } from "zod";
import {
  comparisonAgreement,
  Comparison,
  PersonVerdict,
  RehearsedRoute,
  riskInOrder,
  type Agreement,
} from "#core/values/rehearsal.ts";
import { Money } from "#core/values/money.ts";
import { rowsOf, type Transaction } from "#store/db/database.ts";
import { sql } from "#store/db/drizzle.ts";

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
    sql`select ticket_id as id, document -> 'ticket' ->> 'subject' as subject,
               left(document #>> '{ticket,messages,-1,text}', ${EXCERPT_CHARACTERS}::integer) as excerpt,
               document ->> 'topic' as topic, document ->> 'language' as language,
               document ->> 'route' as route, document -> 'comparison' as comparison,
               document -> 'moneyAtRisk' as "moneyAtRisk", verdict, kept_as as "keptAs"
        from rehearsed_ticket where rehearsal_id = ${rehearsalId}
        order by document #>> '{ticket,answer,at}', ticket_id`,
  );
  return rows
    .map((row) => ({ ...row, agreement: comparisonAgreement(row.comparison) }))
    .toSorted(
      (one, other) =>
        riskInOrder(other) - riskInOrder(one) || RANK[one.agreement] - RANK[other.agreement],
    );
}
