/** What is sent to webhooks: one row for each event and webhook, written with what it tells, until it is delivered or given up. */
import { and, desc, eq } from "#store/db/drizzle.ts";
import { z } from "zod";
import type { JsonObject } from "#core/values/canonical-json.ts";
import { ask, type Reader, type Transaction } from "#store/db/database.ts";
import { webhookDelivery } from "#store/db/schema.ts";
import { storableJson } from "#store/db/storable-text.ts";

/** A delivery as it is stored. */
export type Delivery = typeof webhookDelivery.$inferSelect;

/** One event for one webhook. */
export interface NewDelivery {
  readonly webhookId: string;
  readonly event: string;
  /** Empty for a test. */
  readonly conversationId: string;
  readonly data: JsonObject;
}

/** `$1` the deliveries, `$2` when. The id is what the receiver tells a repetition by. */
const ADD = {
  name: "add_webhook_deliveries",
  text: `
insert into webhook_delivery (id, webhook_id, event, conversation_id, body, next_at, created_at)
select 'msg_' || replace(gen_random_uuid()::text, '-', ''), d.webhook, d.event, d.conversation, d.body,
  $2::timestamptz, $2::timestamptz
from jsonb_to_recordset($1::jsonb) d (webhook text, event text, conversation text, body text)
returning id`,
  row: z.object({ id: z.string() }),
} as const;

/** Writes what webhooks are told, with one statement. They are sent once this is committed. Gives their ids. */
export async function addDeliveries(
  transaction: Transaction,
  deliveries: readonly NewDelivery[],
  now: Date,
): Promise<readonly string[]> {
  const rows = deliveries.map(({ webhookId, event, conversationId, data }) => ({
    webhook: webhookId,
    event,
    conversation: conversationId,
    body: storableJson(data),
  }));
  return (await ask(transaction, ADD, [storableJson(rows), now])).map(({ id }) => id);
}

/** What waits for a webhook that is switched off stays where it is; what waits for one that was removed is nobody's. */
const IS_DUE = `d.state = 'waiting' and d.next_at <= $1::timestamptz
  and exists (select 1 from webhook w where w.id = d.webhook_id and w.off_reason is null)`;

/** For the look that says what is due: whether a delivery is. */
export const DELIVERY_DUE = `exists (select 1 from webhook_delivery d where ${IS_DUE.replace("$1", "$4")})`;

const DUE = {
  name: "due_webhooks",
  text: `select distinct d.webhook_id as id from webhook_delivery d where ${IS_DUE}`,
  row: z.object({ id: z.string() }),
} as const;

/** The webhooks for which something is due. */
export async function dueWebhooks(reader: Reader, now: Date): Promise<readonly string[]> {
  return (await ask(reader, DUE, [now])).map(({ id }) => id);
}

const Taken = z.object({
  id: z.string(),
  event: z.string(),
  body: z.string(),
  attempts: z.int(),
  createdAt: z.coerce.date(),
  webhookId: z.string(),
  url: z.string(),
  secret: z.string(),
  oldSecret: z.string().nullable(),
});
/** A delivery that this process sends now, with where it goes and what it is signed with. */
export type TakenDelivery = z.infer<typeof Taken>;

/**
 * `$1` when, `$2` until when nobody else takes them, `$3` the webhook, `$4` how many. Its next time is moved ahead
 * first, so that one whose process dies while it sends is taken again by another.
 */
const TAKE = {
  name: "take_webhook_deliveries",
  text: `
with due as (
  select d.id from webhook_delivery d where d.webhook_id = $3 and ${IS_DUE}
  order by d.next_at, d.id limit $4::int for update skip locked)
update webhook_delivery d set next_at = $2::timestamptz, attempts = d.attempts + 1
from due, webhook w where d.id = due.id and w.id = d.webhook_id
returning d.id, d.event, d.body, d.attempts, d.created_at as "createdAt", w.id as "webhookId", w.url, w.secret,
  case when w.old_until > $1::timestamptz then w.old_secret end as "oldSecret"`,
  row: Taken,
} as const;

/** Takes what is due for a webhook, at most `limit`, each for this process alone until `until`. */
export function takeDeliveries(
  reader: Reader,
  webhookId: string,
  { now, until, limit }: { readonly now: Date; readonly until: Date; readonly limit: number },
): Promise<readonly TakenDelivery[]> {
  return ask(reader, TAKE, [now, until, webhookId, limit]);
}

/** What the receiver said: `status` null where it gave no answer. */
export interface DeliveryResult {
  readonly status: number | null;
  /** The beginning of its answer, masked, or why there is none. */
  readonly answer: string;
}

/** `$1` the delivery, `$2` its attempt, `$3` its state, `$4` from when on it is tried again, `$5` `$6` what was said. */
const SETTLE = {
  name: "settle_webhook_delivery",
  text: `
update webhook_delivery set state = $3, next_at = $4::timestamptz, status = $5::int, answer = $6
where id = $1 and attempts = $2::int and state = 'waiting' returning id`,
  row: z.object({ id: z.string() }),
} as const;

/** Keeps what became of an attempt; nothing where another process has taken it since. */
export async function settleDelivery(
  reader: Reader,
  { id, attempts }: Pick<TakenDelivery, "id" | "attempts">,
  settled: DeliveryResult & {
    readonly state: "waiting" | "delivered" | "dead";
    readonly nextAt: Date;
  },
): Promise<void> {
  const { state, nextAt, status, answer } = settled;
  await ask(reader, SETTLE, [id, attempts, state, nextAt, status, answer]);
}

/** The newest deliveries, at most `limit`: those of one state where it is given. */
export async function newestDeliveries(
  transaction: Transaction,
  { state, limit }: { readonly state?: "dead"; readonly limit: number },
): Promise<readonly Delivery[]> {
  return transaction
    .select()
    .from(webhookDelivery)
    .where(state === undefined ? undefined : eq(webhookDelivery.state, state))
    .orderBy(desc(webhookDelivery.createdAt), desc(webhookDelivery.id))
    .limit(limit);
}

/** Puts a delivery that was given up back at the beginning of its tries, under its id; false where none was. */
export async function sendAgain(transaction: Transaction, id: string, now: Date): Promise<boolean> {
  const rows = await transaction
    .update(webhookDelivery)
    .set({ state: "waiting", attempts: 0, nextAt: now })
    .where(and(eq(webhookDelivery.id, id), eq(webhookDelivery.state, "dead")))
    .returning({ id: webhookDelivery.id });
  return rows.length === 1;
}
