/**
 * Room: what is due in the installation, seen with one look.
 * In: who wants to lead, and the time.
 * Out: whether this process leads, which steps have something to do, and reports that are planned.
 * May touch: the database only; of it, the leader's lock alone is written.
 * This file: the one statement an idle installation asks every two seconds.
 */

import { z } from "zod";
import { UNSEEN_MINUTES } from "#store/approvals/card-posting.ts";
import { hasOpenMessage } from "#store/conversations/due-work.ts";
import { ask, firstRow, type Reader, type Transaction } from "#store/db/database.ts";
import { LEADER_NOTICE, LEADERSHIP, type LeaderLock } from "#store/db/duty-leases.ts";
import { and, asc, eq, inArray, isNull, lt, lte, notInArray, or, sql } from "#store/db/drizzle.ts";
import { digest } from "#store/db/schema.ts";
import { DELIVERY_DUE } from "#store/webhooks/webhooks.ts";

/**
 * Which steps have something to do. A step that is named here without need costs its own statements and nothing more;
 * one that is missing would never be done, so each condition is at least as wide as the step's own.
 */
const DueSteps = z.object({
  expiredCards: z.boolean(),
  /** Reminders to be planned or sent. */
  reminders: z.boolean(),
  lapsedClaims: z.boolean(),
  /** Hand-overs by a click that can no longer be taken back. */
  endedUndos: z.boolean(),
  /** Conversations with work to do and no worker at it. */
  conversations: z.boolean(),
  /** Cards that the desk does not show as they are. */
  staleCards: z.boolean(),
  /** Undecided cards that the desk took long ago and that may be gone there. */
  unseenCards: z.boolean(),
  /** Cards with a status line, or an effect that is tried again. */
  cardsWithStatus: z.boolean(),
  /** Cards that get a status line as soon as something is paused. */
  cardsToHold: z.boolean(),
  waitingFiles: z.boolean(),
  dueReports: z.boolean(),
  /** When each report of the future is planned for, by its key. */
  plannedReports: z.record(z.string(), z.coerce.date()),
  unsealedEntries: z.boolean(),
  /** Conversations whose end is to be decided, for ten seconds already: many together, since they are only counted. */
  dueResolutions: z.boolean(),
  /** Drafts that were only shown and that a teammate answered instead of. */
  draftsToJudge: z.boolean(),
  /** Deliveries to webhooks that wait to be sent. */
  dueWebhooks: z.boolean(),
  /** What turns used up is held in more rows than are read quickly. */
  scatteredUsage: z.boolean(),
  /** The settings that were asked for, as they are stored. */
  settings: z.record(z.string(), z.unknown()),
});
export type DueSteps = z.infer<typeof DueSteps>;

/** So many rows are summed without being felt; two days of ten minutes are fewer. */
export const USAGE_ROWS_MAX = 500;

const isPast = (column: string): string => `(${column} is null or ${column} <= $4)`;
const isOpen = "e.state in ('intended', 'executing')";
/** That no process works on it now. Asked row by row, so that one row found is the end of it. */
const isFree = (id: string): string =>
  `coalesce((select k.lease_until from conversation k where k.id = ${id}) < now(), true)`;

/** Each condition is answered from a partial index that holds only what is not finished. */
const CONDITIONS: Readonly<Record<keyof DueSteps, string>> = {
  expiredCards: `exists (select 1 from approval where state = 'pending' and expires_at <= $4)`,
  reminders: `(
    exists (select 1 from approval where state = 'pending' and reminded_at is null and ${isPast("remind_at")})
    or exists (select 1 from conversation where handover_remind_at <= $4 and snoozed_until is null)
    or exists (select 1 from conversation where snoozed_until <= $4))`,
  endedUndos: `exists (select 1 from approval where state = 'rejected' and undo_until <= $4)`,
  lapsedClaims: `exists (select 1 from approval where claim_until <= $4)`,
  conversations: `(
    exists (select 1 from hint h where h.state = 'unread' and ${isFree("h.conversation_id")})
    or exists (select 1 from effect e where ${isOpen} and e.not_before <= $4
      and (e.held_at is null or e.held_at <= $4 - interval '30 seconds')
      and ${isFree("e.conversation_id")})
    or exists (select 1 from conversation where wake_at <= $4 and coalesce(lease_until < now(), true))
    or ${hasOpenMessage(`coalesce(c.lease_until < now(), true)
        and not exists (select 1 from approval a where a.state = 'pending' and a.conversation_id = c.id)
        and not exists (select 1 from effect e where ${isOpen} and e.conversation_id = c.id)`)})`,
  staleCards: `exists (select 1 from approval
    where card_stale and ${isPast("post_after")} and ${isPast("post_locked_until")})`,
  unseenCards: `exists (select 1 from approval
    where state = 'pending' and desk_ref is not null and not card_stale
    and coalesce(post_after, updated_at) <= $4 - interval '${UNSEEN_MINUTES} minutes')`,
  cardsWithStatus: `(
    exists (select 1 from approval where status_line <> '' and state in ('pending', 'approved'))
    or exists (select 1 from effect e
      where ${isOpen} and e.approval_id is not null and (e.away_count > 0 or e.attempts > 0)))`,
  cardsToHold: `(
    exists (select 1 from approval where state = 'pending')
    or exists (select 1 from effect e where ${isOpen} and e.approval_id is not null))`,
  waitingFiles: `exists (select 1 from attachment
    where state = 'waiting' and next_at <= $4 and cleared_at is null)`,
  dueReports: `exists (select 1 from digest
    where state in ('planned', 'executing') and due_at <= $4 and ${isPast("claimed_until")})`,
  plannedReports: `(select coalesce(json_object_agg(key, due_at), '{}') from digest
    where state = 'planned' and due_at > $4)`,
  draftsToJudge: `exists (select 1 from draft_score where judge_at <= $4)`,
  unsealedEntries: `exists (select 1 from audit_pending)`,
  dueResolutions: `exists (select 1 from resolution where due_at <= $4 - interval '10 seconds')`,
  dueWebhooks: DELIVERY_DUE,
  scatteredUsage: `(select count(*) > ${USAGE_ROWS_MAX} from (
    select 1 from turn_usage where turns = 1 order by id desc limit ${USAGE_ROWS_MAX + 1}) newest)`,
  settings: `(select coalesce(json_object_agg(s.name, s.value), '{}') from setting s
    where s.name in (select jsonb_array_elements_text($5::jsonb)))`,
};

const LOOK = {
  name: "due_steps",
  text: `
with ${LEADERSHIP}
select ${Object.entries(CONDITIONS)
    .map(([name, condition]) => `${condition.replace(/\$4/g, "$4::timestamptz")} as "${name}"`)
    .join(",\n  ")},
  ${LEADER_NOTICE}
from leads`,
  row: DueSteps,
} as const;

/**
 * Takes or renews the lead for `forMs`, tells the other processes so, and says what is due at this moment; null while
 * another process leads. Alone, it is one statement and one commit, and every other time it writes nothing.
 */
export function dueSteps(
  reader: Reader,
  asked: LeaderLock & {
    readonly forMs: number;
    readonly now: Date;
    readonly settings: readonly string[];
  },
): Promise<DueSteps | null> {
  const { name, holder, forMs, now, settings } = asked;
  return firstRow(ask(reader, LOOK, [name, holder, forMs, now, JSON.stringify(settings)]));
}

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

/** Moves a report that is taken: it was sent, cannot be sent, its day is over, or it is tried again. */
export async function moveReport(
  transaction: Transaction,
  key: string,
  to: Pick<typeof digest.$inferInsert, "state" | "ref" | "claimedUntil" | "finishedAt">,
): Promise<void> {
  await transaction
    .update(digest)
    .set(to)
    .where(and(eq(digest.key, key), eq(digest.state, "executing")));
}
