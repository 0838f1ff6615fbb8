/**
 * Names of people: addresses, customer ids and channel accounts, their spellings, and their pseudonyms in the audit.
 */
import { randomBytes } from "node:crypto";
import { z } from "zod";
import { invalidInput } from "#core/values/errors.ts";
import { chatKey } from "#core/values/message.ts";
import { sql, type SQL, eq, inArray } from "#store/db/drizzle.ts";
import { digest, keyedDigest } from "#core/values/canonical-json.ts";
import { takeLock } from "#store/db/advisory-locks.ts";
import { acceptedKeys, currentKey, type Keys } from "#core/connection/signing-keys.ts";
import { firstRow, type Transaction } from "#store/db/database.ts";
import { auditKeysIn } from "#store/db/installation-secrets.ts";
import { personKey } from "#store/db/schema.ts";

/** One name of a person: an address, a shop's customer id, or an account of a channel. */
export const PersonName = z.strictObject({
  kind: z.enum(["email", "customer", "chat", "slack", "zendesk"]),
  /** In lower case, except where the vendor's ids are case-sensitive. */
  value: z.string().min(1).max(320),
});
export type PersonName = z.infer<typeof PersonName>;

const KINDS = PersonName.shape.kind;

/** Slack's user ids ("U" or "W" and capitals or digits). */
const SLACK_USER = /^[UW][A-Z0-9]{6,}$/;

const ADDRESS = /^[^\s@<>]+@[^\s@<>]+$/;

/** An id as shops and Zendesk give them; a bare word without a digit is what a person is called. */
const BARE_ID = /^(?=.*\d)\S+$/;

const FORMS =
  "What people are called is not looked up. Write the address, such as ann@customer.test, or an id as customer:…, chat:…, slack:… or zendesk:…";

/**
 * The person an operator means: an address, a Slack user, or anything else with its kind in front, such as
 * `customer:u123`, `chat:visitor:…` or `zendesk:4711`. A bare id could be a customer of the shop or a user of
 * Zendesk, so both are returned, and the operator sees what was found before anything happens. Throws `input.invalid`
 * for anything else: what cannot be looked for must not be said to be gone.
 */
export function personNames(typed: string): readonly PersonName[] {
  const person = typed.trim();
  const [head = "", ...rest] = person.split(":");
  const kind = KINDS.safeParse(head.toLowerCase());
  if (kind.success && rest.length > 0) {
    const value = rest.join(":").trim();
    if (kind.data === "email" && !ADDRESS.test(value)) throw noPerson(typed);
    return [nameOfKind(kind.data, value)];
  }
  if (ADDRESS.test(person)) return [nameOfKind("email", person)];
  if (SLACK_USER.test(person)) return [nameOfKind("slack", person)];
  if (!BARE_ID.test(person) || person.includes("@")) throw noPerson(typed);
  return [nameOfKind("customer", person), nameOfKind("zendesk", person)];
}

function noPerson(typed: string): Error {
  return invalidInput(`“${typed}” is no address or id of a person. ${FORMS}`);
}

/** A teammate as they stand beside a decision: an address or a Slack user; null for anything else. */
export function teammateName(value: string): PersonName | null {
  if (value.includes("@")) return nameOfKind("email", value);
  return SLACK_USER.test(value) ? nameOfKind("slack", value) : null;
}

function nameOfKind(kind: PersonName["kind"], value: string): PersonName {
  const trimmed = value.trim();
  const spelled = kind === "email" ? trimmed.toLowerCase() : trimmed.replace(/^user:/, "");
  const parsed = PersonName.safeParse({ kind, value: spelled });
  if (!parsed.success) throw invalidInput("this is no name of a person");
  return parsed.data;
}

/** As written on a command line and in the list of erasures. */
export function nameText({ kind, value }: PersonName): string {
  return `${kind}:${value}`;
}

/** The values of those names that are of these kinds, in lower case. */
export function valuesOfKinds(
  names: readonly PersonName[],
  kinds: readonly PersonName["kind"][],
): string[] {
  return names.flatMap(({ kind, value }) => (kinds.includes(kind) ? [value.toLowerCase()] : []));
}

/** The author ids of this person's messages. A customer of the shop signs in to the chat as such. */
export function personAuthorIds({ kind, value }: PersonName): readonly string[] {
  switch (kind) {
    case "email":
      return [`email:${value}`, `chat:${value}`];
    case "customer":
    case "chat":
      return [`chat:${value}`];
    case "slack":
      return [`slack:${value}`];
    case "zendesk":
      return [`zendesk:user:${value}`];
  }
}

/** The same of all these names, in lower case. */
export function authorsNamed(names: readonly PersonName[]): string[] {
  return names.flatMap((name) => personAuthorIds(name).map((id) => id.toLowerCase()));
}

/** The person of an author id; null for an author that is no outside person, such as the bot. */
export function nameOfAuthor(authorId: string): PersonName | null {
  const [head = "", ...rest] = authorId.split(":");
  const kind = KINDS.safeParse(head);
  if (!kind.success || rest.length === 0) return null;
  return nameOfKind(kind.data, rest.join(":"));
}

/** The proven chat users that are this person: a shop may name its customers there by id or by address. */
export function personChatUsers({ kind, value }: PersonName): readonly string[] {
  return kind === "email" || kind === "customer" || kind === "chat" ? [value.toLowerCase()] : [];
}

/**
 * Regular expressions, valid in both the database and JavaScript, that find a person in lower-cased keys of mail
 * threads, chats and events. They match the person's whole name and never a part of another's: `ann@shop.test` is not
 * in `joann@shop.test`, and `chat:u1:…` not in `chat:u1:x:…`.
 */
export function personMarks(name: PersonName): readonly string[] {
  const address = name.kind === "email" ? [name.value.toLowerCase()] : [];
  return [
    ...address.map((one) => `(?<![\\w.%+-])${literal(one)}(?![\\w-]|\\.\\w)`),
    ...personChatUsers(name).map((user) => `(?<![\\w-])chat:${literal(user)}:${CHAT_ID}(?![\\w-])`),
  ];
}

/** The random part of a chat's key. */
const CHAT_ID = "[\\w-]{8,100}";

/** A regular expression, for texts and JSON in the database, that finds one of these words, whole and as it is written. */
export function wholeWords(words: readonly string[]): string {
  // In JSON, a line ends with a letter.
  return String.raw`(?:(?<!\w)|(?<=\\[nrt]))(?:${wordsAnywhere(words)})(?!\w)`;
}

/** The same in a part of a word as well: PostgreSQL finds that none is there ten times as fast. */
export function wordsAnywhere(words: readonly string[]): string {
  // As they stand in a text, and in JSON, where quotes have a backslash.
  const forms = words.flatMap((word) => [word, JSON.stringify(word).slice(1, -1)]);
  return [...new Set(forms)].map(literal).join("|");
}

/** Escapes a text for a regular expression. */
function literal(text: string): string {
  return text.replaceAll(/[^\p{L}\p{N}@:_]/gu, "\\$&");
}

/**
 * True for the key of a chat of exactly this user. Another user's id may begin with this one and a colon, and an id may
 * contain wildcards of `like`: neither matches.
 */
export function isUserChat(key: SQL, subject: string): SQL {
  const start = chatKey(subject, "");
  const behind = sql`substr(${key}, char_length(${start}::text) + 1)`;
  return sql`(starts_with(${key}, ${start}) and strpos(${behind}, ':') = 0)`;
}

/** True for the key of a mail thread with exactly this address, which contains no colon. */
export function isAddressThread(key: SQL, address: string): SQL {
  return sql`(starts_with(${key}, 'mail:') and split_part(${key}, ':', 2) = ${address})`;
}

/** The proven user in the key of a chat; empty for an anonymous visitor. */
export function chatUserIn(key: SQL): SQL {
  return sql`substring(${key} from '^chat:(.*):[^:]*$')`;
}

/**
 * Replaces a name that identifies a person, such as the id of a chat's event. The same name always gives the same
 * replacement, so that a redelivery after an erasure is still recognised. Such names end in a random part, so a person
 * cannot be found by trying candidates.
 */
export function erasedName(name: string): string {
  return `erased:${digest(name).slice(0, 40)}`;
}

/**
 * The name the shop has for the customer who writes in a chat, in a statement that calls its conversation `c`: from its hand-over,
 * else from its newest card. Null for every other channel, whose messages name their author, and where neither is kept.
 */
export const KNOWN_NAME: SQL = sql`(case when c.channel = 'chat' then coalesce(
  (select e.action -> 'arguments' -> 'requester' ->> 'name' from effect e
    where e.conversation_id = c.id and e.operation = 'create_ticket' and e.key like 'handover:%' and e.cleared_at is null
    order by e.created_at desc limit 1),
  (select a.card -> 'requester' ->> 'name' from approval a
    where a.conversation_id = c.id and a.cleared_at is null order by a.created_at desc limit 1)
) end)`;

/** The customer's name, in a statement that calls the conversation `c`: by the shop, else as they last gave it themselves. */
export const CUSTOMER_NAME: SQL = sql`coalesce(${KNOWN_NAME}, (select mc.content -> 'author' ->> 'name'
  from message m join message_content mc on mc.message_id = m.id
  where m.conversation_id = c.id and m.author_kind = 'requester' order by m.id desc limit 1), '')`;

/** Long enough to distinguish all people who will ever click, and short enough to read in a trace. */
const PSEUDONYM_LENGTH = 16;

/**
 * A person's pseudonym in the audit: the same for the same person however their address is spelled, and revealing
 * nothing. Made with the person's own random key, which is created at the first call and can be deleted. `secrets` are
 * this installation's, and hide whom the table of keys is about; after a change of them, a person's key is found under
 * the earlier one and moved.
 */
export async function personPseudonym(
  transaction: Transaction,
  person: string,
  secrets: Keys,
): Promise<string> {
  const name = person.trim().toLowerCase();
  const key = await pseudonymKey(transaction, name, secrets);
  return keyedDigest(key, name).slice(0, PSEUDONYM_LENGTH);
}

/**
 * Deletes a person's key. After that their pseudonyms cannot be traced to them, and the audit verifies as before. Later
 * actions get another pseudonym. False when there was no key.
 */
export async function forgetPerson(
  transaction: Transaction,
  person: string,
  secrets: Keys,
): Promise<boolean> {
  const all = [...acceptedKeys(secrets), ...(await auditKeysIn(transaction))];
  const rows = await transaction
    .delete(personKey)
    .where(inArray(personKey.person, keyPlaces(person.trim().toLowerCase(), all)))
    .returning({ person: personKey.person });
  return rows.length > 0;
}

/** Under which names the table may have the key of this person. */
function keyPlaces(name: string, secrets: readonly string[]): string[] {
  return [...new Set(secrets.map((secret) => keyedDigest(secret, name)))];
}

async function pseudonymKey(
  transaction: Transaction,
  name: string,
  secrets: Keys,
): Promise<string> {
  const place = keyedDigest(currentKey(secrets), name);
  const kept = await keptKey(transaction, keyPlaces(name, acceptedKeys(secrets)));
  if (kept?.place === place) return kept.key;
  // A caller that needs a key is about to write to the audit; two that need the same key queue at the audit's lock and
  // do not deadlock.
  await takeLock(transaction, "audit");
  if (kept !== null) {
    // The key stays what it is; only the place it is found under follows the installation's secret.
    const isKept = eq(personKey.person, kept.place);
    await transaction.update(personKey).set({ person: place }).where(isKept);
    return kept.key;
  }
  // A process that has not heard of a change yet would otherwise give one person two pseudonyms, and two votes.
  const known = [...acceptedKeys(secrets), ...(await auditKeysIn(transaction))];
  const found = await keptKey(transaction, keyPlaces(name, known));
  if (found !== null) return found.key;
  const key = randomBytes(32).toString("base64url");
  await transaction.insert(personKey).values({ person: place, key });
  return key;
}

function keptKey(transaction: Transaction, places: readonly string[]) {
  const { person, key } = personKey;
  const kept = transaction.select({ place: person, key }).from(personKey);
  return firstRow(kept.where(inArray(person, [...places])).limit(1));
}
