/**
 * Room: People: their names across channels, their pseudonyms, and where they wrote.
 * In: names typed by an operator, author ids, a person's proven evidence.
 * Out: a person with all names and conversations, pseudonyms, SQL conditions that match them.
 * May touch: the database only, inside the caller's transaction.
 * This file: finds all names and conversations of one person, and lists the names of everybody.
 */
import { PROVEN_LEVEL } from "#core/values/identity.ts";
import { and, inArray, or, sql, type PgColumn, type SQL } from "#store/db/drizzle.ts";
import { z } from "zod";
import { rowsOf, type Transaction, valuesOf } from "#store/db/database.ts";
import { upTo } from "#store/db/statement.ts";
import {
  authorsNamed,
  personChatUsers,
  nameOfAuthor,
  nameText,
  type PersonName,
  isUserChat,
  isAddressThread,
  teammateName,
  chatUserIn,
  valuesOfKinds,
} from "./person-names.ts";
import {
  caseNote,
  conversation,
  digest,
  helpPage,
  message,
  pageDoubt,
  pageOff,
  procedureVersion,
  writtenPage,
} from "#store/db/schema.ts";

/** Names lead to messages, whose proven senders lead to names; each round adds one more channel of the same person. */
const ROUNDS_MAX = 4;

/** When a message was written: one that is fetched again after a restore is received anew, and a sender's clock may be ahead. */
export const WRITTEN_AT: SQL = sql`least(${message.sentAt}, ${message.receivedAt})`;

/** Where one person's text is. */
export interface Person {
  /** All names found, with the given name first. */
  readonly names: readonly PersonName[];
  /** The display names they used, to be shown with what was found. */
  readonly called: readonly string[];
  readonly places: readonly TraceLocation[];
  /** Only what is from before is meant; null for all of it. */
  readonly until: Date | null;
}

/** A conversation that contains something of theirs. */
export interface TraceLocation {
  readonly conversationId: string;
  /** Null when no other person wrote there: all of it is theirs. Else the time of their first message. */
  readonly since: Date | null;
  /** Where they came back to after the time that is meant: that time. Null where nothing later is theirs. */
  readonly until: Date | null;
}

const Row = z.object({
  conversation_id: z.string(),
  author_id: z.string(),
  name: z.string(),
  level: z.coerce.number(),
  email: z.string().nullable(),
  customer: z.string().nullable(),
  /** True where a name of theirs is on the message itself, false where only a customer id of the shop leads to it. */
  is_own: z.boolean(),
  /** What the author's messages prove, in any conversation. */
  addresses: z.array(z.string()).nullable(),
  customers: z.coerce.number().nullable(),
});

/** Finds a person by one of their names: the other names, as far as proven, and where they wrote `until` then. */
export async function findPerson(
  transaction: Transaction,
  asked: readonly PersonName[],
  until: Date | null = null,
): Promise<Person> {
  const names = new Map(asked.map((name) => [nameText(name), name]));
  // Several people of a company may be one customer of the shop, so what it bound an author to tells whose a message is only
  // where the message proves no address. An operator who asks by the id means them all; the list of erasures, asked
  // `until` then, has it beside all other names.
  const bound = new Set<string>();
  const called = new Set<string>();
  const conversations = new Set<string>();
  for (let round = 0, before = 0; round < ROUNDS_MAX && names.size > before; round += 1) {
    before = names.size;
    const proven = new Set<string>();
    const all = [...names.values()];
    const own = all.filter((name) => !bound.has(nameText(name)));
    const rows = await messagesBy(transaction, { all, own, asked }, until);
    for (const row of rows.filter((one) => isTheirs(one, names))) {
      conversations.add(row.conversation_id);
      if (row.name !== "") called.add(row.name);
      if (row.level < PROVEN_LEVEL || isSharedBrowser(row)) continue;
      proven.add(row.conversation_id);
      for (const name of namesIn(row)) names.set(nameText(name), name);
    }
    for (const value of await customersIn(transaction, [...proven])) {
      const text = `customer:${value}`;
      if (!names.has(text)) bound.add(text);
      names.set(text, { kind: "customer", value });
    }
  }
  const all = [...names.values()];
  for (const id of await conversationsNamed(transaction, all, until)) conversations.add(id);
  const places = await tracePlaces(transaction, all, [...conversations], until);
  return { names: all, called: [...called], places, until };
}

function isTheirs(
  { is_own: isOwn, addresses }: z.infer<typeof Row>,
  names: ReadonlyMap<string, PersonName>,
): boolean {
  const proven = addresses ?? [];
  return isOwn || proven.length === 0 || proven.some((value) => names.has(`email:${value}`));
}

/** True where two people proved themselves in one browser; an account is one person's, whatever addresses it had. */
function isSharedBrowser({ author_id: id, addresses, customers }: z.infer<typeof Row>): boolean {
  return id.startsWith("chat:visitor:") && Math.max(addresses?.length ?? 0, customers ?? 0) > 1;
}

/** The names that a message leads to: one found by a customer id alone leads to no address and no account of Zendesk. */
function namesIn(row: z.infer<typeof Row>): readonly PersonName[] {
  const author = nameOfAuthor(row.author_id);
  const names = [
    ...(author === null ? [] : [author]),
    ...(row.email === null ? [] : [{ kind: "email" as const, value: row.email.toLowerCase() }]),
    ...(row.customer === null ? [] : [{ kind: "customer" as const, value: row.customer }]),
  ];
  return row.is_own ? names : names.filter(({ kind }) => kind !== "email" && kind !== "zendesk");
}

/** Matches messages written under one of these names, or claiming one, `until` then. */
export function isBy(names: readonly PersonName[], until: Date | null = null): SQL {
  const handle = (part: string) =>
    sql`lower((select c.content -> 'identity' -> 'handle' ->> ${part} from message_content c where c.message_id = ${message.id}))`;
  const isTheirs = or(
    inArray(sql`lower(${message.authorId})`, authorsNamed(names)),
    inArray(handle("email"), valuesOfKinds(names, ["email"])),
    inArray(handle("customerId"), valuesOfKinds(names, ["customer"])),
  );
  return and(isTheirs, upTo(WRITTEN_AT, until)) ?? sql`false`;
}

interface NamesToFind {
  readonly all: readonly PersonName[];
  /** Without those that the shop only bound them to. */
  readonly own: readonly PersonName[];
  readonly asked: readonly PersonName[];
}

function messagesBy(
  transaction: Transaction,
  { all, own, asked }: NamesToFind,
  until: Date | null,
) {
  return rowsOf(
    transaction,
    Row,
    sql`with m as (select distinct message.conversation_id, message.author_id, coalesce(c.content -> 'author' ->> 'name', '') as name,
          c.content -> 'identity' ->> 'level' as level,
          c.content -> 'identity' -> 'handle' ->> 'email' as email,
          c.content -> 'identity' -> 'handle' ->> 'customerId' as customer,
          coalesce(${isBy(own)} or ${isBoundTo(until === null ? asked : [])}, false) as is_own
        from message join message_content c on c.message_id = message.id
        where message.author_kind = 'requester' and ${upTo(WRITTEN_AT, until) ?? sql`true`} and (${isBy(all)} or ${isBoundTo(all)})),
        proof as (select o.author_id, array_agg(distinct lower(p.content -> 'identity' -> 'handle' ->> 'email'))
            filter (where p.content -> 'identity' -> 'handle' ->> 'email' is not null) as addresses,
          count(distinct p.content -> 'identity' -> 'handle' ->> 'customerId') as customers
          from message o join message_content p on p.message_id = o.id
          where o.author_kind = 'requester' and o.author_id in (select author_id from m)
            and (p.content -> 'identity' ->> 'level')::int >= ${PROVEN_LEVEL} group by o.author_id)
        select m.*, proof.addresses, proof.customers from m left join proof on proof.author_id = m.author_id`,
  );
}

/** Matches messages whose author the shop has as this customer. */
function isBoundTo(names: readonly PersonName[]): SQL {
  return sql`exists (select 1 from case_member k
    where k.conversation_id = message.conversation_id and k.author_id = message.author_id
      and ${inArray(sql`lower(k.customer_id)`, valuesOfKinds(names, ["customer"]))})`;
}

/** The customers that a proven author was bound to, and those of the shop whose orders were looked up for them. */
async function customersIn(
  transaction: Transaction,
  conversations: readonly string[],
): Promise<readonly string[]> {
  if (conversations.length === 0) return [];
  return valuesOf(
    transaction,
    z.string(),
    sql`select distinct k.customer from (
            select e.conversation_id as id, f ->> 'customerId' as customer from effect e, jsonb_path_query(e.facts, '$[*]') f
            union select conversation_id, customer_id from case_member) k
        where k.id in ${conversations} and k.customer is not null
          and not exists (select 1 from message m where m.conversation_id = k.id
            and m.author_kind = 'requester'
            and m.author_id <> (select min(o.author_id) from message o
              where o.conversation_id = k.id and o.author_kind = 'requester'))`,
  );
}

/** Conversations with the person in their key: mail that could not be read has no other trace of its sender. */
async function conversationsNamed(
  transaction: Transaction,
  names: readonly PersonName[],
  until: Date | null,
): Promise<readonly string[]> {
  const key = sql`lower(key)`;
  const theirs = [
    ...names.flatMap((name) => personChatUsers(name).map((user) => isUserChat(key, user))),
    ...valuesOfKinds(names, ["email"]).map((address) => isAddressThread(key, address)),
  ];
  if (theirs.length === 0) return [];
  return valuesOf(
    transaction,
    z.string(),
    sql`select distinct conversation_id from conversation_key
        join conversation on conversation.id = conversation_id where ${and(or(...theirs), upTo(conversation.createdAt, until))}`,
  );
}

const PlaceRow = z.object({
  id: z.string(),
  isShared: z.boolean(),
  isBack: z.boolean(),
  first: z.coerce.date(),
});

const LinkedRow = z.object({
  id: z.string(),
  origin: z.string(),
  handedOverAt: z.coerce.date(),
});

/**
 * `since` is a minute early: the turn that read their first message began after it, but by another clock that may
 * differ by seconds.
 *
 * A conversation is theirs alone when no other person writes in it, nor they themselves after the time that is meant. The one on the other side of a hand-over is about
 * the same; where another person writes there, it is theirs from the hand-over on.
 */
async function tracePlaces(
  transaction: Transaction,
  names: readonly PersonName[],
  conversations: readonly string[],
  until: Date | null,
): Promise<readonly TraceLocation[]> {
  if (conversations.length === 0) return [];
  const linked = await rowsOf(
    transaction,
    LinkedRow,
    sql`select c.id, o.id as origin, coalesce(c.handed_over_at, o.handed_over_at, c.created_at) as "handedOverAt"
        from conversation c join conversation o on (o.linked_id = c.id or c.linked_id = o.id)
        where o.id in ${conversations} and c.id not in ${conversations} order by c.id`,
  );
  const rows = await rowsOf(
    transaction,
    PlaceRow,
    sql`select c.id, exists (select 1 from message where message.conversation_id = c.id
            and message.author_kind = 'requester' and message.author_id <> 'erased'
            and not coalesce(${isBy(names, until)}, false)) as "isShared",
          exists (select 1 from message where message.conversation_id = c.id and message.author_kind = 'requester'
            and ${WRITTEN_AT} > ${until} and (${isBy(names)})) as "isBack",
          coalesce((select min(${WRITTEN_AT}) - interval '1 minute' from message where message.conversation_id = c.id
            and message.author_kind = 'requester' and (${isBy(names)})), c.created_at) as first
        from conversation c where c.id in ${[...conversations, ...linked.map(({ id }) => id)]} order by c.id`,
  );
  const known = new Map(rows.map((row) => [row.id, row.isShared ? row.first : null]));
  for (const { id, origin, handedOverAt } of linked) {
    const isShared = known.get(id) !== null;
    known.set(id, known.get(origin) ?? (isShared ? handedOverAt : null));
  }
  return rows.map(({ id, isBack }) => ({
    conversationId: id,
    since: known.get(id) ?? null,
    until: isBack ? until : null,
  }));
}

const NameRow = z.object({
  kind: z.enum(["author", "email", "customer", "voter"]),
  value: z.string(),
});

/**
 * When a teammate wrote, switched or took something over, null for what they are to be told, and where their address
 * stands beside it; then the column with their name.
 */
export const WRITER_COLUMNS: readonly (readonly [PgColumn | null, PgColumn, PgColumn?])[] = [
  [caseNote.at, caseNote.author, caseNote.name],
  [conversation.updatedAt, conversation.ownerVoter, conversation.ownerHolder],
  [writtenPage.at, writtenPage.author],
  [writtenPage.at, writtenPage.owner],
  [helpPage.updated, helpPage.owner],
  [null, digest.person],
  [pageOff.offAt, pageOff.offBy],
  [pageOff.onAt, pageOff.onBy],
  [pageDoubt.at, pageDoubt.allowedBy],
  [procedureVersion.createdAt, procedureVersion.author],
];

/** Every person's name under which data is stored, for comparison with the list of keyed digests of erased names. */
export async function knownNames(transaction: Transaction): Promise<readonly PersonName[]> {
  const writers = WRITER_COLUMNS.map(
    ([, author]) => sql`select 'voter', ${author} from ${author.table} where ${author} is not null`,
  );
  const rows = await rowsOf(
    transaction,
    NameRow,
    sql`select 'author' as kind, author_id as value from message where author_kind <> 'bot'
      union select 'email', lower(content -> 'identity' -> 'handle' ->> 'email') from message_content
        where content -> 'identity' -> 'handle' ->> 'email' is not null
      union select 'customer', content -> 'identity' -> 'handle' ->> 'customerId' from message_content
        where content -> 'identity' -> 'handle' ->> 'customerId' is not null
      union select 'email', lower(email_on_file) from challenge where email_on_file is not null
      union select 'email', lower(action -> 'arguments' ->> 'address') from effect
        where operation = 'send_code' and action -> 'arguments' ->> 'address' is not null
      union select 'email', lower(split_part(key, ':', 2)) from conversation_key where key like 'mail:%@%'
      union select 'author', 'chat:' || ${chatUserIn(sql`key`)} from conversation_key where key like 'chat:_%:%'
      union select 'email', customer from rehearsed_ticket
      union select 'customer', customer_id from rehearsed_ticket
      union select 'voter', email from console_pass union select 'voter', email from ticket_session
      union select 'voter', unnest(array_remove(array[email, made_by], null)) from access_token
      union ${sql.join(writers, sql` union `)}
      union select 'voter', unnest(array_remove(array[v ->> 'voter', v ->> 'deskId'], null))
        from (select votes || opinions || jsonb_build_array(claim) as votes from approval
        union all select votes from policy_change union all select votes from procedure_version) d,
        jsonb_path_query(d.votes, '$[*]') v`,
  );
  const names = new Map<string, PersonName>();
  for (const { kind, value } of rows) {
    const name = nameFrom(kind, value);
    if (name !== null) names.set(nameText(name), name);
  }
  return [...names.values()];
}

function nameFrom(kind: z.infer<typeof NameRow>["kind"], value: string): PersonName | null {
  if (value === "") return null;
  if (kind === "author") return nameOfAuthor(value);
  if (kind === "customer") return { kind, value };
  return teammateName(value);
}
