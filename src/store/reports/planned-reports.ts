/**
 * Room: Rows that figures count, scheduled reports, and eval candidates.
 * In: spans of time, the report plan, solved conversations.
 * Out: counts, reports that are due, candidates for eval cases.
 * May touch: the database only, inside the caller's transaction.
 * This file: which reports are planned, due and sent.
 */
import { and, asc, eq, inArray, isNull, lt, lte, notInArray, or, sql } from "#store/db/drizzle.ts";
import type { Transaction } from "#store/db/database.ts";
import { digest } from "#store/db/schema.ts";

/** One report to one recipient at one time. */
export type ReportRow = Pick<
  typeof digest.$inferSelect,
  "key" | "kind" | "person" | "day" | "dueAt"
>;

/** A report taken to be sent now; `again` when it was taken before and the result is unknown. */
export type TakenReport = ReportRow & { readonly attempts: number; readonly again: boolean };

/** How long a process has to send a report before another process may take it. */
const CLAIM_MS = 120_000;
const KEPT_MS = 60 * 86_400_000;

/**
 * Replaces the future planned reports with the wanted ones, since the policy may have changed. Reports that are due, or
 * were ever taken, are left alone.
 */
export async function planReports(
  transaction: Transaction,
  wanted: readonly ReportRow[],
  now: Date,
): Promise<void> {
  const open = await transaction.select().from(digest).where(eq(digest.state, "planned"));
  const future = new Map(
    open.filter(({ dueAt }) => dueAt > now).map((row) => [row.key, row.dueAt.getTime()]),
  );
  const keys = new Set(wanted.map(({ key }) => key));
  const gone = [...future.keys()].filter((key) => !keys.has(key));
  const changed = wanted.filter(({ key, dueAt }) => future.get(key) !== dueAt.getTime());
  if (gone.length > 0)
    await transaction
      .delete(digest)
      .where(and(inArray(digest.key, gone), eq(digest.state, "planned")));
  if (changed.length === 0) return;
  for (const row of changed)
    await transaction
      .insert(digest)
      .values(row)
      .onConflictDoUpdate({
        target: digest.key,
        set: { dueAt: row.dueAt },
        setWhere: sql`${digest.state} = 'planned' and ${digest.attempts} = 0`,
      });
  await transaction
    .delete(digest)
    .where(
      and(
        lt(digest.dueAt, new Date(now.getTime() - KEPT_MS)),
        notInArray(digest.state, ["planned", "executing"]),
      ),
    );
}

/** Adds one report, unless it exists already. */
export async function addReport(transaction: Transaction, row: ReportRow): Promise<void> {
  await transaction.insert(digest).values(row).onConflictDoNothing();
}

/** Takes the oldest report that is due: concurrent callers get different ones. Null when none is due. */
export async function takeReport(transaction: Transaction, now: Date): Promise<TakenReport | null> {
  const [due] = await transaction
    .select()
    .from(digest)
    .where(
      and(
        inArray(digest.state, ["planned", "executing"]),
        lte(digest.dueAt, now),
        or(isNull(digest.claimedUntil), lte(digest.claimedUntil, now)),
      ),
    )
    .orderBy(asc(digest.dueAt), asc(digest.key))
    .limit(1)
    .for("update", { skipLocked: true });
  if (due === undefined) return null;
  await transaction
    .update(digest)
    .set({
      state: "executing",
      claimedUntil: new Date(now.getTime() + CLAIM_MS),
      attempts: sql`${digest.attempts} + 1`,
    })
    .where(eq(digest.key, due.key));
  return { ...due, attempts: due.attempts + 1, again: due.state === "executing" };
}

/** The report was sent, cannot be sent, or its day is over. */
export async function settleReport(
  transaction: Transaction,
  key: string,
  settled: {
    readonly state: "done" | "unknown" | "failed" | "missed";
    readonly ref: string | null;
    readonly now: Date;
  },
): Promise<void> {
  await transaction
    .update(digest)
    .set({
      state: settled.state,
      ref: settled.ref,
      claimedUntil: null,
      finishedAt: settled.now,
    })
    .where(and(eq(digest.key, key), eq(digest.state, "executing")));
}

/** The report was not sent; it is tried again from this moment. `sure` when it is certain that nothing was posted. */
export async function putReportBack(
  transaction: Transaction,
  key: string,
  back: { readonly until: Date; readonly sure: boolean },
): Promise<void> {
  await transaction
    .update(digest)
    .set({ claimedUntil: back.until, ...(back.sure ? { state: "planned" } : {}) })
    .where(and(eq(digest.key, key), eq(digest.state, "executing")));
}
