/**
 * Room: The inbox: hints taken in but not read, raw bodies and attached files.
 * In: hints and bodies from intake, results of reading them and of opening files.
 * Out: the conversation of each hint, unread hints, files and blobs.
 * May touch: the database inside the caller's transaction, and the blob folder.
 * This file: commits a hint to its conversation, found or opened by its keys.
 */
import { ADVISORY_LOCKS } from "#store/db/advisory-locks.ts";
import { and, eq, inArray } from "#store/db/drizzle.ts";
import type { Hint } from "#core/values/delivery.ts";
import type { Ids } from "#core/contracts/ports.ts";
import { z } from "zod";
import { ask, type Transaction } from "#store/db/database.ts";
import { erasedName } from "#store/people/person-names.ts";
import { conversation, conversationKey, hint as hintTable } from "#store/db/schema.ts";
import { storable, storableJson } from "#store/db/storable-text.ts";
import { createHmac, randomBytes } from "node:crypto";
import { readSetting, writeSettingOnce } from "#store/db/settings.ts";
import { DAY_MS } from "#core/values/moment.ts";

/** What intake did with a hint: `known` when this same event was accepted before. */
export interface AcceptedHints {
  readonly conversationId: string;
  readonly known: boolean;
}

/** How a hint is accepted. */
interface AcceptOptions {
  readonly bodyRef: string | null;
  readonly receivedAt: Date;
  readonly ids: Ids;
}

/**
 * Commits one hint: finds or opens its conversation, stores all its keys, and adds it to the inbox. The unique event id
 * makes a second delivery of the same event a no-op.
 */
export async function acceptHints(
  transaction: Transaction,
  hint: Hint,
  options: AcceptOptions,
): Promise<AcceptedHints> {
  const seen = await seenBefore(transaction, hint);
  if (seen !== null) return seen;
  return put(transaction, hint, await conversationFor(transaction, hint, options), options);
}

/**
 * The same for a hint that opens no conversation. Null when none is known under its keys, or when an earlier hint of
 * the same delivery went to that one.
 */
export async function acceptHintsWith(
  transaction: Transaction,
  hint: Hint,
  options: AcceptOptions & { readonly earlier: readonly string[] },
): Promise<AcceptedHints | null> {
  const seen = await seenBefore(transaction, hint);
  if (seen !== null) return seen;
  const { earlier } = options;
  const keys = [...new Set(hint.conversationKeys.map(storable))];
  const conversationId = firstKnown(keys, await knownKeys(transaction, keys));
  if (conversationId === undefined || earlier.includes(conversationId)) return null;
  await lockNames(transaction, hint.channel, keys);
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
        // The event id may have contained the name of a person who was erased since.
        inArray(hintTable.eventId, [hint.eventId, erasedName(hint.eventId)]),
      ),
    );
  return seen === undefined ? null : { conversationId: seen.conversationId, known: true };
}

async function put(
  transaction: Transaction,
  hint: Hint,
  { conversationId, related }: HintPlace,
  { bodyRef, receivedAt }: AcceptOptions,
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

/** The conversation a hint belongs to, and the one related to it. */
interface HintPlace {
  readonly conversationId: string;
  readonly related: string | null;
}

/** The first known key decides; when none is known a conversation is opened. All keys are stored. */
async function conversationFor(
  transaction: Transaction,
  hint: Hint,
  options: AcceptOptions,
): Promise<HintPlace> {
  const keys = [...new Set(hint.conversationKeys.map(storable))];
  const before = await knownKeys(transaction, keys);
  const first = firstKnown(keys, before);
  const isOver = first !== undefined && (await hasEnded(transaction, first, hint, options));
  if (first !== undefined && before.size === keys.length && !isOver)
    return { conversationId: first, related: null };
  await lockNames(transaction, hint.channel, keys);
  // While this transaction waited for the lock, another may have continued the conversation.
  const known = firstKnown(keys, await knownKeys(transaction, keys));
  if (known !== undefined && (await hasEnded(transaction, known, hint, options))) {
    const conversationId = await open(transaction, hint, keys, options);
    await passKeys(transaction, known, conversationId, keys);
    return { conversationId, related: known };
  }
  const conversationId = known ?? (await open(transaction, hint, keys, options));
  await rememberKeys(transaction, conversationId, keys);
  return { conversationId, related: null };
}

/** Whether nothing has happened in a conversation for longer than the hint allows. */
async function hasEnded(
  transaction: Transaction,
  conversationId: string,
  { restDaysMax }: Hint,
  { receivedAt }: AcceptOptions,
): Promise<boolean> {
  if (restDaysMax === undefined) return false;
  const [row] = await transaction
    .select({ updatedAt: conversation.updatedAt })
    .from(conversation)
    .where(eq(conversation.id, conversationId));
  return row !== undefined && receivedAt.getTime() - row.updatedAt.getTime() > restDaysMax * DAY_MS;
}

/** Points the keys of this thread to the conversation it continues in. */
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

const NAMES = {
  name: "lock_names",
  text: `
select pg_advisory_xact_lock_shared(${ADVISORY_LOCKS.conversationNames}, hashtext($1))::text as locked
union all
select pg_advisory_xact_lock(${ADVISORY_LOCKS.conversationNames}, k.hash)::text
  from (select distinct hashtext(e) as hash from json_array_elements_text($2::json) e order by 1) k`,
  row: z.unknown(),
} as const;

/**
 * Serialises transactions that assign the same keys to conversations: concurrent deliveries of one thread see each
 * other's keys. Keys are locked in one order, so a transaction that needs those of several hints locks all of them at
 * once. The channel's lock is shared; processes of older versions take it for themselves.
 */
export async function lockNames(
  transaction: Transaction,
  channel: string,
  keys: readonly string[],
): Promise<void> {
  await ask(transaction, NAMES, [channel, storableJson(keys)]);
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
  options: AcceptOptions,
): Promise<string> {
  const { channel } = hint;
  const { receivedAt, ids } = options;
  const row = { channel, createdAt: receivedAt, updatedAt: receivedAt };
  return insertNamed(transaction, keys, row, () => ids.next("c"));
}

/** Its id derives from its keys; when another conversation had these keys before and lost them, it gets another id. */
async function insertNamed(
  transaction: Transaction,
  keys: readonly string[],
  row: Omit<typeof conversation.$inferInsert, "id">,
  otherwise: () => string,
): Promise<string> {
  const id = (await conversationIds(transaction))(row.channel, keys);
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

/** Stores keys of a conversation; a key that belongs to another one stays there. */
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
 * Opens the conversation in which people work after a hand-over and links the two, so that messages on one side are
 * known on the other. If its own webhook came first, that conversation is used.
 */
export async function openLinked(
  transaction: Transaction,
  linked: {
    readonly origin: string;
    /** Its id if the one derived from its keys is taken. */
    readonly otherwiseId: string;
    readonly keys: readonly string[];
    readonly externalId: string;
    readonly now: Date;
  },
): Promise<void> {
  await lockNames(transaction, "zendesk", linked.keys);
  const known = firstKnown(linked.keys, await knownKeys(transaction, linked.keys));
  const owned = {
    owner: "human",
    ownerReason: "handed to people",
    ownerHolder: null,
    ownerDelicate: null,
    linkedId: linked.origin,
  };
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

const NAME = "naming";

/**
 * Gives the id of a conversation opened under some keys: the same keys always give the same id, so that a message that
 * arrives again after a restore matches the keys of what was done for it before. It cannot be guessed without this
 * installation's secret, which is read once, because such an id identifies a chat visitor.
 */
export async function conversationIds(
  transaction: Transaction,
): Promise<(channel: string, names: readonly string[]) => string> {
  const secret = await hintSecret(transaction);
  return (channel, names) => {
    const named = JSON.stringify([channel, ...names.toSorted()]);
    return `c_${createHmac("sha256", secret).update(named).digest("hex").slice(0, 20)}`;
  };
}

/** Where several transactions make the first one at the same moment, all of them go on with the one that is kept. */
async function hintSecret(transaction: Transaction): Promise<string> {
  const kept = await readSetting(transaction, NAME, z.string());
  if (kept !== null) return kept;
  const made = randomBytes(32).toString("base64url");
  await writeSettingOnce(transaction, NAME, made);
  return (await readSetting(transaction, NAME, z.string())) ?? made;
}
