import { and, eq, inArray, sql } from "drizzle-orm";
import type { Hint } from "#core/delivery.ts";
import type { Ids } from "#core/ports.ts";
import type { Transaction } from "./driver.ts";
import { conversation, conversationKey, hint as hintTable } from "./schema.ts";

/** What intake did with a hint: `known` when this very event was taken in before. */
export interface TakenIn {
  readonly conversationId: string;
  readonly known: boolean;
}

/**
 * Commits one hint: finds or opens its conversation, remembers all its keys, and puts it into the mailbox. The unique
 * event id makes a second delivery of the same event a no-op.
 */
export async function takeIn(
  transaction: Transaction,
  hint: Hint,
  options: { readonly bodyRef: string | null; readonly receivedAt: Date; readonly ids: Ids },
): Promise<TakenIn> {
  const before = await transaction
    .select({ conversationId: hintTable.conversationId })
    .from(hintTable)
    .where(and(eq(hintTable.channel, hint.channel), eq(hintTable.eventId, hint.eventId)));
  const [seen] = before;
  if (seen !== undefined) return { conversationId: seen.conversationId, known: true };

  const conversationId = await conversationFor(transaction, hint, options);
  const inserted = await transaction
    .insert(hintTable)
    .values({
      channel: hint.channel,
      eventId: hint.eventId,
      conversationId,
      kind: hint.kind,
      payload: hint,
      bodyRef: options.bodyRef,
      receivedAt: options.receivedAt,
    })
    .onConflictDoNothing()
    .returning({ id: hintTable.id });
  return { conversationId, known: inserted.length === 0 };
}

/**
 * The first known key decides. The key row is claimed with an upsert, so two deliveries of one new thread that arrive
 * at the same moment agree on one conversation.
 */
async function conversationFor(
  transaction: Transaction,
  hint: Hint,
  options: { readonly receivedAt: Date; readonly ids: Ids },
): Promise<string> {
  const known = await transaction
    .select()
    .from(conversationKey)
    .where(inArray(conversationKey.key, hint.conversationKeys));
  const byKey = new Map(known.map((row) => [row.key, row.conversationId]));
  const found = hint.conversationKeys.map((key) => byKey.get(key)).find((id) => id !== undefined);
  const conversationId = found ?? (await open(transaction, hint, options));
  await rememberKeys(transaction, conversationId, hint.conversationKeys);
  return conversationId;
}

async function open(
  transaction: Transaction,
  hint: Hint,
  options: { readonly receivedAt: Date; readonly ids: Ids },
): Promise<string> {
  const id = options.ids.next("c");
  await transaction.insert(conversation).values({
    id,
    channel: hint.channel,
    createdAt: options.receivedAt,
    updatedAt: options.receivedAt,
  });
  const [own] = hint.conversationKeys;
  const [claimed] = await transaction
    .insert(conversationKey)
    .values({ key: own ?? id, conversationId: id })
    .onConflictDoUpdate({ target: conversationKey.key, set: { key: sql`excluded.key` } })
    .returning({ conversationId: conversationKey.conversationId });
  return claimed?.conversationId ?? id;
}

/** Remembers names of a conversation; a name that belongs to another one already stays there. */
export async function rememberKeys(
  transaction: Transaction,
  conversationId: string,
  keys: readonly string[],
): Promise<void> {
  if (keys.length === 0) return;
  await transaction
    .insert(conversationKey)
    .values([...new Set(keys)].map((key) => ({ key, conversationId })))
    .onConflictDoNothing();
}

/**
 * Opens the conversation people work in after a hand-over and ties the two together, so that what is said on one side
 * is known on the other. When its own webhook was faster, the conversation that made is used.
 */
export async function openLinked(
  transaction: Transaction,
  linked: {
    readonly origin: string;
    readonly id: string;
    readonly keys: readonly string[];
    readonly externalId: string;
    readonly now: Date;
  },
): Promise<void> {
  const [known] = await transaction
    .select({ id: conversationKey.conversationId })
    .from(conversationKey)
    .where(inArray(conversationKey.key, [...linked.keys]));
  const id = known?.id ?? linked.id;
  const owned = { owner: "human", ownerReason: "handed to people", linkedId: linked.origin };
  if (known === undefined)
    await transaction.insert(conversation).values({
      id,
      channel: "zendesk",
      externalId: linked.externalId,
      ...owned,
      createdAt: linked.now,
      updatedAt: linked.now,
    });
  else await transaction.update(conversation).set(owned).where(eq(conversation.id, id));
  await rememberKeys(transaction, id, linked.keys);
  await transaction
    .update(conversation)
    .set({ linkedId: id })
    .where(eq(conversation.id, linked.origin));
}
