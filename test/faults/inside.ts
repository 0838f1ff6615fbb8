/** Reads the database for the judge, with its own statements on its own connection. */
import pg from "pg";
import { z } from "zod";
import { until } from "#test/support/waiting.ts";
import type { DatabaseState } from "./evidence.ts";

/** Runs one statement and gives its rows; PostgreSQL and the embedded database each bring one. */
export type Query = (statement: string) => Promise<readonly unknown[]>;

/** Opens a connection of the judge's own, runs `work` with it and closes it. */
export async function queryPostgres<T>(url: string, work: (ask: Query) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  // A server that goes away in between fails the statement, which says so.
  client.on("error", () => {});
  await client.connect();
  try {
    return await work(async (statement) => (await client.query<object>(statement)).rows);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** The rows of one statement. */
export async function rowsIn<Row extends z.ZodType>(
  url: string,
  row: Row,
  statement: string,
): Promise<readonly z.output<Row>[]> {
  return queryPostgres(url, async (ask) => z.array(row).parse(await ask(statement)));
}

/** Waits until the statement finds something. */
export async function untilFound(
  url: string,
  what: string,
  statement: string,
  withinMs?: number,
): Promise<void> {
  await queryPostgres(url, (ask) =>
    until(what, async () => (await ask(statement)).length > 0, withinMs),
  );
}

/** How many turns this chat had. */
export async function turnsIn(url: string, chat: string): Promise<number> {
  const turns = await rowsIn(
    url,
    z.object({ id: z.string() }),
    `select id from turn where conversation_id in
      (select conversation_id from message where key like '%:${chat}:%')`,
  );
  return turns.length;
}

const Count = z.object({ count: z.coerce.number() });

const MessageRow = z.object({
  id: z.coerce.number(),
  key: z.string(),
  in_reply_to: z.string().nullable(),
  conversation_id: z.string(),
  outcome: z.string().nullable(),
  turn_at: z.coerce.number().nullable(),
});

const EffectRow = z.object({
  key: z.string(),
  conversation_id: z.string(),
  operation: z.string(),
  state: z.string(),
  ref: z.string().nullable(),
  text: z.string().nullable(),
  target: z.string(),
  answers: z.array(z.string()).nullable(),
});

const AuditRow = z.object({
  kind: z.string(),
  key: z.string().nullable(),
  previous: z.string(),
  hash: z.string(),
});

/** How the messages of this chat ended, oldest first; null is one that has not. */
export async function outcomesIn(
  databaseUrl: string,
  chat: string,
): Promise<readonly (string | null)[]> {
  const rows = await rowsIn(
    databaseUrl,
    MessageRow.pick({ key: true, outcome: true }),
    `select key, outcome from message where author_kind = 'requester' order by id`,
  );
  return rows.filter(({ key }) => key.includes(`:${chat}:`)).map(({ outcome }) => outcome);
}

/** Reads everything the judge needs. */
export async function readDatabaseState(ask: Query): Promise<DatabaseState> {
  const messages = z.array(MessageRow).parse(
    await ask(`select m.id, m.key, m.conversation_id, m.outcome,
                 c.content -> 'answerTo' -> 'address' ->> 'inReplyTo' as in_reply_to,
                 extract(epoch from t.started_at) * 1000 as turn_at
               from message m left join message_content c on c.message_id = m.id
                 left join turn t on t.id = m.turn_id
               where m.author_kind = 'requester' order by m.id`),
  );
  const effects = z.array(EffectRow).parse(
    await ask(`select key, conversation_id, operation, state, ref, target,
                 action -> 'arguments' ->> 'text' as text, action -> 'arguments' -> 'answers' as answers
               from effect order by created_at, position`),
  );
  const audit = z
    .array(AuditRow)
    .parse(await ask("select kind, data ->> 'key' as key, previous, hash from audit order by seq"));
  const waiting = z
    .array(AuditRow.pick({ kind: true, key: true }))
    .parse(await ask("select kind, data ->> 'key' as key from audit_pending order by id"));
  const asked = z.array(z.object({ key: z.string() })).parse(
    await ask(`select jsonb_array_elements_text(answers) as key from approval
                 where desk_ref is not null and (state = 'pending' or (state = 'approved' and undo_until > now()))`),
  );
  const [unread] = z
    .array(Count)
    .parse(await ask("select count(*) as count from hint where state = 'unread'"));
  return {
    messages: messages.map((row) => ({
      id: row.id,
      key: row.key,
      inReplyTo: row.in_reply_to,
      conversationId: row.conversation_id,
      outcome: row.outcome,
      turnAt: row.turn_at,
    })),
    effects: effects.map((row) => ({
      key: row.key,
      conversationId: row.conversation_id,
      operation: row.operation,
      state: row.state,
      ref: row.ref,
      text: row.text ?? "",
      channel: row.target,
      answers: row.answers ?? [],
    })),
    audit: [...audit, ...waiting].map(({ kind, key }) => ({ kind, key })),
    auditBroken: audit.filter((row, index) => row.previous !== (audit[index - 1]?.hash ?? FIRST))
      .length,
    asked: asked.map(({ key }) => key),
    unreadHints: unread?.count ?? 0,
  };
}

/** What the first entry of a chain names as the one before it. */
const FIRST = "0".repeat(64);
