import { z } from "zod";
import { and, asc, eq, inArray, isNull, lt, lte, notInArray, or, sql } from "#store/db/drizzle.ts";
import type { Transaction } from "#store/db/database.ts";
import { digest } from "#store/db/schema.ts";

/** One time at which somebody is told the figures. */
export const ReportRow = z.object({
  key: z.string(),
  kind: z.enum(["day", "week"]),
  /** A lead as the policy names them; empty for the post of the week. */
  person: z.string(),
  /** The day it is told on, in the policy's zone. */
  day: z.iso.date(),
  dueAt: z.date(),
});
export type ReportRow = z.infer<typeof ReportRow>;

/** One that was taken to be told now; `again` when somebody took it before and nobody knows what came of that. */
export type TakenReport = ReportRow & { readonly attempts: number; readonly again: boolean };

/** Whoever takes one has this long before somebody else looks for it. */
const CLAIM_MS = 120_000;
const KEPT_MS = 60 * 86_400_000;

/**
 * Makes the times to come those that are wanted: the policy may have changed since they were written. What is due by now
 * is left alone, and so is what was ever taken.
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

/** One more time, unless it is there already. */
export async function addReport(transaction: Transaction, row: ReportRow): Promise<void> {
  await transaction.insert(digest).values(row).onConflictDoNothing();
}

/** Takes one that is due, oldest first: of several who ask, each gets another one. Null when none is. */
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
  return {
    ...ReportRow.parse(due),
    attempts: due.attempts + 1,
    again: due.state === "executing",
  };
}

/** It was told, cannot be, or its day is over. */
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

/** Nobody was told; it is tried again from this moment. `sure` when nothing can have been posted. */
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
