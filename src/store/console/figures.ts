/**
 * The figures of the last days, and the rows behind each number: what it counted, newest first. Which rows those are is
 * defined where the reports read it too.
 */
import { z } from "zod";
import { rowsOf, type Transaction } from "#store/db/database.ts";
import { lt, sql } from "#store/db/drizzle.ts";
import { effect } from "#store/db/schema.ts";
import { refundsDone } from "#store/approvals/card-context.ts";
import {
  COUNTED,
  ROW_FIGURES,
  figureCounts,
  firstReplies,
  modelCosts,
  resolutionTotals,
  type FigureName,
  type Span,
} from "#store/reports/counted-rows.ts";
import { beyond, PAGE_ROWS, rowPage, type Cursor, type Page } from "./cursor.ts";

/** Everything the page of numbers and the reports show of some days. */
export type Figures = Awaited<ReturnType<typeof periodFigures>>;

/** Reads the figures in the caller's transaction, so that all of them are of one moment. */
export async function periodFigures(transaction: Transaction, days: Span) {
  return {
    counts: await figureCounts(transaction, ROW_FIGURES, days),
    spent: await modelCosts(transaction, days),
    totals: await resolutionTotals(transaction, days),
    /** Milliseconds until each conversation's first reply. */
    firstReplies: await firstReplies(transaction, days),
    /** Of each refund that was done; null where its amount is not known. */
    refunds: await refundsDone(transaction, days.from, lt(effect.finishedAt, days.to)),
  };
}

const FigureRow = z.object({
  /** The row's own id, for the cursor. */
  id: z.string(),
  at: z.coerce.date(),
  conversationId: z.string(),
  channel: z.string(),
  subject: z.string(),
  /** How it ended or what it cost, in a few words. */
  words: z.string().nullable(),
});
/** One row behind a number. */
export type FigureRow = z.infer<typeof FigureRow>;

/** One page of the rows behind a number. */
export async function rowsBehind(
  transaction: Transaction,
  name: FigureName,
  { days, after }: { readonly days: Span; readonly after: Cursor | null },
): Promise<Page<FigureRow>> {
  const { table, at, id, idType, words, which } = COUNTED[name];
  // Addresses come from outside: a cursor of another list begins at the first page.
  const isOurs = after !== null && (idType !== "bigint" || /^\d{1,18}$/.test(after.id));
  const from = beyond(isOurs ? after : null, at, id, sql.raw(idType));
  const rows = await rowsOf(
    transaction,
    FigureRow,
    sql`select (${id})::text as id, ${at} as at, c.id as "conversationId", c.channel, c.subject, ${words} as words
        from ${table(days)} join conversation c on c.id = r.conversation_id
        where ${which(days)} and ${from}
        order by ${at} desc, ${id} desc limit ${PAGE_ROWS + 1}`,
  );
  return rowPage(rows, ({ at: time, id: own }) => ({ at: time, id: own }));
}
