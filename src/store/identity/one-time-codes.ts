/**
 * Room: Proof of identity and access: one-time codes, console sessions, provider tokens.
 * In: requested and entered codes, sign-in links, token exchanges.
 * Out: challenges and check results, session holders, the token vault.
 * May touch: the database only.
 * This file: books, finds and checks one-time codes, and limits how often they may be requested.
 */
import { z } from "zod";
import { takeLock } from "#store/db/advisory-locks.ts";
import { and, eq, getTableColumns, gt, sql } from "#store/db/drizzle.ts";
import { CODE_MARK } from "#core/values/identity.ts";
import type { Message } from "#core/values/message.ts";
import { ask, firstRow, onlyRow, type Reader, type Transaction } from "#store/db/database.ts";
import { having, jsonRow } from "#store/db/statement.ts";
import { isSameDigest } from "#gate/kernel/canonical-json.ts";
import { storableJson } from "#gate/kernel/storable-text.ts";
import { DOCUMENTS } from "#store/db/versioned-documents.ts";
import { challenge, challengeTry } from "#store/db/schema.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "#core/values/moment.ts";

/** Long enough to switch to the mailbox and back, short enough that a mail left open is useless. */
export const CODE_LIVES_MS = 10 * MINUTE_MS;

/** Allows for a typing error or two; guessing succeeds once in 200,000 codes. */
export const CODE_TRIES_MAX = 5;

/** After this, a requested code is ignored, and not even reported as expired. */
const REMEMBERED_MS = HOUR_MS;

/** A requested code. */
export type Challenge = typeof challenge.$inferSelect;

const { messageKey: _triedWith, ...CHECKED } = getTableColumns(challengeTry);

/** The result of a message with a code. */
export type Checked = Omit<typeof challengeTry.$inferSelect, "messageKey">;

/** A code that was just booked. */
export type Booked = Awaited<ReturnType<typeof openChallenge>>;

/** True while its code can be entered. */
export function isOpen(asked: Challenge, now: Date): boolean {
  return asked.state === "open" && asked.expiresAt.getTime() > now.getTime();
}

/**
 * A request for a code. Its network is null when the channel does not say where it came from, which counts as one network
 * for an address.
 */
type CodeRequest = Omit<
  typeof challenge.$inferSelect,
  "state" | "tries" | "createdAt" | "expiresAt" | "usedAt"
>;

/**
 * Books a request for a code, once per id. The same writer's previous code becomes invalid; a request over a limit is
 * `limited` and leaves the others valid. An address without an account is limited like any other.
 */
export async function openChallenge(transaction: Transaction, asked: CodeRequest, now: Date) {
  // Counting and booking are one locked step, or two concurrent requests would both fit under a limit.
  await takeLock(transaction, "oneTimeCodes");
  const { id, conversationId, authorId } = asked;
  const before = await challengeById(transaction, id);
  if (before !== null) return { challenge: before, limitedBy: null, mailed: 0 };
  const { limitedBy, mailed } = await codeLimit(transaction, asked, now);
  const state = limitedBy === null ? "open" : "limited";
  if (state === "open")
    await transaction
      .update(challenge)
      .set({ state: "dead" })
      .where(having(challenge, { conversationId, authorId, state: "open" }));
  const booked = await transaction
    .insert(challenge)
    .values({
      ...asked,
      state,
      createdAt: now,
      expiresAt: new Date(now.getTime() + CODE_LIVES_MS),
    })
    .returning();
  const isMailed = state === "open" && asked.emailOnFile !== null;
  return {
    challenge: onlyRow(booked),
    /** Why it is not sent; null when no limit applies, and when it was booked before. */
    limitedBy,
    /** How many codes were mailed within the hour, including this one. */
    mailed: mailed + (isMailed ? 1 : 0),
  };
}

/** One challenge; null when it was never booked or was deleted. */
export function challengeById(transaction: Transaction, id: string): Promise<Challenge | null> {
  return firstRow(transaction.select().from(challenge).where(eq(challenge.id, id)));
}

/** `$1` conversation, `$2` since when its codes count, `$3` the messages' keys, `$4` what stands for a code. */
const KNOWN = {
  name: "known_codes",
  text: `
with given as (select e as key from json_array_elements_text($3::json) e)
select
  (select coalesce(json_agg(c order by c.created_at, c.id), '[]') from challenge c
     where c.conversation_id = $1 and c.created_at > $2) as challenges,
  (select coalesce(json_agg(m.key), '[]') from message m where m.key in (select key from given)) as stored,
  (select coalesce(json_agg(json_build_object('key', m.key, 'content', k.content)), '[]')
     from message m join message_content k on k.message_id = m.id
     where m.key in (select key from given) and strpos(k.content ->> 'text', $4) > 0) as masked,
  (select coalesce(json_agg(t), '[]') from challenge_try t where t.message_key in (select key from given)) as checked`,
  row: z.object({
    /** Oldest first; long ago ones are left out. */
    challenges: z.array(jsonRow(challenge)),
    stored: z.array(z.string()).transform((keys): ReadonlySet<string> => new Set(keys)),
    /** Those in which a code was found, as stored: with the code replaced. */
    masked: z
      .array(z.object({ key: z.string(), content: z.unknown() }))
      .transform((rows): ReadonlyMap<string, Message> => new Map(rows.map(maskedMessage))),
    /** The results of those with a code, even when a crash prevented storing the message. */
    checked: z
      .array(jsonRow(challengeTry))
      .transform((rows): ReadonlyMap<string, Checked> => new Map(rows.map(checkedMessage))),
  }),
} as const;

/** What is known about messages that are read again, and the codes their conversation was sent. */
export type KnownCodes = z.output<typeof KNOWN.row>;

function maskedMessage({ key, content }: { readonly key: string; readonly content: unknown }) {
  return [key, DOCUMENTS.message.decode(content)] as const;
}

function checkedMessage({ messageKey, ...checked }: typeof challengeTry.$inferSelect) {
  return [messageKey, checked] as const;
}

/** Looks up what is needed to find codes in these messages. */
export async function knownCodes(
  reader: Reader,
  conversationId: string,
  messageKeys: readonly string[],
  now: Date,
): Promise<KnownCodes> {
  const since = new Date(now.getTime() - REMEMBERED_MS);
  const values = [conversationId, since, storableJson(messageKeys), CODE_MARK];
  return onlyRow(await ask(reader, KNOWN, values));
}

/**
 * Checks an entered code and counts the try in this transaction, so that concurrent guesses are no more than five. The
 * same message again gets the same answer. Null when the challenge accepts no code any more.
 */
export async function checkCode(
  transaction: Transaction,
  entered: {
    readonly messageKey: string;
    readonly challengeId: string;
    readonly codeHashes: readonly string[];
  },
  now: Date,
): Promise<Checked | null> {
  const { messageKey, challengeId } = entered;
  const [before] = await transaction
    .select(CHECKED)
    .from(challengeTry)
    .where(eq(challengeTry.messageKey, messageKey));
  if (before !== undefined) return before;
  const isOpenOne = having(challenge, { id: challengeId, state: "open" });
  const [row] = await transaction
    .update(challenge)
    .set({ tries: sql`${challenge.tries} + 1` })
    .where(and(isOpenOne, gt(challenge.expiresAt, now)))
    .returning();
  if (row === undefined) return null;
  // The row stays locked until the commit, so a sixth try finds it dead.
  const accepted =
    entered.codeHashes.some((hash) => isSameDigest(row.codeHash, hash)) && row.emailOnFile !== null;
  if (accepted || row.tries >= CODE_TRIES_MAX)
    await transaction
      .update(challenge)
      .set(accepted ? { state: "used", usedAt: now } : { state: "dead" })
      .where(eq(challenge.id, challengeId));
  await transaction
    .insert(challengeTry)
    .values({ messageKey, challengeId, accepted, at: now })
    .onConflictDoNothing();
  return { challengeId, accepted, at: now };
}

/** `$1` conversation, `$2` the keys of the messages that asked. */
const ASKING = {
  name: "code_asked_by",
  text: `
with asked as (select json_array_elements_text($2::json) as key)
select
  (select case when count(distinct author_id) = 1 then min(author_id) end from message
     where conversation_id = $1 and author_kind = 'requester' and key in (select key from asked)) as "authorId",
  (select payload -> 'data' ->> 'network' from hint
     where conversation_id = $1 and event_id in (select key from asked) and payload -> 'data' ->> 'network' is not null
     order by id desc limit 1) as network`,
  row: z.object({ authorId: z.string().nullable(), network: z.string().nullable() }),
} as const;

/**
 * The author of the messages that asked, null when they do not have one author in this conversation; and the network of
 * those from the chat, as a keyed digest, null where unknown.
 */
export async function codeAskedBy(
  transaction: Transaction,
  conversationId: string,
  messageKeys: readonly string[],
): Promise<z.output<typeof ASKING.row>> {
  return onlyRow(await ask(transaction, ASKING, [conversationId, storableJson(messageKeys)]));
}

/**
 * How often a code may be requested. Each limit also bounds guessing: a code allows five tries.
 *
 * For one address from one network three an hour and ten a day; from all networks twice that, so that others cannot
 * fill a mailbox, and one other network cannot use up what the owner needs. From one network ten an hour, enough for an
 * office. In one conversation three an hour, so that it cannot be used to try many addresses. Overall sixty mails an
 * hour, far above what a shop's customers need and far below what a mail server takes for spam; reaching it indicates
 * an attack. The overall limit counts mailed codes only: requests with invented addresses use up nothing.
 */
export const CODE_LIMITS = {
  addressPerHour: 3,
  addressPerDay: 10,
  addressOverallPerHour: 6,
  addressOverallPerDay: 20,
  conversationPerHour: 3,
  networkPerHour: 10,
  overallPerHour: 60,
} as const;

/** Which limit prevented a code from being sent. */
export type CodeLimit = "address" | "conversation" | "network" | "overall";

/** `$1` and `$2` an hour and a day ago, `$3` address, `$4` network, `$5` conversation. What was limited counts nowhere. */
const USED = {
  name: "codes_used",
  text: `
select count(*) filter (where is_recent and email_on_file is not null)::int as mailed,
  count(*) filter (where is_recent and is_here)::int as "hereHour",
  count(*) filter (where is_here)::int as "hereDay",
  count(*) filter (where is_recent and is_address)::int as "addressHour",
  count(*) filter (where is_address)::int as "addressDay",
  count(*) filter (where is_recent and conversation_id = $5)::int as conversation,
  count(*) filter (where is_recent and network_hash = $4)::int as network
from (select *, created_at > $1 as is_recent, address_hash = $3 as is_address,
        address_hash = $3 and network_hash is not distinct from $4::text as is_here
      from challenge
      where created_at > $2 and (created_at > $1 or address_hash = $3) and state <> 'limited') c`,
  row: z.object({
    mailed: z.int(),
    hereHour: z.int(),
    hereDay: z.int(),
    addressHour: z.int(),
    addressDay: z.int(),
    conversation: z.int(),
    network: z.int(),
  }),
} as const;

/**
 * The limit that prevents a code, null when there is none, and how many codes were mailed within an hour. The overall
 * limit counts mails but is applied to every address: it must not reveal whether the shop knows one.
 */
async function codeLimit(
  transaction: Transaction,
  asked: CodeRequest,
  now: Date,
): Promise<{ readonly limitedBy: CodeLimit | null; readonly mailed: number }> {
  const since = [HOUR_MS, DAY_MS].map((ms) => new Date(now.getTime() - ms));
  const { addressHash, networkHash, conversationId } = asked;
  const used = onlyRow(
    await ask(transaction, USED, [...since, addressHash, networkHash, conversationId]),
  );
  const isAddressUsed =
    used.hereHour >= CODE_LIMITS.addressPerHour ||
    used.hereDay >= CODE_LIMITS.addressPerDay ||
    used.addressHour >= CODE_LIMITS.addressOverallPerHour ||
    used.addressDay >= CODE_LIMITS.addressOverallPerDay;
  const limits: readonly (readonly [CodeLimit, boolean])[] = [
    ["overall", used.mailed >= CODE_LIMITS.overallPerHour],
    ["address", isAddressUsed],
    ["conversation", used.conversation >= CODE_LIMITS.conversationPerHour],
    ["network", used.network >= CODE_LIMITS.networkPerHour],
  ];
  const limitedBy = limits.find(([, isUsedUp]) => isUsedUp)?.[0] ?? null;
  return { limitedBy, mailed: used.mailed };
}
