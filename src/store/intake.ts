import { and, eq, inArray, sql } from "./drizzle.ts";
import type { Hint } from "#core/delivery.ts";
import type { Ids } from "#core/ports.ts";
import type { Transaction } from "./driver.ts";
import { erasedName } from "./erased-names.ts";
import { conversationIdFor } from "./naming.ts";
import { conversation, conversationKey, hint as hintTable } from "./schema.ts";
import { storable } from "./storable.ts";

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
    .where(
      and(
        eq(hintTable.channel, hint.channel),
        // The name of an event may have named a person who was erased since.
        inArray(hintTable.eventId, [hint.eventId, erasedName(hint.eventId)]),
      ),
    );
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

/** The first known key decides; when none is known a conversation is opened. All of them are remembered. */
async function conversationFor(
  transaction: Transaction,
  hint: Hint,
  options: { readonly receivedAt: Date; readonly ids: Ids },
): Promise<string> {
  const keys = [...new Set(hint.conversationKeys.map(storable))];
  const before = await knownKeys(transaction, keys);
  const first = firstKnown(keys, before);
  if (first !== undefined && before.size === keys.length) return first;
  await namingLock(transaction, hint.channel);
  const conversationId =
    firstKnown(keys, await knownKeys(transaction, keys)) ??
    (await open(transaction, hint, keys, options));
  await rememberKeys(transaction, conversationId, keys);
  return conversationId;
}

/** Any number no other lock of ours has. */
const NAMING_LOCK = 71_239_420;

/**
 * Whoever gives new names to conversations of a channel queues here until the other's commit: deliveries of one thread
 * that arrive at the same moment then see each other's names, and no two wait for each other's.
 */
async function namingLock(transaction: Transaction, channel: string): Promise<void> {
  await transaction.execute(
    sql`select pg_advisory_xact_lock(${NAMING_LOCK}, hashtext(${channel}))`,
  );
}

async function knownKeys(
  transaction: Transaction,
  keys: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const rows = await transaction
    .select()
    .from(conversationKey)
    .where(inArray(conversationKey.key, [...keys]));
  return new Map(rows.map((row) => [row.key, row.conversationId]));
}

function firstKnown(
  keys: readonly string[],
  known: ReadonlyMap<string, string>,
): string | undefined {
  return keys.map((key) => known.get(key)).find((id) => id !== undefined);
}

function open(
  transaction: Transaction,
  hint: Hint,
  keys: readonly string[],
  options: { readonly receivedAt: Date; readonly ids: Ids },
): Promise<string> {
  const { channel } = hint;
  const { receivedAt, ids } = options;
  const row = { channel, createdAt: receivedAt, updatedAt: receivedAt };
  return insertNamed(transaction, keys, row, () => ids.next("c"));
}

/** Its id follows from its names; where a conversation had them before and lost them, this one gets another. */
async function insertNamed(
  transaction: Transaction,
  keys: readonly string[],
  row: Omit<typeof conversation.$inferInsert, "id">,
  otherwise: () => string,
): Promise<string> {
  const id = await conversationIdFor(transaction, row.channel, keys);
  const [made] = await transaction
    .insert(conversation)
    .values({ ...row, id })
    .onConflictDoNothing()
    .returning({ id: conversation.id });
  if (made !== undefined) return made.id;
  const other = otherwise();
  await transaction.insert(conversation).values({ ...row, id: other });
  return other;
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
    /** Its id where the one that follows from its names is taken. */
    readonly otherwiseId: string;
    readonly keys: readonly string[];
    readonly externalId: string;
    readonly now: Date;
  },
): Promise<void> {
  await namingLock(transaction, "zendesk");
  const known = firstKnown(linked.keys, await knownKeys(transaction, linked.keys));
  const owned = { owner: "human", ownerReason: "handed to people", linkedId: linked.origin };
  const row = {
    channel: "zendesk",
    externalId: linked.externalId,
    ...owned,
    createdAt: linked.now,
    updatedAt: linked.now,
  };
  const id = known ?? (await insertNamed(transaction, linked.keys, row, () => linked.otherwiseId));
  if (known !== undefined)
    await transaction.update(conversation).set(owned).where(eq(conversation.id, id));
  await rememberKeys(transaction, id, linked.keys);
  await transaction
    .update(conversation)
    .set({ linkedId: id })
    .where(eq(conversation.id, linked.origin));
}
