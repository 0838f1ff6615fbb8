/** The rows behind each number: what it counted, newest first. */
import { z } from "zod";
import type { ResolutionKind } from "#core/cases/resolution.ts";
import { rowsOf, type Transaction } from "#store/db/database.ts";
import { sql, type SQL } from "#store/db/drizzle.ts";
import { PAGE_ROWS, pageOf, type Cursor, type Page } from "./cursor.ts";
import { during, type Days } from "./figures.ts";

/** The numbers that have a list of their own. */
export const FigureName = z.enum([
  "received",
  "answered",
  "to-people",
  "resolved",
  "unchanged",
  "edited",
  "rejected",
  "expired",
  "stopped",
  "good",
  "bad",
  "turns",
  "ended-confirmed",
  "ended-durable",
  "ended-assumed",
  "ended-handed-off",
  "ended-abandoned",
]);
export type FigureName = z.infer<typeof FigureName>;

const FigureRow = z.object({
  /** The row's own id, for the cursor. */
  id: z.string(),
  at: z.coerce.date(),
  conversationId: z.string(),
  channel: z.string(),
  subject: z.string(),
  /** How it ended or what it cost, in a few words. */
  words: z.string().nullable(),
});
/** One row behind a number. */
export type FigureRow = z.infer<typeof FigureRow>;

/** Where the rows of a number are: their table, time, id, words, and which of them count. */
interface Source {
  readonly table: SQL;
  readonly at: SQL;
  readonly id: SQL;
  /** The type of the id, to compare it in order. */
  readonly idType: SQL;
  readonly words: SQL;
  readonly which: SQL;
}

const NUMBER = sql`bigint`;

function messages(which: SQL): Source {
  return {
    table: sql`message r`,
    at: sql`r.received_at`,
    id: sql`r.id`,
    idType: NUMBER,
    words: sql`r.outcome_reason`,
    which: sql`${sql.raw("r.author_kind = 'requester' and r.visibility = 'public' and r.cleared_at is null and r.outcome is distinct from 'ignored'")} and ${which}`,
  };
}

function cards(which: SQL): Source {
  return {
    table: sql`approval r`,
    at: sql`r.updated_at`,
    id: sql`r.id`,
    idType: sql`text`,
    words: sql`r.closing`,
    which: sql`r.state <> 'pending' and r.kind <> 'notice' and r.cleared_at is null and r.decided_at is not null and ${which}`,
  };
}

function ratings(score: string): Source {
  return {
    table: sql`signal r`,
    at: sql`r.at`,
    id: sql`r.key`,
    idType: sql`text`,
    words: sql`r.payload ->> 'comment'`,
    which: sql`r.cleared_at is null and r.payload ->> 'kind' = 'rated' and r.payload ->> 'score' = ${score}`,
  };
}

/** Matters of the resolution ledger that ended in one way. */
function ended(kind: ResolutionKind): Source {
  return {
    table: sql`resolution r`,
    at: sql`r.ended_at`,
    id: sql`r.conversation_id || ' ' || r.place`,
    idType: sql`text`,
    words: sql`r.reason || ', ' || round(r.cost_usd::numeric, 4)::text || ' USD'
      || coalesce(', ' || round(r.human_minutes::numeric, 1)::text || ' minutes of people', '')`,
    which: sql`r.kind = ${kind}`,
  };
}

const SOURCES: Readonly<Record<FigureName, Source>> = {
  received: messages(sql`true`),
  answered: messages(sql`r.outcome = 'answered'`),
  "to-people": messages(sql`r.outcome in ('escalated', 'expired', 'failed')`),
  // The last answered message of each conversation that no teammate had to take over.
  resolved: messages(sql`r.outcome = 'answered' and c.owner = 'bot' and not exists (
    select 1 from message o where o.conversation_id = r.conversation_id and o.author_kind = 'requester'
      and o.visibility = 'public' and o.outcome is distinct from 'ignored' and o.cleared_at is null
      and (o.id > r.id or o.outcome is null or o.outcome in ('escalated', 'expired', 'failed')))`),
  unchanged: cards(sql`r.kind = 'proposal' and r.state = 'approved' and not r.edited`),
  edited: cards(sql`r.kind = 'proposal' and r.state = 'approved' and r.edited`),
  rejected: cards(sql`r.kind = 'proposal' and r.state = 'rejected'`),
  expired: cards(sql`r.state = 'expired'`),
  stopped: cards(sql`r.kind = 'blocked'`),
  good: ratings("good"),
  bad: ratings("bad"),
  turns: {
    table: sql`turn r`,
    at: sql`r.started_at`,
    id: sql`r.id`,
    idType: sql`text`,
    words: sql`coalesce(round(r.cost_usd::numeric, 4)::text || ' USD', 'price unknown') || ', ' || coalesce(r.steps, 0) || ' steps, ' || r.outcome`,
    which: sql`true`,
  },
  "ended-confirmed": ended("confirmed"),
  "ended-durable": ended("durable"),
  "ended-assumed": ended("assumed"),
  "ended-handed-off": ended("handed_off"),
  "ended-abandoned": ended("abandoned"),
};

/** One page of the rows behind a number. */
export async function rowsBehind(
  transaction: Transaction,
  name: FigureName,
  { days, after }: { readonly days: Days; readonly after: Cursor | null },
): Promise<Page<FigureRow>> {
  const { table, at, id, idType, words, which } = SOURCES[name];
  // Addresses come from outside: a cursor of another list begins at the first page.
  const isOurs = after !== null && (idType !== NUMBER || /^\d{1,18}$/.test(after.id));
  const from = !isOurs
    ? sql`true`
    : sql`(${at}, ${id}) < (${after.at.toISOString()}::timestamptz, ${after.id}::${idType})`;
  const rows = await rowsOf(
    transaction,
    FigureRow,
    sql`select (${id})::text as id, ${at} as at, c.id as "conversationId", c.channel, c.subject, ${words} as words
        from ${table} join conversation c on c.id = r.conversation_id
        where ${which} and ${during(at, days)} and ${from}
        order by ${at} desc, ${id} desc limit ${PAGE_ROWS + 1}`,
  );
  return pageOf(rows, ({ at: time, id: own }) => ({ at: time, id: own }));
}
