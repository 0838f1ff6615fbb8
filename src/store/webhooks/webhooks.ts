/**
 * Room: outgoing webhooks: who is told of which events, and what is sent to them.
 * In: webhooks that a lead configures; events, in the transactions that make them.
 * Out: deliveries that are due, and what became of them.
 * May touch: the database only; it calls no server.
 * This file: the webhooks themselves, the list of them that each process keeps, and a row for each event and webhook,
 * which is written with what it tells and kept until it is delivered or given up.
 */
import { randomBytes } from "node:crypto";
import { and, asc, desc, eq, isNull } from "#store/db/drizzle.ts";
import { z } from "zod";
import type { Log } from "#core/contracts/ports.ts";
import type { JsonObject } from "#core/values/canonical-json.ts";
import { reasonOf } from "#core/values/errors.ts";
import {
  announce,
  ask,
  databaseNotices,
  type Reader,
  type Store,
  type Transaction,
} from "#store/db/database.ts";
import { goodForMs } from "#store/db/notices.ts";
import { having } from "#store/db/statement.ts";
import { webhook, webhookDelivery } from "#store/db/schema.ts";

/** What a webhook may be told. */
export const WebhookEvent = z.enum([
  "card.made",
  "card.decided",
  "card.expired",
  "case.handed_over",
  "case.resolved",
  "effect.done",
  "effect.failed",
]);
export type WebhookEvent = z.infer<typeof WebhookEvent>;

/** A webhook as it is stored. */
export type Webhook = typeof webhook.$inferSelect;

/** A delivery as it is stored. */
export type Delivery = typeof webhookDelivery.$inferSelect;

const Told = z.object({
  id: z.string(),
  // A newer version may know more events.
  events: z.string().transform((names) => new Set(names.split(" "))),
  withText: z.boolean(),
});

const TOLD = {
  name: "told_webhooks",
  text: `select id, events, with_text as "withText" from webhook where off_reason is null order by id`,
  row: Told,
} as const;

/** What this process knows of the webhooks. */
const known = new WeakMap<
  Store,
  { readonly list: readonly z.infer<typeof Told>[]; readonly readAt: number }
>();

/**
 * Reads the list for this process, and again whenever a notice says that it changed. Without it, no webhook of this
 * store is told anything. The returned function lets go of it.
 */
export async function followWebhooks(store: Store, log: Pick<Log, "warn">): Promise<() => void> {
  let reading = readList(store, store);
  const unfollow = databaseNotices(store).follow("webhooks", () => {
    // One after the other, so that the last one read is the newest.
    reading = reading
      .then(() => readList(store, store))
      .catch((error: unknown) =>
        log.warn("webhooks are those known before", { reason: reasonOf(error) }),
      );
  });
  await reading;
  return () => {
    unfollow();
    known.delete(store);
  };
}

async function readList(store: Store, reader: Reader): Promise<void> {
  known.set(store, { list: await ask(reader, TOLD, []), readAt: performance.now() });
}

/**
 * The webhooks that are told of this event. The list is read again once it is no longer good, within the caller's
 * transaction: every other second where no notice of a change can be heard, otherwise twice a minute.
 */
export async function webhooksFor(
  store: Store,
  transaction: Transaction,
  event: WebhookEvent,
): Promise<readonly z.infer<typeof Told>[]> {
  const now = known.get(store);
  if (now === undefined) return [];
  if (performance.now() - now.readAt > goodForMs(databaseNotices(store)))
    await readList(store, transaction);
  return known.get(store)?.list.filter(({ events }) => events.has(event)) ?? [];
}

/** All webhooks, the oldest first. */
export async function allWebhooks(transaction: Transaction): Promise<readonly Webhook[]> {
  return transaction.select().from(webhook).orderBy(asc(webhook.createdAt), asc(webhook.id));
}

/** What secrets begin with, by Standard Webhooks; what follows is base64. */
export const SECRET_PREFIX = "whsec_";

/** A new secret of 32 bytes, of the 24 to 64 that Standard Webhooks asks for. */
export function newWebhookSecret(): string {
  return `${SECRET_PREFIX}${randomBytes(32).toString("base64")}`;
}

/** Adds a webhook, and tells every process. */
export async function addWebhook(
  transaction: Transaction,
  added: Pick<Webhook, "id" | "url" | "events" | "withText" | "secret" | "createdAt">,
): Promise<void> {
  await transaction.insert(webhook).values(added);
  await announce(transaction, "webhooks");
}

/** Changes a webhook, if there is one, and tells every process. What waits for one that is off stays until it is on. */
export async function changeWebhook(
  transaction: Transaction,
  id: string,
  change: Partial<Pick<Webhook, "secret" | "oldSecret" | "oldUntil" | "offReason">>,
): Promise<void> {
  await transaction.update(webhook).set(change).where(eq(webhook.id, id));
  await announce(transaction, "webhooks");
}

/** Switches every webhook off that is on. */
export async function switchAllOff(transaction: Transaction, offReason: string): Promise<void> {
  await transaction.update(webhook).set({ offReason }).where(isNull(webhook.offReason));
  await announce(transaction, "webhooks");
}

/** Removes a webhook with everything that was sent to it. */
export async function removeWebhook(transaction: Transaction, id: string): Promise<void> {
  await transaction.delete(webhook).where(eq(webhook.id, id));
  await transaction.delete(webhookDelivery).where(eq(webhookDelivery.webhookId, id));
  await announce(transaction, "webhooks");
}

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
  const isSame = having(webhookDelivery, { id, attempts });
  await transaction.update(webhookDelivery).set(settled).where(isSame);
}

/** The newest deliveries, at most `limit`; only those that were given up, or all. */
export async function shownDeliveries(
  transaction: Transaction,
  limit: number,
  which: "given up" | "all" = "all",
): Promise<readonly Delivery[]> {
  const { createdAt, id } = webhookDelivery;
  return transaction
    .select()
    .from(webhookDelivery)
    .where(which === "all" ? undefined : IS_GIVEN_UP)
    .orderBy(desc(createdAt), desc(id))
    .limit(limit);
}

const IS_GIVEN_UP = eq(webhookDelivery.state, "dead");

/** How many deliveries were given up. */
export function givenUpCount(transaction: Transaction): Promise<number> {
  return transaction.$count(webhookDelivery, IS_GIVEN_UP);
}

/**
 * Puts a delivery that was given up, or all of them, back at the beginning of its tries, under its id; false where none
 * was.
 */
export async function sendAgain(transaction: Transaction, id: string, now: Date): Promise<boolean> {
  const rows = await transaction
    .update(webhookDelivery)
    .set({ state: "waiting", attempts: 0, nextAt: now })
    .where(id === "all" ? IS_GIVEN_UP : and(IS_GIVEN_UP, eq(webhookDelivery.id, id)))
    .returning({ id: webhookDelivery.id });
  return rows.length > 0;
}
