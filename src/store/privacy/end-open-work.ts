/** Ends open work for a person before their erasure, erases their address from one-time codes, and measures how much data there is. */
import { and, eq, inArray, or, sql, type SQL } from "#store/db/drizzle.ts";
import { z } from "zod";
import { ERASED } from "#core/values/message.ts";
import { setOutcome } from "#store/conversations/messages.ts";
import { onlyRow, rowsOf, type Transaction, valuesOf } from "#store/db/database.ts";
import { withdrawWhere } from "#store/effects/ledger.ts";
import { isBy, type Person, type TraceLocation } from "#store/people/find-person.ts";
import { conversation, effect, hint, message, challenge } from "#store/db/schema.ts";
import { having, upTo } from "#store/db/statement.ts";
import { clearEffects, isFull } from "./clear-rows.ts";
import { inPlace } from "./erase-conversation.ts";
import { type PersonName, valuesOfKinds } from "#store/people/person-names.ts";

/**
 * Ends a person's open work in one conversation: intended effects are withdrawn, unread hints marked as read, their
 * open messages ignored. Returns false and changes nothing while an effect is being carried out.
 */
export async function endOpenWork(
  transaction: Transaction,
  person: Person,
  place: TraceLocation,
  now: Date,
): Promise<boolean> {
  const { conversationId, since, until } = place;
  const ofPlace = inPlace(place, effect, effect.createdAt);
  const open = await transaction
    .select({ state: effect.state })
    .from(effect)
    .where(and(ofPlace, inArray(effect.state, ["intended", "executing"])))
    .for("update");
  if (open.some(({ state }) => state === "executing")) return false;
  // A list of junk is intended where its first mail came, and is of all senders.
  const isOwn = sql`not exists (select 1 from junk j
    where j.list_key = ${effect.key} and j.conversation_id <> ${conversationId})`;
  await withdrawWhere(transaction, and(ofPlace, isOwn), ERASED, now);
  if (since === null)
    await transaction
      .update(hint)
      .set({ state: "read" })
      .where(having(hint, { conversationId, state: "unread" }));
  const isOpen = having(message, { conversationId, outcome: null, authorKind: "requester" });
  const messages = await transaction
    .select({ key: message.key })
    .from(message)
    .where(and(isOpen, since === null ? undefined : isBy(person.names, until)));
  await setOutcome(
    transaction,
    messages.map(({ key }) => key),
    { outcome: "ignored", reason: ERASED, turnId: null, decidedIn: conversationId },
    now,
  );
  // Other people's messages whose card was erased are planned again; where there are none, no reminder is due.
  await transaction
    .update(conversation)
    .set(since === null ? { handoverRemindAt: null, snoozedUntil: null } : { wakeAt: now })
    .where(eq(conversation.id, conversationId));
  return true;
}

/** How much data a person has, for the operator who has to confirm that it is the right one. */
export const WorkExtent = z.object({
  messages: z.coerce.number(),
  mails: z.coerce.number(),
  turns: z.coerce.number(),
  cards: z.coerce.number(),
  waiting: z.coerce.number(),
  effects: z.coerce.number(),
  open: z.coerce.number(),
});
export type WorkExtent = z.infer<typeof WorkExtent>;

/** Counts what is in these conversations, including other people's messages in shared ones. */
export async function workExtent(
  transaction: Transaction,
  places: readonly TraceLocation[],
): Promise<WorkExtent> {
  const ids = places.map(({ conversationId }) => conversationId);
  if (ids.length === 0)
    return { messages: 0, mails: 0, turns: 0, cards: 0, waiting: 0, effects: 0, open: 0 };
  const rows = await rowsOf(
    transaction,
    WorkExtent,
    sql`select
      (select count(*) from message where conversation_id in ${ids}) as messages,
      (select count(*) from hint where conversation_id in ${ids} and body_ref is not null) as mails,
      (select count(*) from turn where conversation_id in ${ids}) as turns,
      (select count(*) from approval where conversation_id in ${ids}) as cards,
      (select count(*) from approval where conversation_id in ${ids} and state = 'pending') as waiting,
      (select count(*) from effect where conversation_id in ${ids}) as effects,
      (select count(*) from effect where conversation_id in ${ids} and state in ('intended', 'executing')) as open`,
  );
  return onlyRow(rows);
}

/** Other conversations that mention an address: that text belongs to other people and stays. */
export async function addressMentions(
  transaction: Transaction,
  person: Person,
): Promise<readonly string[]> {
  const texts = valuesOfKinds(person.names, ["email"]);
  if (texts.length === 0) return [];
  const ids = person.places.map(({ conversationId }) => conversationId);
  return valuesOf(
    transaction,
    z.string(),
    sql`select distinct m.conversation_id as id from message m join message_content c on c.message_id = m.id
        where (${or(...texts.map((text) => sql`position(${text} in lower(c.content::text)) > 0`))})
          ${ids.length === 0 ? sql`` : sql`and m.conversation_id not in ${ids}`}
        order by 1 limit 50`,
  );
}

/** References of posted alerts that contain the person's name: a desk cannot retract them. */
export async function alertsAbout(
  transaction: Transaction,
  places: readonly TraceLocation[],
): Promise<readonly string[]> {
  const ids = places.map(({ conversationId }) => conversationId);
  if (ids.length === 0) return [];
  // A list of junk is posted where its first mail came, and names all its senders.
  const posted = sql`select ref from effect
    where (conversation_id in ${ids} or key in (select list_key from junk where conversation_id in ${ids}))
      and target = 'desk' and state = 'done' and ref is not null`;
  return valuesOf(transaction, z.string(), posted);
}

/**
 * How many rows of one-time codes contain one of these addresses. Whoever asked for a code need not have been that person,
 * so these rows may be in conversations that contain nothing else of theirs.
 */
export async function codeTraces(
  transaction: Transaction,
  names: readonly PersonName[],
  until: Date | null,
): Promise<number> {
  const total = await valuesOf(
    transaction,
    z.coerce.number(),
    sql`select (select count(*) from challenge where ${wentTo(names, until)})
             + (select count(*) from effect where ${askedFor(names, until)})`,
  );
  return onlyRow(total);
}

/**
 * Erases the address from codes, in batches: codes not sent yet are withdrawn, and open ones become invalid. The rows
 * stay, because codes count against limits for a day. Gives whether there is more to do, and the conversations in which a
 * code is being sent at this moment.
 */
export async function eraseCodes(
  transaction: Transaction,
  { names, until }: Pick<Person, "names" | "until">,
  now: Date,
) {
  const asked = askedFor(names, until);
  await transaction
    .update(challenge)
    .set({
      emailOnFile: null,
      state: sql`case when ${challenge.state} = 'open' then 'dead' else ${challenge.state} end`,
    })
    .where(wentTo(names, until));
  await withdrawWhere(transaction, asked, ERASED, now);
  const which = and(asked, sql`${effect.state} <> 'executing'`);
  const cleared = await clearEffects(transaction, which, now);
  const under = await transaction
    .selectDistinct({ id: effect.conversationId })
    .from(effect)
    .where(and(asked, eq(effect.state, "executing")));
  return { more: isFull(cleared), busy: under.map(({ id }) => id) };
}

function wentTo(names: readonly PersonName[], until: Date | null): SQL | undefined {
  const address = sql`lower(${challenge.emailOnFile})`;
  const isTheirs = inArray(address, valuesOfKinds(names, ["email"]));
  return and(isTheirs, upTo(challenge.createdAt, until));
}

function askedFor(names: readonly PersonName[], until: Date | null): SQL | undefined {
  const address = sql`lower(${effect.action} -> 'arguments' ->> 'address')`;
  const isTheirs = inArray(address, valuesOfKinds(names, ["email"]));
  return and(eq(effect.operation, "send_code"), isTheirs, upTo(effect.createdAt, until));
}
