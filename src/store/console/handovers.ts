/** What people have: conversations handed to them and not solved yet, and who has taken them. */
import { z } from "zod";
import { rowsOf, type Transaction } from "#store/db/database.ts";
import { sql } from "#store/db/drizzle.ts";
import { KNOWN_NAME } from "#store/people/known-name.ts";
import { PAGE_ROWS, pageOf, type Cursor, type Page } from "./cursor.ts";

const WithPeople = z.object({
  id: z.string(),
  channel: z.string(),
  subject: z.string(),
  reason: z.string(),
  handedOverAt: z.coerce.date(),
  /** The number of the ticket it is worked on in; null when there is none. */
  ticket: z.string().nullable(),
  /** Whom it is assigned to; null when a person has not been named since. */
  assignee: z.string().nullable(),
  /** The teammate who answered last since; null when none has. */
  answeredBy: z.string().nullable(),
  answeredAt: z.coerce.date().nullable(),
  /** The customer's name as they wrote it; null when their text was erased. */
  customer: z.string().nullable(),
  /** The beginning of the customer's newest message. */
  excerpt: z.string().nullable(),
});
/** A conversation that people have. */
export type WithPeople = z.infer<typeof WithPeople>;

/** Of the customer's newest message. */
const EXCERPT_MAX = 200;

/** What people have, the longest first. */
export async function withPeople(
  transaction: Transaction,
  after: Cursor | null,
): Promise<Page<WithPeople>> {
  const from =
    after === null
      ? sql`true`
      : sql`(c.handed_over_at, c.id) > (${after.at.toISOString()}::timestamptz, ${after.id})`;
  const rows = await rowsOf(
    transaction,
    WithPeople,
    sql`with had as (
          select c.id, c.channel, c.subject, c.owner_reason, c.handed_over_at, c.linked_id, ${KNOWN_NAME} as name
          from conversation c
          where c.owner = 'human' and c.handed_over_at is not null and c.solved_at is null and ${from}
          order by c.handed_over_at, c.id limit ${PAGE_ROWS + 1}
        )
        select h.id, h.channel, h.subject, h.owner_reason as reason, h.handed_over_at as "handedOverAt",
          l.external_id as ticket, taken.assignee, answered.name as "answeredBy", answered.at as "answeredAt",
          coalesce(h.name, said.name) as customer, said.excerpt
        from had h left join conversation l on l.id = h.linked_id
        left join lateral (
          select s.payload ->> 'assignee' as assignee from signal s
          where s.conversation_id in (h.id, h.linked_id) and s.at >= h.handed_over_at
            and s.payload ->> 'kind' = 'assigned' and s.payload ->> 'automatic' = 'false'
          order by s.at desc limit 1
        ) taken on true
        left join lateral (
          select mc.content -> 'author' ->> 'name' as name, m.sent_at as at
          from message m join message_content mc on mc.message_id = m.id
          where m.conversation_id in (h.id, h.linked_id) and m.author_kind = 'teammate' and m.visibility = 'public'
            and m.sent_at >= h.handed_over_at
          order by m.id desc limit 1
        ) answered on true
        left join lateral (
          select mc.content -> 'author' ->> 'name' as name, left(mc.content ->> 'text', ${EXCERPT_MAX}) as excerpt
          from message m join message_content mc on mc.message_id = m.id
          where m.conversation_id = h.id and m.author_kind = 'requester'
          order by m.id desc limit 1
        ) said on true
        order by h.handed_over_at, h.id`,
  );
  return pageOf(rows, ({ handedOverAt: at, id }) => ({ at, id }));
}

/** How many conversations people have. */
export async function withPeopleCount(transaction: Transaction): Promise<number> {
  const [row] = await rowsOf(
    transaction,
    z.object({ count: z.coerce.number() }),
    sql`select count(*) as count from conversation
        where owner = 'human' and handed_over_at is not null and solved_at is null`,
  );
  return row?.count ?? 0;
}
