import { ADVISORY_LOCKS } from "#store/db/advisory-locks.ts";
import { and, eq, inArray, sql } from "#store/db/drizzle.ts";
import type { Hint } from "#core/values/delivery.ts";
import type { Ids } from "#core/contracts/ports.ts";
import type { Transaction } from "#store/db/database.ts";
import { erasedName } from "#store/people/erased-name.ts";
import { conversationIdFor } from "./conversation-id.ts";
import { conversation, conversationKey, hint as hintTable } from "#store/db/schema.ts";
import { storable } from "#store/db/storable-text.ts";

/** What intake did with a hint: `known` when this very event was taken in before. */
export interface AcceptedHints {
  readonly conversationId: string;
  readonly known: boolean;
}

const DAY_MS = 86_400_000;

/** How a hint is taken in. */
interface Taking {
  readonly bodyRef: string | null;
  readonly receivedAt: Date;
  readonly ids: Ids;
}

/**
 * Commits one hint: finds or opens its conversation, remembers all its keys, and puts it into the mailbox. The unique
 * event id makes a second delivery of the same event a no-op.
 */
export async function acceptHints(
  transaction: Transaction,
  hint: Hint,
  options: Taking,
): Promise<AcceptedHints> {
  const seen = await seenBefore(transaction, hint);
  if (seen !== null) return seen;
  return put(transaction, hint, await conversationFor(transaction, hint, options), options);
}

/**
 * The same for a hint that opens no conversation. Null when none is known under its names, or when an earlier hint of the
 * same delivery went to that one.
 */
export async function acceptHintsWith(
  transaction: Transaction,
  hint: Hint,
  options: Taking & { readonly earlier: readonly string[] },
): Promise<AcceptedHints | null> {
  const seen = await seenBefore(transaction, hint);
  if (seen !== null) return seen;
  const { earlier } = options;
  const keys = [...new Set(hint.conversationKeys.map(storable))];
  const conversationId = firstKnown(keys, await knownKeys(transaction, keys));
  if (conversationId === undefined || earlier.includes(conversationId)) return null;
  await namingLock(transaction, hint.channel);
  await rememberKeys(transaction, conversationId, keys);
  return put(transaction, hint, { conversationId, related: earlier[0] ?? null }, options);
}

async function seenBefore(transaction: Transaction, hint: Hint): Promise<AcceptedHints | null> {
  const [seen] = await transaction
    .select({ conversationId: hintTable.conversationId })
    .from(hintTable)
    .where(
      and(
        eq(hintTable.channel, hint.channel),
        // The name of an event may have named a person who was erased since.
        inArray(hintTable.eventId, [hint.eventId, erasedName(hint.eventId)]),
      ),
    );
  return seen === undefined ? null : { conversationId: seen.conversationId, known: true };
}

async function put(
  transaction: Transaction,
  hint: Hint,
  { conversationId, related }: HintPlace,
  { bodyRef, receivedAt }: Taking,
): Promise<AcceptedHints> {
  const inserted = await transaction
    .insert(hintTable)
    .values({
      channel: hint.channel,
      eventId: hint.eventId,
      conversationId,
      kind: hint.kind,
      payload: related === null ? hint : { ...hint, related },
      bodyRef,
      receivedAt,
    })
    .onConflictDoNothing()
    .returning({ id: hintTable.id });
  return { conversationId, known: inserted.length === 0 };
}

/** Where a hint belongs, with the conversation that one has to do with. */
interface HintPlace {
  readonly conversationId: string;
  readonly related: string | null;
}

/** The first known key decides; when none is known a conversation is opened. All of them are remembered. */
async function conversationFor(
  transaction: Transaction,
  hint: Hint,
  options: Taking,
): Promise<HintPlace> {
  const keys = [...new Set(hint.conversationKeys.map(storable))];
  const before = await knownKeys(transaction, keys);
  const first = firstKnown(keys, before);
  const isOver = first !== undefined && (await rests(transaction, first, hint, options));
  if (first !== undefined && before.size === keys.length && !isOver)
    return { conversationId: first, related: null };
  await namingLock(transaction, hint.channel);
  // Whoever waited for the lock may find that somebody else has gone on with it meanwhile.
  const known = firstKnown(keys, await knownKeys(transaction, keys));
  if (known !== undefined && (await rests(transaction, known, hint, options))) {
    const conversationId = await open(transaction, hint, keys, options);
    await passKeys(transaction, known, conversationId, keys);
    return { conversationId, related: known };
  }
  const conversationId = known ?? (await open(transaction, hint, keys, options));
  await rememberKeys(transaction, conversationId, keys);
  return { conversationId, related: null };
}

/** Whether nothing has happened in a conversation for as long as the hint says one lives. */
async function rests(
  transaction: Transaction,
  conversationId: string,
  { restDaysMax }: Hint,
  { receivedAt }: Taking,
): Promise<boolean> {
  if (restDaysMax === undefined) return false;
  const [row] = await transaction
    .select({ updatedAt: conversation.updatedAt })
    .from(conversation)
    .where(eq(conversation.id, conversationId));
  return row !== undefined && receivedAt.getTime() - row.updatedAt.getTime() > restDaysMax * DAY_MS;
}

/** The names this thread was called by lead to the conversation it goes on in. */
async function passKeys(
  transaction: Transaction,
  from: string,
  to: string,
  keys: readonly string[],
): Promise<void> {
  await transaction
    .update(conversationKey)
    .set({ conversationId: to })
    .where(and(eq(conversationKey.conversationId, from), inArray(conversationKey.key, [...keys])));
  await rememberKeys(transaction, to, keys);
}

/**
 * Whoever gives new names to conversations of a channel queues here until the other's commit: deliveries of one thread
 * that arrive at the same moment then see each other's names, and no two wait for each other's.
 */
async function namingLock(transaction: Transaction, channel: string): Promise<void> {
  await transaction.execute(
    sql`select pg_advisory_xact_lock(${ADVISORY_LOCKS.conversationNames}, hashtext(${channel}))`,
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
  options: Taking,
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
