import type { Action } from "#core/values/action.ts";
import { digest } from "#core/values/canonical-json.ts";
import { DigestArguments, type DigestSheet } from "#core/values/report.ts";
import { DeskhandError, reasonOf } from "#core/values/errors.ts";
import type { DigestTime } from "#core/contracts/policy.ts";
import {
  addDigest,
  planDigests,
  putDigestBack,
  settleDigest,
  takeDigest,
  type DigestRow,
  type TakenDigest,
} from "#store/reports/scheduled-reports.ts";
import type { Transaction } from "#store/db/database.ts";
import { standingOfDesk } from "#store/approvals/desk-overview.ts";
import { daySheet, weekSheet } from "./report-text.ts";
import { compareDays } from "./metrics.ts";
import { LIMITS, targetOf, type Parts } from "#jobs/context/job-context.ts";

const RETRY_MS = 30_000;
const RETRY_MAX_MS = 1_800_000;

/** What this job works with. */
type DigestParts = Pick<Parts, "store" | "clock" | "log" | "policy" | "targets" | "crashPoint">;

/**
 * Tells the leads the figures when it is time. Each time is a row, which is planned, taken and settled by
 * compare-and-set: what is found taken and not settled belongs to a process that died, and the desk is asked whether it
 * stands there before it is told again.
 */
export async function tellFigures(parts: DigestParts): Promise<void> {
  const now = parts.clock.now();
  for (;;) {
    const taken = await parts.store.run(async (transaction) => {
      await planDigests(transaction, wantedAfter(parts, now), now);
      return takeDigest(transaction, now);
    });
    if (taken === null) return;
    await tellOne(parts, taken, now);
  }
}

/** The next time of each lead, and that of the week. */
function wantedAfter({ policy: { digest: plan } }: DigestParts, now: Date): readonly DigestRow[] {
  const daily = plan.nextDaily(now);
  const weekly = plan.nextWeekly(now);
  return [
    ...(daily === null ? [] : [...new Set(plan.leads)].map((lead) => rowOf("day", daily, lead))),
    ...(weekly === null ? [] : [rowOf("week", weekly, "")]),
  ];
}

function rowOf(kind: DigestRow["kind"], { day, at }: DigestTime, person: string): DigestRow {
  const whose = person === "" ? "" : `:${digest(person.toLowerCase()).slice(0, 24)}`;
  return { key: `digest:${kind}:${day}${whose}`, kind, person, day, dueAt: at };
}

async function tellOne(parts: DigestParts, taken: TakenDigest, now: Date): Promise<void> {
  const { key } = taken;
  const settle = (state: "done" | "unknown" | "failed" | "missed", ref: string | null = null) =>
    parts.store.run((transaction) => settleDigest(transaction, key, { state, ref, now }));
  if (!isStillWanted(parts, taken, now)) {
    await settle("missed");
    await planFollowing(parts, taken);
    return;
  }
  try {
    const action = await actionOf(parts, taken, now);
    const target = targetOf(parts, action);
    const signal = AbortSignal.timeout(LIMITS.effectMs);
    const found = taken.again ? await target.find(action, key, signal) : null;
    if (found?.state === "unknowable") {
      parts.log.warn("whether figures were told is not known", {
        digest: key,
        reason: found.reason,
      });
      await settle("unknown");
      return;
    }
    const { ref } =
      found?.state === "done" ? found.committed : await target.commit(action, key, signal);
    parts.crashPoint("digest:committed");
    await settle("done", ref);
  } catch (error) {
    await afterFailure(parts, taken, { error, now, settle });
  }
}

/** While nobody ran, nobody planned: the time after a missed one may be that of today. */
async function planFollowing(
  { store, policy: { digest: plan } }: DigestParts,
  { kind, person, dueAt }: TakenDigest,
): Promise<void> {
  const next = kind === "day" ? plan.nextDaily(dueAt) : plan.nextWeekly(dueAt);
  if (next === null || (kind === "day" && !plan.leads.includes(person))) return;
  await store.run((transaction) => addDigest(transaction, rowOf(kind, next, person)));
}

async function afterFailure(
  parts: DigestParts,
  { key, person, attempts }: TakenDigest,
  failed: {
    readonly error: unknown;
    readonly now: Date;
    readonly settle: (state: "failed") => Promise<void>;
  },
): Promise<void> {
  const { error, now, settle } = failed;
  if (!(error instanceof DeskhandError)) throw error;
  // Addresses stay out of the log: a lead is named by the place in the policy's list.
  const lead = person === "" ? 0 : parts.policy.digest.leads.indexOf(person) + 1;
  const whom = lead === 0 ? "the week's post" : `lead ${lead} of the policy`;
  parts.log.warn("figures were not told", { digest: key, whom, reason: reasonOf(error) });
  const final = error.code === "channel.refused" || error.code === "channel.unsupported";
  if (final) await settle("failed");
  else {
    const waitMs = Math.min(RETRY_MS * 2 ** (attempts - 1), RETRY_MAX_MS);
    const until = new Date(now.getTime() + waitMs);
    await parts.store.run((transaction) =>
      putDigestBack(transaction, key, { until, sure: error.retry }),
    );
  }
}

/** Late figures are told on their day, or in their week; after it, and to somebody who is no lead any more, they are not. */
function isStillWanted(
  { policy: { digest: plan } }: DigestParts,
  { kind, day, person }: TakenDigest,
  now: Date,
): boolean {
  const today = plan.dayOf(now);
  return kind === "day"
    ? today === day && plan.leads.includes(person)
    : plan.weekBefore(today).first === plan.weekBefore(day).first;
}

async function actionOf(
  { store, policy }: DigestParts,
  { kind, day, person }: TakenDigest,
  now: Date,
): Promise<Action> {
  const { digest: plan } = policy;
  const sheet = await store.run(async (transaction): Promise<DigestSheet> => {
    const days = kind === "day" ? plan.sinceWorkday(day) : plan.weekBefore(day);
    const compared = await compareDays(policy, transaction, days);
    return kind === "day"
      ? daySheet(compared, await waitingAt(transaction, now))
      : weekSheet(compared);
  });
  const to: DigestArguments["to"] =
    kind === "day" ? { kind: "person", name: person } : { kind: "place", name: plan.place };
  return { target: "desk", operation: "digest", arguments: DigestArguments.parse({ to, sheet }) };
}

async function waitingAt(transaction: Transaction, at: Date) {
  const { waiting, waitingCount, untaken } = await standingOfDesk(transaction, at);
  const [oldest] = waiting;
  return { cards: waitingCount, since: oldest?.askedAt ?? null, untaken: untaken.length, at };
}
