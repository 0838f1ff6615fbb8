/** What Deskhand knows after downtime or a restore, and which effects must be looked up first. */
import { and, eq, inArray, isNull, lt, lte, ne, or, sql } from "#store/db/drizzle.ts";
import { z } from "zod";
import type { Action } from "#core/values/action.ts";
import { digest } from "#core/values/canonical-json.ts";
import {
  ask,
  firstRow,
  onlyRow,
  type Reader,
  type Transaction,
  valuesOf,
} from "#store/db/database.ts";
import { type Effect, effectIn } from "./ledger.ts";
import { effect } from "#store/db/schema.ts";
import { hasOpenMessage } from "#store/conversations/due-work.ts";
import { storable } from "#gate/kernel/storable-text.ts";
import { newestMigration } from "#store/db/migrate.ts";
import { storedSetting } from "#store/db/settings.ts";
import { DAY_MS } from "#core/values/moment.ts";

/** Sources that are unavailable at the restart deliver old messages late, so look-ups continue for this long. */
const LOOK_ON_MS = DAY_MS;

/** Deskhand was down, or its database is older than what happened outside. Over once an operator resumes. */
export const Downtime = z.strictObject({
  /** `restored`: the database is older than what was done outside. `away`: it is current, but Deskhand was down. */
  reason: z.enum(["restored", "away"]),
  /** The end of what this database knows: when the backup was taken, or when a process was last seen. */
  since: z.iso.datetime(),
  /** When it came back; null between the restore and the next start. */
  beganAt: z.iso.datetime().nullable(),
  resumedAt: z.iso.datetime().nullable(),
});
export type Downtime = z.infer<typeof Downtime>;

/** The latest downtime; never written where there was none. */
export const DOWNTIME = storedSetting("return", Downtime);

/** Written by a restore for the next start. */
export function markRestored(transaction: Transaction, takenAt: string): Promise<void> {
  return DOWNTIME.write(transaction, {
    reason: "restored",
    since: takenAt,
    beganAt: null,
    resumedAt: null,
  });
}

/** An operator resumed: the downtime is over. */
export async function endDowntime(transaction: Transaction, now: Date): Promise<void> {
  const back = await DOWNTIME.read(transaction);
  if (back === null || back.beganAt === null || back.resumedAt !== null) return;
  await DOWNTIME.write(transaction, { ...back, resumedAt: now.toISOString() });
}

/** The progress of asking the shop about refunds since the backup. */
const RefundsLooked = z.strictObject({
  /** Identifies the downtime it belongs to. */
  beganAt: z.iso.datetime(),
  /** The last conversation whose customers were looked up. */
  after: z.string(),
  done: z.boolean(),
});

/** How far the shop was asked; not there before the first look-up. */
export const REFUNDS_LOOKED = storedSetting("return-refunds", RefundsLooked);

/** Conversations updated since this moment, ordered by id, after the given one. */
export function conversationsSince(
  transaction: Transaction,
  { after, touchedSince, limit }: { after: string; touchedSince: Date; limit: number },
): Promise<readonly string[]> {
  return valuesOf(
    transaction,
    z.string(),
    sql`select id from conversation where id > ${after} and updated_at >= ${touchedSince}
        order by id limit ${limit}`,
  );
}

/** Stands for when a process was at work that never was. */
const NEVER_AT_WORK = "epoch";

const BEAT = {
  name: "beat",
  text: `
with seen as (
  insert into heartbeat (worker, at, seen_at, stopped, knows)
  values ($1, coalesce($2::timestamptz, '${NEVER_AT_WORK}'), now(), false, $3)
  on conflict (worker) do update
    set at = coalesce($2, heartbeat.at), seen_at = excluded.seen_at, stopped = false, knows = excluded.knows)
select (select value from setting where name = '${DOWNTIME.name}') as downtime`,
  row: z.object({ downtime: z.unknown() }),
} as const;

/**
 * Records that this process is running; gives the latest downtime. `now` is null for one that does no work, whose life
 * does not tell how long no worker was at work.
 */
export async function recordHeartbeat(
  reader: Reader,
  worker: string,
  now: Date | null,
): Promise<Downtime | null> {
  const row = onlyRow(await ask(reader, BEAT, [worker, now, newestMigration()]));
  return DOWNTIME.from(row.downtime);
}

/** Records that this process ended regularly, so that it does not count as running. */
export async function stopHeartbeat(transaction: Transaction, worker: string): Promise<void> {
  await transaction.execute(sql`update heartbeat set stopped = true where worker = ${worker}`);
}

/** When any worker was last seen, by the business clock; null before the first start. */
export async function lastHeartbeat(transaction: Transaction): Promise<Date | null> {
  const last = sql`select max(at) from heartbeat where at > ${NEVER_AT_WORK}`;
  return onlyRow(await valuesOf(transaction, z.coerce.date().nullable(), last));
}

/** True when work from before is unfinished: an effect, a card, a hint, or a message without an outcome. */
export async function hasOpenEnds(transaction: Transaction): Promise<boolean> {
  const isOpen = await valuesOf(
    transaction,
    z.boolean(),
    sql`select exists (select 1 from effect where state in ('intended', 'executing'))
        or exists (select 1 from effect where state = 'unknown')
        or exists (select 1 from approval where state = 'pending')
        or exists (select 1 from hint where state = 'unread')
        or ${sql.raw(hasOpenMessage())}`,
  );
  return onlyRow(isOpen);
}

/** Waiting cards last changed before this moment. */
export function cardsFromBefore(
  transaction: Transaction,
  before: Date,
): Promise<readonly string[]> {
  const older = sql`select id from approval where state = 'pending' and updated_at < ${before}`;
  return valuesOf(transaction, z.string(), older);
}

/** The most recently updated conversation, to attach a notice to the team to; null when there is none. */
export function newestConversation(transaction: Transaction): Promise<string | null> {
  const newest = sql`select id from conversation order by updated_at desc limit 1`;
  return firstRow(valuesOf(transaction, z.string(), newest));
}

/**
 * Of these effects, those that may have happened without this database knowing, and that were not looked up since the
 * downtime `back`. Notices to the team are left out: twice is better than never.
 */
export async function toLookUpFirst(
  transaction: Transaction,
  back: Downtime | null,
  keys: readonly string[],
): Promise<ReadonlySet<string>> {
  if (back === null || back.beganAt === null || keys.length === 0) return new Set();
  const until = back.resumedAt === null ? null : new Date(Date.parse(back.resumedAt) + LOOK_ON_MS);
  const rows = await transaction
    .select({ key: effect.key })
    .from(effect)
    .where(
      and(
        inArray(effect.key, [...keys]),
        ne(effect.target, "desk"),
        notLookedUpSince(back.beganAt),
        ...(until === null ? [] : [lte(effect.createdAt, until)]),
      ),
    );
  return new Set(rows.map(({ key }) => key));
}

/** Effects with an unknown outcome that were not looked up since the downtime. */
export async function unknownEffects(
  transaction: Transaction,
  beganAt: string,
): Promise<readonly Effect[]> {
  const rows = await transaction
    .select()
    .from(effect)
    .where(and(eq(effect.state, "unknown"), notLookedUpSince(beganAt)))
    .limit(20);
  return rows.map(effectIn);
}

/** How many open effects still have to be looked up. */
export async function stillToLookUp(transaction: Transaction, beganAt: string): Promise<number> {
  return transaction.$count(
    effect,
    and(
      inArray(effect.state, ["intended", "executing", "unknown"]),
      ne(effect.target, "desk"),
      notLookedUpSince(beganAt),
    ),
  );
}

function notLookedUpSince(beganAt: string) {
  return or(isNull(effect.lookedUpAt), lt(effect.lookedUpAt, new Date(beganAt)));
}

/** Its target said that it had not happened. The time is never before the restart, even by a clock that is slow. */
export async function markLookedUp(
  transaction: Transaction,
  key: string,
  now: Date,
): Promise<void> {
  const back = await DOWNTIME.read(transaction);
  const at = Math.max(now.getTime(), Date.parse(back?.beganAt ?? now.toISOString()));
  await transaction
    .update(effect)
    .set({ lookedUpAt: new Date(at) })
    .where(eq(effect.key, key));
}

/** An effect found at a target but in no row. */
export interface FoundEffect {
  readonly key: string;
  readonly conversationId: string;
  readonly action: Action;
  readonly ref: string;
}

/** The prefix of bundles of effects that were found and not decided here. */
const FOUND = "found:";

/**
 * Records an effect of ours that only its target knows. Who decided it is lost with the newer database, so it counts as
 * the policy's. False when the ledger has it already.
 */
export async function adoptEffect(
  transaction: Transaction,
  found: FoundEffect,
  now: Date,
): Promise<boolean> {
  const values = {
    key: found.key,
    conversationId: found.conversationId,
    bundle: `${FOUND}${digest(found.key).slice(0, 32)}`,
    position: 0,
    target: found.action.target,
    operation: found.action.operation,
    action: found.action,
    requestDigest: digest(found.action),
    facts: [],
    approvedBy: "policy" as const,
    state: "done" as const,
    ref: found.ref,
    error: "found at its target after a restore",
    notBefore: now,
    createdAt: now,
    finishedAt: now,
    lookedUpAt: now,
  };
  const rows = await transaction
    .insert(effect)
    .values(values)
    .onConflictDoUpdate({
      target: effect.key,
      set: values,
      setWhere: inArray(effect.state, ["withdrawn", "failed"]),
    })
    .returning({ key: effect.key });
  return rows.length > 0;
}

/** Of these keys, those the ledger knows by itself: decided here, and not merely found. */
export async function knownKeys(
  transaction: Transaction,
  keys: readonly string[],
): Promise<ReadonlySet<string>> {
  if (keys.length === 0) return new Set();
  const known = await valuesOf(
    transaction,
    z.string(),
    sql`select key from effect where key in ${keys.map(storable)} and not starts_with(bundle, ${FOUND})
          and state not in ('withdrawn', 'failed')`,
  );
  return new Set(known);
}
