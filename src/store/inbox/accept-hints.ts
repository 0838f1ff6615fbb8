/**
 * Room: The inbox: hints taken in but not read, raw bodies and attached files.
 * In: hints and bodies from intake, results of reading them and of opening files.
 * Out: the conversation of each hint, unread hints, files and blobs.
 * May touch: the database inside the caller's transaction, and the blob folder.
 * This file: commits a hint to its conversation, found or opened by its keys.
 */
import { ADVISORY_LOCKS } from "#store/db/advisory-locks.ts";
import { eq, inArray } from "#store/db/drizzle.ts";
import type { Delivery, Hint } from "#core/contracts/channel.ts";
import type { Ids } from "#core/contracts/ports.ts";
import { DeskhandError, errorCode, invalidInput } from "#core/values/errors.ts";
import { z } from "zod";
import { ask, onlyRow, type Reader, type Transaction, within } from "#store/db/database.ts";
import { lostDuty, onDuty } from "#store/db/duty-leases.ts";
import { erasedName } from "#store/people/person-names.ts";
import { conversation, conversationKey } from "#store/db/schema.ts";
import type { StatementValue } from "#gate/kernel/statement.ts";
import { storable, storableJson } from "#gate/kernel/storable-text.ts";
import { DOCUMENTS } from "#store/db/versioned-documents.ts";
import { createHmac, randomBytes } from "node:crypto";
import { readSetting, writePosition, writeSettingOnce } from "#store/db/settings.ts";

/** What intake did with a hint: `known` when this same event was accepted before. */
export interface AcceptedHint {
  readonly hint: Hint;
  readonly conversationId: string;
  readonly known: boolean;
}

/** How the hints of a delivery are accepted. */
interface AcceptOptions extends Pick<Delivery, "receivedAt" | "lease" | "position"> {
  readonly bodyRef: string | null;
  readonly ids: Ids;
}

/**
 * Commits the hints of one delivery, all or none: finds or opens the conversation of each, stores all its keys, and adds
 * it to the inbox. The unique event id makes a second delivery of the same event a no-op. The usual delivery, of one
 * hint, takes one statement. Hints that open no conversation and find none are left out of the result.
 *
 * Throws `input.invalid` for a hint without keys, `store.fenced` when another process has taken the duty they were read
 * under, and `store.unavailable` when a key gets no conversation: nothing is stored then.
 */
export async function acceptHints(
  reader: Reader,
  hints: readonly Hint[],
  options: AcceptOptions,
): Promise<readonly AcceptedHint[]> {
  const { position, lease = null } = options;
  const [first, ...others] = hints;
  if (first === undefined) {
    if (position !== undefined) await writePosition(reader, position, lease);
    return [];
  }
  if (hints.some(({ conversationKeys }) => conversationKeys.length === 0))
    throw invalidInput("a hint names no conversation");
  const acceptAll = async (at: Reader): Promise<readonly AcceptedHint[]> => {
    const accepted: AcceptedHint[] = [];
    for (const hint of hints) {
      const earlier = accepted.map(({ conversationId }) => conversationId);
      const more = { earlier, position: hint === hints.at(-1) ? (position ?? null) : null };
      accepted.push(...(await acceptHint(at, hint, options, more)));
    }
    return accepted;
  };
  const attempt = (): Promise<readonly AcceptedHint[]> =>
    others.length === 0
      ? acceptAll(reader)
      : within(reader, async (transaction) => {
          const keys = hints.flatMap(({ conversationKeys }) => conversationKeys);
          await lockNames(transaction, keys);
          return acceptAll(transaction);
        });
  for (let looks = 0; looks < LOOKS_MAX; looks += 1)
    try {
      return await attempt();
    } catch (error) {
      // What the table refused ended its whole transaction, so that all of it is done again.
      if (errorCode(error) !== NOT_NULL_VIOLATION || !("run" in reader)) throw error;
    }
  throw new DeskhandError(
    "store.unavailable",
    `${LOOKS_MAX} times in a row, a delivery's key was taken by another and had no conversation after it`,
  );
}

/**
 * `$1` channel, `$2` event and `$3` its name after an erasure, `$4` the keys, best first, as JSON, `$5` the id that
 * derives from them and `$6` another one in case it is taken, `$7` when, `$8` kind, `$9` the hint, `$10` its body, `$11`
 * after how many days without news a conversation is over, `$12` whether a conversation may be opened, and `$13`, if
 * not, those of the earlier hints of the delivery, as JSON; `$14` and `$15` the duty it was read under, `$16` and `$17`
 * the reader's position after it.
 *
 * Keys that are to be written are locked as `lockNames` does. A delivery that had to wait there still looks with the eyes
 * of before: not all of its keys can be written then, and the hint would have no conversation, which the table refuses,
 * and the whole statement with it.
 */
const ACCEPT = {
  name: "accept_hint",
  text: `
with ${onDuty("$14", "$15")},
seen as (select conversation_id as id from hint where channel = $1 and event_id in ($2, $3) limit 1),
asked as materialized (
  select key, min(place) as place from json_array_elements_text($4::json) with ordinality a (key, place)
  where exists (select from on_duty) and not exists (select from seen) group by key),
known as (select key, place, conversation_id as id from asked join conversation_key using (key)),
best as (select id from known order by place limit 1),
over as (
  select id from best join conversation using (id)
  where extract(epoch from $7::timestamptz - updated_at) > $11::float8 * 86400),
missing as (select key from asked except select key from known),
moving as (select key from known join over using (id)),
locks as materialized (
  select count(pg_advisory_xact_lock(${ADVISORY_LOCKS.conversationNames}, hash)::text) as held
  from (select distinct hashtext(key) as hash from asked
        where exists (select from missing) or exists (select from over) order by 1) k),
target as (
  select id, false as is_new, $13::json ->> 0 as related from best
  where not exists (select from over)
    and ($12::boolean or id not in (select json_array_elements_text($13::json)))
  union all
  select case when exists (select from conversation where id = $5) then $6 else $5 end, true, (select id from over)
  from locks where held > 0 and $12 and (not exists (select from best) or exists (select from over))),
named as (
  insert into conversation_key (key, conversation_id) select key, id from missing, target, locks where held > 0
  on conflict do nothing returning key),
passed as (
  update conversation_key k set conversation_id = t.id from target t, over o, locks
  where held > 0 and k.conversation_id = o.id and k.key in (select key from asked) returning k.key),
kept as (
  select target.*, (select count(*) from named) + (select count(*) from passed) as written,
    (select count(*) from missing) + (select count(*) from moving) as wanted
  from target),
place as (select * from kept where written = wanted),
made as (
  insert into conversation (id, channel, created_at, updated_at) select id, $1, $7, $7 from place where is_new),
put as (
  insert into hint (channel, event_id, conversation_id, kind, payload, body_ref, received_at)
  select $1, $2, (select id from place), $8,
    $9::jsonb || case when related is null then '{}' else jsonb_build_object('related', related) end, $10, $7
  from kept
  on conflict do nothing returning id),
taken as (
  select id, true as known from seen where exists (select from on_duty)
  union all select id, not exists (select from put) from place
  union all select null, false where exists (select from asked) and not $12 and not exists (select from target)),
moved as (
  insert into position (name, value) select $16, $17 from taken where $16::text is not null
  on conflict (name) do update set value = excluded.value)
select exists (select from on_duty) as "onDuty", id as "conversationId", known from (select) one left join taken on true`,
  row: z.object({
    onDuty: z.boolean(),
    conversationId: z.string().nullable(),
    known: z.boolean().nullable(),
  }),
} as const;

/**
 * How often the database is asked. Once is enough, and twice where another delivery took a key meanwhile; more says
 * that something keeps a key's row from being written or seen.
 */
const LOOKS_MAX = 10;

/** What PostgreSQL says to a hint without a conversation. */
const NOT_NULL_VIOLATION = "23502";

interface HintOptions {
  /** The conversations of the hints before it. */
  readonly earlier: readonly string[];
  readonly position: NonNullable<Delivery["position"]> | null;
}

async function acceptHint(
  reader: Reader,
  hint: Hint,
  options: AcceptOptions,
  more: HintOptions,
): Promise<readonly AcceptedHint[]> {
  const values = acceptValues(hint, await naming(reader), options, more);
  const { onDuty, conversationId, known } = onlyRow(await ask(reader, ACCEPT, values));
  if (!onDuty) throw lostDuty(options.lease ?? null);
  return conversationId === null || known === null ? [] : [{ hint, conversationId, known }];
}

/** The values of `ACCEPT`, in order. */
function acceptValues(
  hint: Hint,
  idFor: Naming,
  { receivedAt, bodyRef, ids, lease = null }: AcceptOptions,
  { earlier, position }: HintOptions,
): readonly StatementValue[] {
  const { channel, eventId, kind, opens = true, restDaysMax = null, keepBody } = hint;
  const keys = [...new Set(hint.conversationKeys.map(storable))];
  return [
    channel,
    eventId,
    erasedName(eventId),
    storableJson(keys),
    idFor(channel, keys),
    ids.next("c"),
    receivedAt,
    kind,
    storableJson(DOCUMENTS.hint.encode(hint)),
    keepBody ? bodyRef : null,
    restDaysMax,
    opens,
    storableJson(earlier),
    ...(lease === null ? [null, null] : [lease.name, lease.generation]),
    ...(position === null ? [null, null] : [position.name, position.value]),
  ];
}

/** The secret that ids derive from never changes, so that it is read once. */
const namings = new WeakMap<Reader, Naming>();

async function naming(reader: Reader): Promise<Naming> {
  const known = namings.get(reader) ?? (await within(reader, conversationIds));
  namings.set(reader, known);
  return known;
}

const NAMES = {
  name: "lock_names",
  text: `
select pg_advisory_xact_lock(${ADVISORY_LOCKS.conversationNames}, k.hash)::text as locked
  from (select distinct hashtext(e) as hash from json_array_elements_text($1::json) e order by 1) k`,
  row: z.unknown(),
} as const;

/**
 * Serialises transactions that assign the same keys to conversations: concurrent deliveries of one thread see each
 * other's keys. Keys are locked in one order, so a transaction that needs those of several hints locks all of them at
 * once.
 */
export async function lockNames(transaction: Transaction, keys: readonly string[]): Promise<void> {
  await ask(transaction, NAMES, [storableJson(keys)]);
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
  await lockNames(transaction, linked.keys);
  const rows = await transaction
    .select()
    .from(conversationKey)
    .where(inArray(conversationKey.key, [...linked.keys]));
  const [known] = linked.keys.flatMap((key) => rows.filter((row) => row.key === key));
  const owned = {
    owner: "human",
    ownerReason: "handed to people",
    ownerHolder: null,
    ownerVoter: null,
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
  const id =
    known?.conversationId ??
    (await insertNamed(transaction, linked.keys, row, () => linked.otherwiseId));
  if (known !== undefined)
    await transaction.update(conversation).set(owned).where(eq(conversation.id, id));
  await rememberKeys(transaction, id, linked.keys);
  await transaction
    .update(conversation)
    .set({ linkedId: id })
    .where(eq(conversation.id, linked.origin));
}

const NAME = "naming";

/** The id of the conversation of a channel that is opened under these keys. */
type Naming = (channel: string, names: readonly string[]) => string;

/**
 * Gives the id of a conversation opened under some keys: the same keys always give the same id, so that a message that
 * arrives again after a restore matches the keys of what was done for it before. It cannot be guessed without this
 * installation's secret, which is read once, because such an id identifies a chat visitor.
 */
export async function conversationIds(transaction: Transaction): Promise<Naming> {
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
