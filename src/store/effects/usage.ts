/**
 * Sums what turns have spent on the model, counts what was written and answered without a person, and books what the
 * policy limits.
 */

import { z } from "zod";
import { addressIn, customerByAddress, PROVEN_LEVEL } from "#core/values/identity.ts";
import type { TurnTrace } from "#core/values/trace.ts";
import { ask, onlyRow, type Reader, rowsOf, type Transaction } from "#store/db/database.ts";
import { and, inArray, sql } from "#store/db/drizzle.ts";
import { storable } from "#gate/kernel/storable-text.ts";
import type { LimitNeeded, LimitUsage, Reservation } from "#core/contracts/policy.ts";
import { lockLimits } from "#store/db/advisory-locks.ts";
import { reservation } from "#store/db/schema.ts";
import { upTo } from "#store/db/statement.ts";
import { ERASED } from "#core/values/message.ts";

/** What one trace used up, by the names of the columns. */
export function spentBy(trace: TurnTrace) {
  return {
    steps: trace.steps,
    output_tokens: trace.output_tokens,
    cost_usd: trace.cost_usd ?? 0,
    latency_ms: trace.latency_ms,
  };
}

/** How long one slot of the sums lasts, in seconds. */
const SLOT_SECONDS = 600;

/**
 * Adds what the traces in a JSON list used up to the sums of all conversations. A row of its own for each: turns that
 * end at the same moment do not wait for each other, and `addUpUsage` keeps the rows few.
 */
export const ADD_USAGE = (source: string): string => `
  insert into turn_usage (slot, turns, steps, output_tokens, cost_usd, latency_ms)
  select to_timestamp(floor(extract(epoch from started_at) / ${SLOT_SECONDS}) * ${SLOT_SECONDS}), 1, steps, output_tokens,
    cost_usd, latency_ms
  from jsonb_to_recordset(${source}) u (
    started_at timestamptz, steps bigint, output_tokens bigint, cost_usd float8, latency_ms float8)`;

/** How long sums are kept, in days: the cap of a day looks back one. */
const KEPT_DAYS = 2;

const ADD_UP = {
  name: "add_up_usage",
  text: `
with old as (delete from turn_usage where slot < $1::timestamptz - interval '${KEPT_DAYS} days'),
gone as (
  delete from turn_usage where slot in (select slot from turn_usage group by slot having count(*) > 1)
    and slot >= $1::timestamptz - interval '${KEPT_DAYS} days'
  returning *)
insert into turn_usage (slot, turns, steps, output_tokens, cost_usd, latency_ms)
select slot, sum(turns), sum(steps), sum(output_tokens), sum(cost_usd), sum(latency_ms) from gone group by slot`,
  row: z.unknown(),
} as const;

/** Makes one row of all rows of a slot; the sums stay as they are. */
export async function addUpUsage(reader: Reader, now: Date): Promise<void> {
  await ask(reader, ADD_UP, [now]);
}

const SUM = `json_build_object('steps', coalesce(sum(steps), 0), 'outputTokens', coalesce(sum(output_tokens), 0),
  'usd', coalesce(sum(cost_usd), 0), 'ms', coalesce(sum(latency_ms), 0))`;

/** What one conversation has used, at any age. */
export const USAGE_OF = (conversationId: string): string =>
  `(select ${SUM} from turn where conversation_id = ${conversationId})`;

/** What all conversations have used since a moment, rounded back to the start of a slot. */
export const USAGE_SINCE = (since: string): string =>
  `(select ${SUM} from turn_usage where slot > ${since} - interval '${SLOT_SECONDS} seconds')`;

/** One of these sums. */
export const TurnUsage = z.object({
  steps: z.number(),
  outputTokens: z.number(),
  /** Turns of a model without a known price count as zero here; tokens bound those. */
  usd: z.number(),
  ms: z.number(),
});
export type TurnUsage = z.infer<typeof TurnUsage>;

const USED = {
  name: "used_now",
  text: `select ${USAGE_OF("$1")} as here, ${USAGE_SINCE("$2::timestamptz - interval '24 hours'")} as "ofDay"`,
  row: z.object({ here: TurnUsage, ofDay: TurnUsage }),
} as const;

/** What one conversation has used, and what all have within 24 hours, for a call of the model outside any turn. */
export async function usageAt(reader: Reader, conversationId: string, now: Date) {
  return onlyRow(await ask(reader, USED, [conversationId, now]));
}

const SHARES = {
  name: "used_shares",
  text: `
with lately as materialized (
  select conversation_id, (trace ->> 'identity_level')::int as level, steps, output_tokens, cost_usd, latency_ms
  from turn where started_at > $2::timestamptz - interval '24 hours'),
written as (
  select h.conversation_id, h.id, h.payload -> 'data' ->> 'network' as network from hint h
  where h.conversation_id in (select conversation_id from lately union select $3)
    and h.payload -> 'data' ->> 'network' is not null)
select (select ${SUM} from lately where level < ${PROVEN_LEVEL}) as unproven,
  (select ${SUM} from lately where conversation_id in (
    select conversation_id from message where author_kind = 'requester' and author_id = $1)) as writer,
  (select ${SUM} from lately where conversation_id in (select conversation_id from written
    where network = (select network from written where conversation_id = $3 order by id desc limit 1))) as network`,
  row: z.object({ unproven: TurnUsage, writer: TurnUsage, network: TurnUsage }),
} as const;

/**
 * What turns have used within 24 hours for all who are not proven to be somebody, for one writer on any level, and for
 * the network that an unsigned visitor of this chat writes from: nothing where it is unknown, as in mails.
 */
export async function usageOfShares(
  reader: Reader,
  { writer, conversationId }: { readonly writer: string; readonly conversationId: string },
  now: Date,
) {
  return onlyRow(await ask(reader, SHARES, [writer, now, conversationId]));
}

const ADD = { name: "add_usage", text: ADD_USAGE("$1::jsonb"), row: z.unknown() } as const;

/** Adds a call of the model outside any turn to the sums of all conversations. */
export async function addUsage(
  reader: Reader,
  spent: { readonly startedAt: Date; readonly ms: number } & Pick<TurnUsage, "outputTokens"> & {
      readonly costUsd: number | null;
      /** How many calls; one when left out. */
      readonly steps?: number;
    },
): Promise<void> {
  const used = {
    started_at: spent.startedAt,
    steps: spent.steps ?? 1,
    output_tokens: spent.outputTokens,
    cost_usd: spent.costUsd ?? 0,
    latency_ms: spent.ms,
  };
  await ask(reader, ADD, [JSON.stringify([used])]);
}

const EFFECTS = (conversationId: string, since: string, which: string): string =>
  `(select count(*)::int from effect e where e.conversation_id = ${conversationId} and ${which} and ${since})`;

const ANSWERED =
  "e.operation = 'reply' and e.approved_by = 'policy' and e.state not in ('withdrawn', 'failed')";

/** What was written and answered in a conversation lately, up to a moment. */
export const RECENT = (conversationId: string, now: string): string => `json_build_object(
  'writes', ${EFFECTS(conversationId, `e.finished_at >= ${now} - interval '10 minutes'`, "e.target = c.channel and e.state = 'done' and e.approved_by = 'policy' and e.operation <> 'note'")},
  'answersOfHour', ${EFFECTS(conversationId, `e.created_at >= ${now} - interval '1 hour'`, ANSWERED)},
  'answersOfDay', ${EFFECTS(conversationId, `e.created_at >= ${now} - interval '24 hours'`, ANSWERED)})`;

/** How much was written into a conversation lately without a person. */
export const RecentWrites = z.object({
  /** Within ten minutes, by any process and in its own channel, on the policy's approval alone; notes are for people. */
  writes: z.int(),
  /** Replies sent or under way on the policy's approval alone, unread by any person. */
  answersOfHour: z.int(),
  answersOfDay: z.int(),
});
export type RecentWrites = z.infer<typeof RecentWrites>;

const LimitUsed = z.object({ count: z.coerce.number(), minor: z.coerce.number() });

/** How much of each limit is used since its window opened. */
export async function limitUsage(
  transaction: Transaction,
  needed: readonly Pick<LimitNeeded, "limit" | "subject" | "since">[],
): Promise<Readonly<Record<string, LimitUsage>>> {
  const usage: Record<string, LimitUsage> = {};
  for (const { limit, subject, since } of needed) {
    // A customer known by address alone was booked under the bare address up to 0.4.0.
    const subjects = [subject, addressIn(subject) ?? subject].map(storable);
    const used = sql`select count(*) as count, coalesce(sum(minor), 0) as minor from reservation
      where limit_name = ${limit} and subject in ${subjects} and at >= ${since}`;
    usage[limit] = onlyRow(await rowsOf(transaction, LimitUsed, used));
  }
  return usage;
}

/** What one effect uses of its limits. */
export interface Booking {
  readonly key: string;
  readonly reservations: readonly Reservation[];
}

/**
 * Books what effects use of their limits, in the transaction that intends them. All locks are taken at once, and bookings
 * of one limit run one after another, so two turns that both saw room cannot both take it. False when there is no room:
 * the transaction has to be taken back.
 */
export async function reserve(
  transaction: Transaction,
  bookings: readonly Booking[],
  now: Date,
): Promise<boolean> {
  await lockLimits(
    transaction,
    bookings.flatMap(({ reservations }) => reservations),
  );
  for (const { key, reservations } of bookings) {
    for (const { limit, subject, since, minor, countMax, minorMax } of reservations) {
      const needed = { limit, subject, since: new Date(since) };
      const used = (await limitUsage(transaction, [needed]))[limit] ?? { count: 0, minor: 0 };
      if (countMax !== null && used.count + 1 > countMax) return false;
      if (minorMax !== null && used.minor + minor > minorMax) return false;
    }
    const booked = reservations.map(({ limit: limitName, subject, minor }) => {
      return { effectKey: key, limitName, subject, minor, at: now };
    });
    if (booked.length > 0)
      await transaction.insert(reservation).values(booked).onConflictDoNothing();
  }
  return true;
}

/** Takes the addresses of an erased person, in lower case, out of bookings, all of them or `until` a moment. */
export async function forgetSubjects(
  transaction: Transaction,
  addresses: readonly string[],
  until: Date | null,
): Promise<void> {
  const subjects = addresses.flatMap((address) => [address, customerByAddress(address)]);
  await transaction
    .update(reservation)
    .set({ subject: ERASED })
    .where(and(inArray(sql`lower(${reservation.subject})`, subjects), upTo(reservation.at, until)));
}

/** Releases the bookings of effects that will not happen. */
export async function releaseReservations(
  transaction: Transaction,
  effectKeys: readonly string[],
): Promise<void> {
  if (effectKeys.length === 0) return;
  await transaction.delete(reservation).where(inArray(reservation.effectKey, [...effectKeys]));
}
