/**
 * Room: outgoing webhooks: who is told of which events, and what is sent to them.
 * In: webhooks that a lead configures; events, in the transactions that make them.
 * Out: deliveries that are due, and what became of them.
 * May touch: the database only; it calls no server.
 * This file: the webhooks themselves, and the list of them that each process keeps.
 */
import { asc, eq, isNull, sql } from "#store/db/drizzle.ts";
import { z } from "zod";
import type { Log } from "#core/contracts/ports.ts";
import { reasonOf } from "#core/values/errors.ts";
import {
  ask,
  databaseNotices,
  type Reader,
  type Store,
  type Transaction,
} from "#store/db/database.ts";
import { noticeSql } from "#store/db/notices.ts";
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

/** While notices are silent for longer, such as behind a pooler, the list is read again before it is used. */
const SILENT_MS = 5_000;
const FRESH_MS = 2_000;

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
 * The webhooks that are told of this event. It asks the database for nothing, but where no notice of a change can be
 * heard: there it reads the list again every other second, within the caller's transaction.
 */
export async function webhooksFor(
  store: Store,
  transaction: Transaction,
  event: WebhookEvent,
): Promise<readonly z.infer<typeof Told>[]> {
  const now = known.get(store);
  if (now === undefined) return [];
  const isSilent = databaseNotices(store).silentMs() > SILENT_MS;
  if (isSilent && performance.now() - now.readAt > FRESH_MS) await readList(store, transaction);
  return known.get(store)?.list.filter(({ events }) => events.has(event)) ?? [];
}

/** All webhooks, the oldest first. */
export async function allWebhooks(transaction: Transaction): Promise<readonly Webhook[]> {
  return transaction.select().from(webhook).orderBy(asc(webhook.createdAt), asc(webhook.id));
}

/** Adds a webhook, and tells every process. */
export async function addWebhook(
  transaction: Transaction,
  added: Pick<Webhook, "id" | "url" | "events" | "withText" | "secret" | "createdAt">,
): Promise<void> {
  await transaction.insert(webhook).values(added);
  await announce(transaction);
}

/** Changes a webhook, if there is one, and tells every process. What waits for one that is off stays until it is on. */
export async function changeWebhook(
  transaction: Transaction,
  id: string,
  change: Partial<Pick<Webhook, "secret" | "oldSecret" | "oldUntil" | "offReason">>,
): Promise<void> {
  await transaction.update(webhook).set(change).where(eq(webhook.id, id));
  await announce(transaction);
}

/** Switches every webhook off that is on. */
export async function switchAllOff(transaction: Transaction, offReason: string): Promise<void> {
  await transaction.update(webhook).set({ offReason }).where(isNull(webhook.offReason));
  await announce(transaction);
}

/** Removes a webhook with everything that was sent to it. */
export async function removeWebhook(transaction: Transaction, id: string): Promise<void> {
  await transaction.delete(webhook).where(eq(webhook.id, id));
  await transaction.delete(webhookDelivery).where(eq(webhookDelivery.webhookId, id));
  await announce(transaction);
}

async function announce(transaction: Transaction): Promise<void> {
  await transaction.execute(sql.raw(`select ${noticeSql("webhooks", "''")}`));
}
