/** Removes what is older than its retention time. */

import { logFailure, startRepeating, type Running } from "#core/values/deadline.ts";
import { reasonOf } from "#core/values/errors.ts";
import type { ApprovalDesk } from "#core/contracts/approval-desk.ts";
import type { Clock, Log } from "#core/contracts/ports.ts";
import { isAuditOlder, trimAudit } from "#store/audit/audit-log.ts";
import { forgetBodies, ROWS } from "#store/privacy/clear-rows.ts";
import type { Store } from "#store/db/database.ts";
import {
  claimRetention,
  cutoffsAt,
  type RetentionPeriods,
  type RetentionRun,
  RETENTION_RULES,
  RETENTION_RUN,
  type Rule,
} from "#store/privacy/retention.ts";
import { type BlobStorage, removeStrayBlobs } from "#store/blobs/storage.ts";
import { DAY_MS, HOUR_MS, momentText, utcDay } from "#core/values/moment.ts";

/** How often to check whether a run is due: one row by its key. */
const LOOK_MS = 30_000;

/** With more to remove, the next batch follows after this; work for customers goes in between. */
const BATCH_PAUSE_MS = 1_000;

/** How long a process keeps its claim on a run before another may take it. */
const CLAIM_MS = 5 * 60_000;

const FILES_EVERY_MS = 24 * HOUR_MS;

/** How long the desk may take for an alert. */
const DESK_MS = 30_000;

/** Audit entries per transaction: all writers of the audit wait for it. */
const AUDIT_ROWS = 500;

/** The audit is trimmed once a day at most, since each trim is an entry itself. */
const AUDIT_SLACK_MS = 24 * HOUR_MS;

/** Names of what has no rule of its own, for people. */
const AUDIT = "audit entries";
const FILES = "files without a row";

/** What retention works with. */
export interface RetentionPlan {
  readonly store: Store;
  readonly blobs: Pick<BlobStorage, "list" | "remove">;
  readonly clock: Clock;
  readonly log: Log;
  readonly desk: Pick<ApprovalDesk, "notify">;
  readonly keep: RetentionPeriods;
}

/**
 * Checks twice a minute whether something is older than it may be, and removes it in small batches. One process at a
 * time does so; if it dies in the middle, the next run does the rest.
 */
export function startRetention(context: RetentionPlan): Running {
  return startRepeating(async () => {
    const told = await logFailure(context.log, "retention", () => runRetention(context));
    return told === "more" ? BATCH_PAUSE_MS : LOOK_MS;
  });
}

/**
 * Removes one batch of everything that is too old, when a run is due: `more` when there is more of it, `done` when that
 * was all, `idle` when nothing is due or another process is running it.
 */
export async function runRetention(context: RetentionPlan): Promise<"more" | "done" | "idle"> {
  const now = context.clock.now();
  const run = await claimRetention(context.store, now, new Date(now.getTime() + CLAIM_MS));
  if (run === null) return "idle";
  const removed: Record<string, number> = {};
  const failed: RetentionRun["failed"] = {};
  let isMore = false;
  // What cannot be removed keeps nothing else beyond its time.
  const attempt = async (name: string, full: number, remove: () => Promise<number>) => {
    try {
      removed[name] = await remove();
      isMore ||= removed[name] >= full;
    } catch (error) {
      const since = run.failed[name]?.since ?? now.toISOString();
      failed[name] = { since, reason: reasonOf(error) };
      context.log.error("retention failed", { kind: name, reason: reasonOf(error) });
    }
  };
  for (const rule of RETENTION_RULES)
    await attempt(rule.name, ROWS, () => removeBatch(context, rule, now));
  await attempt(AUDIT, AUDIT_ROWS, () => trim(context, now));
  const filesDue =
    run.filesAt === null || now.getTime() - Date.parse(run.filesAt) >= FILES_EVERY_MS;
  if (filesDue)
    await attempt(FILES, Infinity, () => removeStrayBlobs(context.store, context.blobs, now));
  await context.store.run(RETENTION_RUN.write, {
    nextAt: new Date(now.getTime() + (isMore ? 0 : HOUR_MS)).toISOString(),
    ranAt: now.toISOString(),
    removed: together(run, removed, now),
    filesAt: filesDue && failed[FILES] === undefined ? now.toISOString() : run.filesAt,
    failed,
    toldAt: await tellLasting(context, { ...run, failed }, now),
  });
  return isMore ? "more" : "done";
}

/** Removes one batch of a kind, as many of its files as can be removed, and says where one could not. */
async function removeBatch(context: RetentionPlan, rule: Rule, now: Date): Promise<number> {
  const batch = await context.store.run((transaction) =>
    rule.remove(transaction, cutoffsAt(now, context.keep), now),
  );
  if (batch.unread.length > 0)
    context.log.warn("erased without being understood", { kind: rule.name, rows: batch.unread });
  // Files are removed before their rows, so that none is left behind without a name.
  const gone: string[] = [];
  const reasons: string[] = [];
  for (const body of batch.bodies)
    await context.blobs.remove(body).then(
      () => gone.push(body),
      (error: unknown) => reasons.push(reasonOf(error)),
    );
  await context.store.run(forgetBodies, gone);
  if (reasons.length > 0)
    throw new Error(`${reasons.length} file(s) cannot be removed: ${reasons[0]}`);
  return batch.rows;
}

/** Tells the team once a day of what could not be removed for a day; returns when it was told last. */
async function tellLasting(
  { desk, log }: RetentionPlan,
  { failed, toldAt }: RetentionRun,
  now: Date,
): Promise<string | null> {
  const isOld = (at: string) => now.getTime() - Date.parse(at) >= DAY_MS;
  const lasting = Object.entries(failed).filter(([, { since }]) => isOld(since));
  if (lasting.length === 0 || (toldAt !== null && !isOld(toldAt))) return toldAt;
  const what = lasting.map(([name, { reason }]) => `${name} (${reason})`).join("; ");
  const text = `What is older than it may be has not been removed for a day: ${what}. Health shows since when.`;
  const key = `retention:${now.toISOString()}`;
  const told = await logFailure(log, "retention's alert", async () => {
    await desk.notify(text, [], key, AbortSignal.timeout(DESK_MS));
    return now.toISOString();
  });
  return told ?? toldAt;
}

/** Batches that follow each other within half an hour are one run. */
function together(
  run: RetentionRun,
  removed: Readonly<Record<string, number>>,
  now: Date,
): Record<string, number> {
  const goesOn = run.ranAt !== null && now.getTime() - Date.parse(run.ranAt) < HOUR_MS / 2;
  const before = goesOn ? run.removed : {};
  const names = new Set([...Object.keys(before), ...Object.keys(removed)]);
  return Object.fromEntries(
    [...names]
      .map((name) => [name, (before[name] ?? 0) + (removed[name] ?? 0)] as const)
      .filter(([, count]) => count > 0),
  );
}

async function trim(context: RetentionPlan, now: Date): Promise<number> {
  const { records } = cutoffsAt(now, context.keep);
  const isDue = await context.store.run(isAuditOlder, new Date(records.getTime() - AUDIT_SLACK_MS));
  if (!isDue) return 0;
  return context.store.run(trimAudit, { before: records, limit: AUDIT_ROWS, now });
}

/** The retention times, and what the last run removed, for people. */
export function retentionLines(
  run: RetentionRun,
  keep: RetentionPeriods,
  now: Date,
): readonly string[] {
  const cutoffs = cutoffsAt(now, keep);
  return [
    `Text, mails and traces are kept ${keep.contentDays} days (DESKHAND_KEEP_CONTENT_DAYS): what is from before ${utcDay(cutoffs.content)} goes.`,
    `The audit, without text, is kept ${keep.auditMonths} months (DESKHAND_KEEP_AUDIT_MONTHS): what is from before ${utcDay(cutoffs.records)} goes.`,
    "What people still wait for stays: unread messages, open conversations, cards that wait, effects under way.",
    run.ranAt === null
      ? "It has not run yet."
      : `Last run: ${momentText(new Date(run.ranAt), "UTC")}, removed ${listed(Object.entries(run.removed))}. Next: not before ${momentText(new Date(run.nextAt), "UTC")} UTC.`,
    ...Object.entries(run.failed).map(
      ([name, { since, reason }]) =>
        `Not removed since ${momentText(new Date(since), "UTC")} UTC: ${name} (${reason}).`,
    ),
  ];
}

function listed(counts: readonly (readonly [string, number])[]): string {
  const some = counts.filter(([, count]) => count > 0);
  return some.length === 0 ? "nothing" : some.map(([name, count]) => `${count} ${name}`).join(", ");
}
