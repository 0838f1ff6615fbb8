/** What must hold once everything had the time to end. */
import { sql } from "#store/db/drizzle.ts";
import { z } from "zod";
import { CUSTOMERS, TEAM } from "#sandbox/world.ts";
import type { TestEnvironment } from "#test/simulation/approvals/environment.ts";
import { rowsOf, type Transaction } from "#store/db/database.ts";
import type { Watch } from "./watch.ts";

/** Something that will happen by itself: unread mail, an effect under way, a time that is due. */
export async function isBusy({ store, fakeQueue, clock }: TestEnvironment): Promise<boolean> {
  const woken = fakeQueue.take();
  for (const id of woken) await fakeQueue.queue.wakeAnyway(id);
  if (woken.length > 0) return true;
  // A card that is closed and gone from the desk is looked for again only after a day.
  const soon = new Date(clock.now().getTime() + 3_600_000).toISOString();
  return store.run(async (transaction) => {
    const [row] = await rowsOf(
      transaction,
      z.object({ open: z.coerce.number() }),
      sql`select (select count(*) from hint where state = 'unread')
               + (select count(*) from effect where state in ('intended', 'executing'))
               + (select count(*) from conversation where wake_at is not null)
               + (select count(*) from approval where card_stale and (post_after is null or post_after < ${soon})) as open`,
    );
    return (row?.open ?? 0) > 0;
  });
}

export async function endHolds(watch: Watch): Promise<readonly string[]> {
  const { store } = watch.environment;
  const found = await store.run(async (transaction) => [
    ...(await everyMessageEnds(transaction, watch)),
    ...(await cardsAreShown(transaction, watch)),
    ...(await nobodyInTheAudit(transaction)),
  ]);
  return found;
}

const MessageRow = z.object({
  key: z.string(),
  outcome: z.string().nullable(),
  owner: z.string(),
  cards: z.coerce.number(),
  back: z.coerce.number(),
  due: z.coerce.date().nullable(),
});

/** Each message that was taken in has ended, or waits on exactly one card, or for a time that is known. */
async function everyMessageEnds(
  transaction: Transaction,
  watch: Watch,
): Promise<readonly string[]> {
  const rows = await rowsOf(
    transaction,
    MessageRow,
    sql`select m.key, m.outcome, c.owner,
               (select count(*) from approval a where a.state = 'pending' and a.answers ? m.key) as cards,
               (select count(*) from signal s where s.conversation_id = c.id and s.payload ->> 'to' = 'bot') as back,
               c.wake_at as due
        from message m join conversation c on c.id = m.conversation_id
        where m.author_kind = 'requester'`,
  );
  const byKey = new Map(rows.map((row) => [row.key, row]));
  return [...new Set(watch.messages)].flatMap((key) => {
    const row = byKey.get(key);
    if (row === undefined) return [`${key} was taken in and never read`];
    // What people had and handed back is thought about once more; how it ended first stays on record.
    if (row.outcome !== null)
      return row.cards === 0 || row.back > 0
        ? []
        : [`${key} is ${row.outcome} and stands on a card`];
    if (row.cards > 1) return [`${key} stands on ${row.cards} cards`];
    return row.cards === 1 || row.due !== null
      ? []
      : [`${key} has no outcome, no card and no time (owner: ${row.owner})`];
  });
}

/** The audit is kept longest and nothing is ever removed from it, so no person may be named in it. */
async function nobodyInTheAudit(transaction: Transaction): Promise<readonly string[]> {
  const rows = await rowsOf(
    transaction,
    z.object({ text: z.string() }),
    sql`select kind || data::text as text from audit
        union all select kind || data::text from audit_pending`,
  );
  const people = [...Object.values(TEAM), ...CUSTOMERS].flatMap(({ name, email }) => [name, email]);
  return rows.flatMap(({ text }) =>
    people
      .filter((person) => text.toLowerCase().includes(person.toLowerCase()))
      .map((person) => `${person} stands in the audit: ${text}`),
  );
}

const CardRow = z.object({
  id: z.string(),
  version: z.coerce.number(),
  state: z.string(),
  stale: z.boolean(),
});

/** What people see is what the rows say: the newest version, and buttons only where something can be decided. */
async function cardsAreShown(transaction: Transaction, watch: Watch): Promise<readonly string[]> {
  const rows = await rowsOf(
    transaction,
    CardRow,
    sql`select id, version, state, card_stale as stale from approval where desk_ref is not null`,
  );
  const shown = new Map(watch.environment.desk.shown.map((card) => [card.approvalId, card]));
  return rows.flatMap(({ id, version, state, stale }) => {
    if (stale) return [];
    const card = shown.get(id);
    if (card === undefined) return [`${id} was never shown`];
    const decidable = card.state === "pending";
    return card.version === version && decidable === (state === "pending")
      ? []
      : [
          `${id} is ${state} in version ${version} and shown ${card.state} in version ${card.version}`,
        ];
  });
}
