/**
 * Room: the daily and weekly reports to the leads, and the candidates for eval cases.
 * In: the report times of the policy; rows about turns, cards, effects and ratings.
 * Out: reports on the desk, each once; eval cases as text.
 * May touch: the database and the desk.
 */

import { ReportArguments, type ReportTables } from "#core/values/alert.ts";
import { inboxCounts } from "#store/console/inbox.ts";
import type { Action } from "#core/values/action.ts";
import { digest } from "#core/values/canonical-json.ts";
import { DeskhandError, reasonOf } from "#core/values/errors.ts";
import type { ReportTime } from "#core/contracts/policy.ts";
import {
  addReport,
  planReports,
  moveReport,
  takeReport,
  type ReportRow,
  type TakenReport,
} from "#store/schedule/due-steps.ts";
import { GROUP } from "#policy/schema.ts";
import { DAY_MS } from "#core/values/moment.ts";
import type { Transaction } from "#store/db/database.ts";
import { mailsInSpam } from "#store/db/settings.ts";
import { openLessons } from "#jobs/lessons/find-lessons.ts";
import { compareDays, dailyReport, weeklyReport } from "./report-text.ts";
import { LIMITS, supportingTarget, type JobContext } from "#jobs/context/job-context.ts";

const RETRY_MS = 30_000;
const RETRY_MAX_MS = 1_800_000;

type ReportParts = Pick<
  JobContext,
  "store" | "clock" | "log" | "policy" | "vectors" | "targets" | "crashPoint"
>;

/**
 * Sends reports that are due. Each is a row that is planned, taken and settled by compare-and-set: a row that is taken
 * but not settled belongs to a process that died, and the desk is asked whether the report is there before it is sent
 * again.
 */
export async function sendReports(context: ReportParts): Promise<void> {
  const now = context.clock.now();
  for (;;) {
    const taken = await context.store.run(async (transaction) => {
      await planReports(transaction, wantedAfter(context, now), now);
      return takeReport(transaction, now);
    });
    if (taken === null) return;
    await sendOne(context, taken, now);
  }
}

/** Whether the reports that are planned for later, by key, are those that the policy asks for. */
export function isReportPlanCurrent(
  context: ReportParts,
  planned: Readonly<Record<string, Date>>,
  now: Date,
): boolean {
  const wanted = wantedAfter(context, now);
  return (
    new Set(wanted.map(({ key }) => key)).size === Object.keys(planned).length &&
    wanted.every(({ key, dueAt }) => planned[key]?.getTime() === dueAt.getTime())
  );
}

/** The next daily report of each lead that the policy names, since a group has no direct messages, and the next weekly report. */
function wantedAfter({ policy: { digest: plan } }: ReportParts, now: Date): readonly ReportRow[] {
  const daily = plan.nextDaily(now);
  const weekly = plan.nextWeekly(now);
  return [
    ...(daily === null
      ? []
      : [...new Set(plan.leads)]
          .filter((lead) => !lead.startsWith(GROUP))
          .map((lead) => reportRow("day", daily, lead))),
    ...(weekly === null ? [] : [reportRow("week", weekly, "")]),
  ];
}

function reportRow(kind: ReportRow["kind"], { day, at }: ReportTime, person: string): ReportRow {
  const whose = person === "" ? "" : `:${digest(person.toLowerCase()).slice(0, 24)}`;
  return { key: `digest:${kind}:${day}${whose}`, kind, person, day, dueAt: at };
}

async function sendOne(context: ReportParts, taken: TakenReport, now: Date): Promise<void> {
  const { key } = taken;
  const settle = (state: "done" | "unknown" | "failed" | "missed", ref: string | null = null) =>
    context.store.run(moveReport, key, { state, ref, claimedUntil: null, finishedAt: now });
  if (!isStillWanted(context, taken, now)) {
    await settle("missed");
    await planFollowing(context, taken);
    return;
  }
  try {
    const action = await reportAction(context, taken, now);
    const target = supportingTarget(context, action);
    const signal = AbortSignal.timeout(LIMITS.effectMs);
    const found = taken.again ? await target.find(action, key, signal) : null;
    if (found?.state === "unknowable") {
      context.log.warn("whether figures were told is not known", {
        digest: key,
        reason: found.reason,
      });
      await settle("unknown");
      return;
    }
    const { ref } =
      found?.state === "done" ? found.committed : await target.commit(action, key, signal);
    context.crashPoint("digest:committed");
    await settle("done", ref);
  } catch (error) {
    await afterFailure(context, taken, { error, now, settle });
  }
}

/** While no process ran, no report was planned: the one after a missed report may be today's. */
async function planFollowing(
  { store, policy: { digest: plan } }: ReportParts,
  { kind, person, dueAt }: TakenReport,
): Promise<void> {
  const next = kind === "day" ? plan.nextDaily(dueAt) : plan.nextWeekly(dueAt);
  if (next === null || (kind === "day" && !plan.leads.includes(person))) return;
  await store.run(addReport, reportRow(kind, next, person));
}

async function afterFailure(
  context: ReportParts,
  { key, person, attempts }: TakenReport,
  failed: {
    readonly error: unknown;
    readonly now: Date;
    readonly settle: (state: "failed") => Promise<void>;
  },
): Promise<void> {
  const { error, now, settle } = failed;
  if (!(error instanceof DeskhandError)) throw error;
  // Addresses stay out of the log: a lead is named by the position in the policy's list.
  const lead = person === "" ? 0 : context.policy.digest.leads.indexOf(person) + 1;
  const whom = lead === 0 ? "the week's post" : `lead ${lead} of the policy`;
  context.log.warn("figures were not told", { digest: key, whom, reason: reasonOf(error) });
  const final = error.code === "channel.refused" || error.code === "channel.unsupported";
  if (final) await settle("failed");
  else {
    const waitMs = Math.min(RETRY_MS * 2 ** (attempts - 1), RETRY_MAX_MS);
    const until = new Date(now.getTime() + waitMs);
    // Once more from this moment on; when it is certain that nothing was posted, nobody asks the desk for it first.
    const to = { claimedUntil: until, ...(error.retry ? { state: "planned" as const } : {}) };
    await context.store.run(moveReport, key, to);
  }
}

/** A late report is sent on its day, or in its week; not after that, and not to a former lead. */
function isStillWanted(
  { policy: { digest: plan } }: ReportParts,
  { kind, day, person }: TakenReport,
  now: Date,
): boolean {
  const today = plan.dayOf(now);
  return kind === "day"
    ? today === day && plan.leads.includes(person)
    : plan.weekBefore(today).first === plan.weekBefore(day).first;
}

async function reportAction(parts: ReportParts, taken: TakenReport, now: Date): Promise<Action> {
  const { digest: plan } = parts.policy;
  const { kind, person } = taken;
  const tables = await figureTables(parts, taken, now);
  const to: ReportArguments["to"] =
    kind === "day" ? { kind: "person", name: person } : { kind: "place", name: plan.place };
  return {
    target: "desk",
    operation: "digest",
    arguments: ReportArguments.parse({ to, sheet: tables }),
  };
}

async function figureTables(
  { store, policy, vectors }: ReportParts,
  { kind, day }: TakenReport,
  now: Date,
): Promise<ReportTables> {
  const { digest: plan } = policy;
  const lessons = kind === "day" ? [] : await openLessons({ store, now, vectors });
  return store.run(async (transaction) => {
    const days = kind === "day" ? plan.sinceWorkday(day) : plan.weekBefore(day);
    const compared = await compareDays(plan, transaction, days);
    return kind === "day"
      ? dailyReport(compared, await waitingAt(transaction, now))
      : weeklyReport(compared, lessons.length);
  });
}

async function waitingAt(transaction: Transaction, at: Date) {
  const { waiting: cards, oldest: since, untaken } = await inboxCounts(transaction, "", at);
  const inSpam = await mailsInSpam(transaction, new Date(at.getTime() - DAY_MS));
  return { cards, since, untaken, inSpam, at };
}
