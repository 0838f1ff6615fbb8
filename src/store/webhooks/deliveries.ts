/** What is sent to webhooks: a row for each event and webhook, written with what it tells, until it is delivered or given up. */
import { and, desc, eq } from "#store/db/drizzle.ts";
import { z } from "zod";
import type { JsonObject } from "#core/values/canonical-json.ts";
import { ask, type Reader, type Transaction } from "#store/db/database.ts";
import { webhookDelivery } from "#store/db/schema.ts";

/** A delivery as it is stored. */
export type Delivery = typeof webhookDelivery.$inferSelect;

/**
 * Writes what webhooks are told, as far as each is there and on; it is sent once this is committed. An id is what a
 * receiver tells a repetition by.
 */
export async function addDeliveries(
  transaction: Transaction,
  deliveries: readonly (Pick<Delivery, "webhookId" | "event" | "conversationId"> & {
    readonly data: JsonObject;
  })[],
  now: Date,
): Promise<void> {
  const rows = deliveries.map(({ webhookId, event, conversationId, data }) => ({
    webhook_id: webhookId,
    event,
    conversation_id: conversationId,
    body: JSON.stringify(data),
  }));
  await ask(transaction, ADD, [JSON.stringify(rows), now]);
}

/**
 * `$1` the deliveries, `$2` now. A process may know a webhook that was removed a moment ago; the lock is that of a
 * foreign key: who removes a webhook waits for these rows and removes them too, and who changes one does not wait.
 */
const ADD = {
  name: "add_webhook_deliveries",
  text: `
with told as (select id from webhook
  where off_reason is null and id in (select webhook_id from jsonb_to_recordset($1::jsonb) as r(webhook_id text))
  order by id for key share)
insert into webhook_delivery (id, webhook_id, event, conversation_id, body, next_at, created_at)
select 'msg_' || replace(gen_random_uuid()::text, '-', ''), told.id, r.event, r.conversation_id, r.body,
  $2::timestamptz, $2::timestamptz
from jsonb_to_recordset($1::jsonb) as r(webhook_id text, event text, conversation_id text, body text)
  join told on told.id = r.webhook_id`,
  row: z.never(),
} as const;

/** What waits for a webhook that is off stays where it is. */
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

/** `$1` when, `$2` until when no other process takes them, `$3` the webhook, `$4` how many. */
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

/** Takes what is due for a webhook, for this process alone until `until`: then it is due again, whatever became of it. */
export function takeDeliveries(
  reader: Reader,
  webhookId: string,
  { now, until, limit }: { readonly now: Date; readonly until: Date; readonly limit: number },
): Promise<readonly TakenDelivery[]> {
  return ask(reader, TAKE, [now, until, webhookId, limit]);
}

/** Keeps what became of an attempt; nothing where another process has taken it since. */
export async function settleDelivery(
  transaction: Transaction,
  { id, attempts }: Pick<TakenDelivery, "id" | "attempts">,
  settled: Pick<Delivery, "state" | "nextAt" | "status" | "answer">,
): Promise<void> {
  const isSame = and(eq(webhookDelivery.id, id), eq(webhookDelivery.attempts, attempts));
  await transaction.update(webhookDelivery).set(settled).where(isSame);
}

/** The newest deliveries, at most `limit`, after those that were given up. */
export async function shownDeliveries(
  transaction: Transaction,
  limit: number,
): Promise<readonly Delivery[]> {
  const { state, createdAt, id } = webhookDelivery;
  return transaction
    .select()
    .from(webhookDelivery)
    .orderBy(desc(eq(state, "dead")), desc(createdAt), desc(id))
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
