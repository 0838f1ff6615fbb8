/** Who wrote in a conversation and about what: the head of a case, as lists, alerts and commands name it. */
import { sql } from "#store/db/drizzle.ts";
import { z } from "zod";
import { rowsOf, type Transaction } from "#store/db/database.ts";
import { KNOWN_NAME } from "#store/people/known-name.ts";

/** Enough for an excerpt after masking, which may shorten or lengthen a text. */
const WORDS_READ = 2_000;

const CaseHead = z.object({
  id: z.string(),
  channel: z.string(),
  externalId: z.string(),
  /** The subject of the conversation, or of the newest message where it has none; empty where neither has. */
  subject: z.string(),
  ownerReason: z.string(),
  isWithPeople: z.boolean(),
  isSolved: z.boolean(),
  /** When we handed it to people; null while the bot has it, and once a teammate has it by name. */
  handedOverAt: z.coerce.date().nullable(),
  /** When the team is reminded of it; null when no reminder is due any more. */
  remindAt: z.coerce.date().nullable(),
  /** The customer by the name the shop has for them, else by that of their newest message; empty when nothing of it is kept. */
  name: z.string(),
  /** The beginning of the customer's newest message, not masked; empty when nothing of it is kept. */
  words: z.string(),
  /** When that message came in; null when there is none. */
  at: z.coerce.date().nullable(),
  /** The conversation of the team's own that is linked with it: its channel and number; null when there is none. */
  linkedId: z.string().nullable(),
  linkedChannel: z.string().nullable(),
  linkedExternalId: z.string().nullable(),
});
/** The head of one case. Name, subject and words are the customer's own text. */
export type CaseHead = z.infer<typeof CaseHead>;

/** The heads of these conversations, by id; an unknown id is left out. One statement, whatever their number. */
export async function caseHeads(
  transaction: Transaction,
  ids: readonly string[],
): Promise<ReadonlyMap<string, CaseHead>> {
  if (ids.length === 0) return new Map();
  const rows = await rowsOf(
    transaction,
    CaseHead,
    sql`select c.id, c.channel, c.external_id as "externalId",
          coalesce(nullif(c.subject, ''), newest.subject, '') as subject,
          c.owner_reason as "ownerReason", c.owner = 'human' as "isWithPeople", c.solved_at is not null as "isSolved",
          c.handed_over_at as "handedOverAt", c.handover_remind_at as "remindAt",
          coalesce(${KNOWN_NAME}, newest.name, '') as name, coalesce(newest.words, '') as words, newest.at,
          c.linked_id as "linkedId", l.channel as "linkedChannel", l.external_id as "linkedExternalId"
        from conversation c
        left join conversation l on l.id = c.linked_id
        left join lateral (
          select mc.content -> 'author' ->> 'name' as name, mc.content ->> 'subject' as subject,
            left(mc.content ->> 'text', ${WORDS_READ}) as words, m.received_at as at
          from message m left join message_content mc on mc.message_id = m.id
          where m.conversation_id = c.id and m.author_kind = 'requester'
          order by m.id desc limit 1
        ) newest on true
        where c.id in (${sql.join(
          ids.map((id) => sql`${id}`),
          sql`, `,
        )})`,
  );
  return new Map(rows.map((row) => [row.id, row]));
}
