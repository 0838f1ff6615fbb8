/** Reads the results of a run from the database: messages and effects. */
import pg from "pg";
import { z } from "zod";

/** One message as the database has it. */
export interface StoredMessage {
  /** The source's own id. */
  readonly id: string;
  readonly conversationId: string;
  readonly receivedAt: number;
  /** Null while it has no outcome. */
  readonly outcome: string | null;
  readonly reason: string;
  readonly outcomeAt: number | null;
  readonly turnId: string | null;
}

export interface RunRecords {
  /** Messages without an outcome, and effects that are still to be carried out. */
  backlog(): Promise<{ readonly messages: number; readonly effects: number }>;
  /** A message that was given up unread is only in a dead letter: it counts as failed. */
  messages(): Promise<readonly StoredMessage[]>;
  /** Effects by operation and state, for the report of a run that failed. */
  effects(): Promise<Readonly<Record<string, number>>>;
  /** Ids of the messages of `among` that were taken in. */
  takenIn(among: readonly string[]): Promise<ReadonlySet<string>>;
  /** Turns and effects of a conversation in the order they came, one line each, for looking into a finding. */
  historyOf(conversationId: string): Promise<readonly string[]>;
  close(): Promise<void>;
}

const Backlog = z.object({ messages: z.coerce.number(), effects: z.coerce.number() });
const Row = z.object({
  event_id: z.string(),
  conversation_id: z.string(),
  received_at: z.date(),
  outcome: z.string().nullable(),
  outcome_reason: z.string().nullable(),
  outcome_at: z.date().nullable(),
  turn_id: z.string().nullable(),
});
const Counted = z.object({ name: z.string(), count: z.coerce.number() });

/** A connection of its own to the fleet's database, which only reads. */
export async function openRunRecords(databaseUrl: string): Promise<RunRecords> {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 2 });
  // A connection that breaks is replaced; a query that fails rejects by itself.
  pool.on("error", () => undefined);
  const ask = async <Schema extends z.ZodType>(
    schema: Schema,
    text: string,
    values: readonly unknown[] = [],
  ): Promise<readonly z.output<Schema>[]> => {
    const { rows } = await pool.query(text, [...values]);
    return z.array(schema).parse(rows);
  };
  return {
    async backlog() {
      const [row] = await ask(
        Backlog,
        `select
           (select count(*) from hint where state = 'unread')
           + (select count(*) from message where author_kind = 'requester' and outcome is null) as messages,
           (select count(*) from effect where state in ('intended', 'executing')) as effects`,
      );
      return row ?? { messages: 0, effects: 0 };
    },
    async messages() {
      const rows = await ask(
        Row,
        `select h.event_id, h.conversation_id, h.received_at,
                coalesce(m.outcome, case when h.state = 'failed' and exists (
                  select 1 from dead_letter d where d.hints @> to_jsonb(h.id)
                ) then 'failed' end) as outcome,
                m.outcome_reason, m.outcome_at, m.turn_id
         from hint h left join message m on m.key = h.event_id
         where h.channel = 'chat' order by h.id`,
      );
      return rows.map((row) => ({
        id: sourceId(row.event_id),
        conversationId: row.conversation_id,
        receivedAt: row.received_at.getTime(),
        outcome: row.outcome,
        reason: row.outcome_reason ?? "",
        outcomeAt: row.outcome_at?.getTime() ?? null,
        turnId: row.turn_id,
      }));
    },
    async effects() {
      const rows = await ask(
        Counted,
        "select operation || ' ' || state as name, count(*) as count from effect group by 1 order by 1",
      );
      return Object.fromEntries(rows.map(({ name, count }) => [name, count]));
    },
    async takenIn(among) {
      const rows = await ask(
        z.object({ event_id: z.string() }),
        "select event_id from hint where event_id = any($1)",
        [among],
      );
      return new Set(rows.map(({ event_id }) => event_id));
    },
    async historyOf(conversationId) {
      const rows = await ask(
        z.object({ line: z.string() }),
        `select to_char(at, 'HH24:MI:SS.MS') || ' ' || said as line from (
           select received_at as at, 'hint ' || id || ' ' || event_id as said from hint where conversation_id = $1
           union all
           select started_at, 'turn ' || id || ' ' || outcome || ' ' || coalesce(trace ->> 'outcome_reason', '')
           from turn where conversation_id = $1
           union all
           select created_at, 'effect ' || key || ' ' || state || ', tries ' || attempts || ', done '
             || coalesce(to_char(finished_at, 'HH24:MI:SS.MS'), 'never') || ' ' || coalesce(error, '') || ' of ' || coalesce(turn_id, '')
           from effect where conversation_id = $1
           union all
           select created_at, 'card ' || state || ': ' || coalesce(card ->> 'headline', '') || ' ' || rules::text || ' ' || left(card::text, 900)
           from approval where conversation_id = $1) as history order by at`,
        [conversationId],
      );
      return rows.map(({ line }) => line);
    },
    close: () => pool.end(),
  };
}

/** A chat message's event id ends with the id its source gave it. */
function sourceId(eventId: string): string {
  return eventId.slice(eventId.lastIndexOf(":") + 1);
}
