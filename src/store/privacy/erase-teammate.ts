/** Erases a teammate's name from decisions and sign-ins, and keeps the list of erased names, as keyed digests. */
import { z } from "zod";
import { forgetClaims, SHOWN_ANEW } from "#store/approvals/claims.ts";
import {
  and,
  eq,
  inArray,
  isNotNull,
  isNull,
  ne,
  or,
  sql,
  type PgColumn,
  type SQL,
} from "#store/db/drizzle.ts";
import { ERASED } from "#core/values/message.ts";
import { forgetRecordings } from "#store/conversations/traces.ts";
import { endTokensBy } from "#store/identity/access-tokens.ts";
import {
  onlyRow,
  rowsOf,
  type Transaction,
  valuesOf,
  withoutTimeLimits,
} from "#store/db/database.ts";
import { type Person, WRITER_COLUMNS, WRITTEN_AT } from "#store/people/find-person.ts";
import {
  authorsNamed,
  type PersonName,
  valuesOfKinds,
  wholeWords,
  wordsAnywhere,
} from "#store/people/person-names.ts";
import { PAUSE_SETTINGS } from "#store/effects/pause.ts";
import { BEFORE_HAND_OVER } from "#store/conversations/conversations.ts";
import {
  accessToken,
  approval,
  consolePass,
  conversation,
  deskDecision,
  digest,
  hint,
  message,
  messageContent,
  policyChange,
  procedureVersion,
  rehearsedTicket,
  setting,
  ticketSession,
  turn,
  webhookDelivery,
} from "#store/db/schema.ts";
import { upTo } from "#store/db/statement.ts";
import { existingTables } from "#store/db/duty-leases.ts";

/** What is stored about a person as a teammate: decisions, what they wrote, and sign-ins. */
const TeammateTraces = z.object({
  /** Decisions on cards and policy changes that have ended. */
  ended: z.coerce.number(),
  /** Decisions that still count: erasing the name would erase the vote. */
  counting: z.coerce.number(),
  /** Texts and switches with their name, their opinions of drafts, and cards they look at. */
  written: z.coerce.number(),
  passes: z.coerce.number(),
});
export type TeammateTraces = z.infer<typeof TeammateTraces>;

/** Matches a vote `v`, or an opinion, of this person. */
function isTheirs(names: readonly PersonName[], until: Date | null): SQL {
  const isVoter = (key: string) => inArray(sql`lower(coalesce(v ->> ${key}, ''))`, votersIn(names));
  const at = until === null ? sql`true` : sql`(v ->> 'at')::timestamptz <= ${until}`;
  return sql`(${or(isVoter("voter"), isVoter("deskId"))} and ${at})`;
}

/** Matches a column of votes with a vote of this person. */
function votedBy(column: SQL | PgColumn, names: readonly PersonName[], until: Date | null): SQL {
  return sql`exists (select 1 from jsonb_path_query(${column}, '$[*]') v where ${isTheirs(names, until)})`;
}

function votersIn(names: readonly PersonName[]): string[] {
  return valuesOfKinds(names, ["email", "slack"]);
}

/** Matches sign-ins whenever they began, which is not kept: who came back signs in again. */
function isSignedInBy(
  { email }: typeof consolePass | typeof ticketSession,
  names: readonly PersonName[],
): SQL {
  return inArray(sql`lower(${email})`, votersIn(names));
}

function hasToken(names: readonly PersonName[], until: Date | null): SQL | undefined {
  const voters = votersIn(names);
  const madeBy = inArray(sql`lower(${accessToken.madeBy})`, voters);
  return and(or(inArray(accessToken.email, voters), madeBy), upTo(accessToken.madeAt, until));
}

const CARD_COUNTS = sql`(approval.state = 'pending' or exists (select 1 from effect e
  where e.approval_id = approval.id and e.state in ('intended', 'executing')))`;

/** Counts a person's traces as a teammate, all or `until` a moment. */
export async function teammateTraces(
  transaction: Transaction,
  names: readonly PersonName[],
  until: Date | null = null,
): Promise<TeammateTraces> {
  const votes = (column: SQL) => votedBy(column, names, until);
  const voted = (isCard: SQL, isChange: SQL) => sql`(
      (select count(*) from approval where ${votes(sql`votes`)} and ${isCard})
      + (select count(*) from policy_change where ${votes(sql`votes`)} and ${isChange})
      + (select count(*) from procedure_version where ${votes(sql`votes`)} and ${isChange}))`;
  const said = sql`(select count(*) from approval
    where ${votes(sql`(approval.opinions || jsonb_build_array(approval.claim))`)})`;
  const sent = sql`(select count(*) from message where ${isSentBy(names, until)})`;
  const written = WRITER_COLUMNS.map(
    ([at, author]) =>
      sql`(select count(*) from ${author.table} where ${and(inArray(sql`lower(${author})`, votersIn(names)), upTo(at, until))})`,
  );
  const rows = await rowsOf(
    transaction,
    TeammateTraces,
    sql`select ${voted(sql`not ${CARD_COUNTS}`, sql`state <> 'proposed'`)} as ended,
      ${voted(CARD_COUNTS, sql`state = 'proposed'`)} as counting,
      ${sql.join([said, sent, ...written], sql` + `)} as written,
      (select count(*) from console_pass where ${isSignedInBy(consolePass, names)})
        + (select count(*) from ticket_session where ${isSignedInBy(ticketSession, names)})
        + (select count(*) from access_token where ${hasToken(names, until)}) as passes`,
  );
  return onlyRow(rows);
}

/** Erases the name from what they decided, wrote and switched, all or `until` a moment; decisions that still count stay. */
export async function eraseTeammate(
  transaction: Transaction,
  names: readonly PersonName[],
  until: Date | null = null,
): Promise<void> {
  await withoutTimeLimits(transaction);
  const words = await eraseName(transaction, names, until);
  for (const table of [consolePass, ticketSession])
    await transaction.delete(table).where(isSignedInBy(table, names));
  await endTokensBy(transaction, votersIn(names), until);
  await forgetClaims(transaction, votersIn(names));
  await transaction
    .update(approval)
    .set({
      ...SHOWN_ANEW,
      opinions: sql`(select coalesce(jsonb_agg(v), '[]') from jsonb_path_query(${approval.opinions}, '$[*]') v where not ${isTheirs(names, until)})`,
    })
    .where(votedBy(approval.opinions, names, until));
  await transaction.delete(digest).where(inArray(sql`lower(${digest.person})`, votersIn(names)));
  await eraseAuthor(transaction, votersIn(names), until);
  // A case that nobody has any more is offered to the others.
  await transaction
    .update(conversation)
    .set({ ownerVoter: null, ownerHolder: null })
    .where(eq(conversation.ownerVoter, ERASED));
  await eraseVotes(transaction, { names, until, words });
}

/** What names a teammate as who did something: the column, when that was, and which settings. */
const NAMING: readonly (readonly [PgColumn, PgColumn | null, SQL?])[] = [
  [conversation.ownerReason, conversation.updatedAt],
  [conversation.barred, conversation.updatedAt],
  [message.outcomeReason, message.receivedAt],
  [turn.trace, turn.startedAt, isNull(turn.clearedAt)],
  [webhookDelivery.body, webhookDelivery.createdAt],
  [rehearsedTicket.verdict, rehearsedTicket.playedAt],
  [setting.value, null, sql`(name in ${PAUSE_SETTINGS} or starts_with(name, ${BEFORE_HAND_OVER}))`],
];

/** The content of a column without these words. */
function withoutWords(column: PgColumn, words: string): SQL {
  return sql`regexp_replace(${column}::text, ${words}, ${ERASED}, 'g')::${sql.raw(column.getSQLType())}`;
}

/** Matches messages that they wrote as a teammate. */
function isSentBy(names: readonly PersonName[], until: Date | null): SQL | undefined {
  const isTheirs = inArray(sql`lower(${message.authorId})`, authorsNamed(names));
  return and(eq(message.authorKind, "teammate"), isTheirs, upTo(WRITTEN_AT, until));
}

/** Matches read deliveries of such messages. */
export function teammateHints({ names, until }: Pick<Person, "names" | "until">): SQL | undefined {
  return and(
    ne(hint.state, "unread"),
    or(isNull(hint.clearedAt), isNotNull(hint.bodyRef)),
    sql`exists (select 1 from message where message.conversation_id = ${hint.conversationId}
      and ${isSentBy(names, until)} and strpos(concat(${hint.eventId}, ${hint.payload}), message.key) > 0)`,
  );
}

/**
 * Erases the name under which they decided and wrote from their messages, and from what names them; the texts stay. Gives
 * what finds it; null where none is known.
 */
async function eraseName(
  transaction: Transaction,
  names: readonly PersonName[],
  until: Date | null,
): Promise<string | null> {
  const beside = WRITER_COLUMNS.flatMap(([, author, called]) =>
    called === undefined
      ? []
      : [
          sql`union select ${called} from ${called.table} where ${inArray(sql`lower(${author})`, votersIn(names))}`,
        ],
  );
  const called = await valuesOf(
    transaction,
    z.string().nullable(),
    sql`select v ->> 'name' from (select votes || opinions || jsonb_build_array(claim) as votes from approval
        union all select votes from policy_change union all select votes from procedure_version) d, jsonb_path_query(d.votes, '$[*]') v
        where ${isTheirs(names, null)}
      union select content -> 'author' ->> 'name' from message join message_content on message_id = message.id
        where ${isSentBy(names, until)} ${sql.join(beside, sql` `)}`,
  );
  const known = called.flatMap((name) => (name === null || name === "" ? [] : [name]));
  if (known.length === 0) return null;
  const all = [...known, ...votersIn(names)];
  const words = wholeWords(all);
  // Of many traces few name them.
  const holdWords = (column: PgColumn) =>
    sql`case when ${column}::text ~ ${wordsAnywhere(all)} then ${column}::text ~ ${words} else false end`;
  for (const [column, at, which = sql`true`] of NAMING)
    await transaction.execute(
      sql`update ${column.table} set ${sql.identifier(column.name)} = ${withoutWords(column, words)}
        where ${and(holdWords(column), which, upTo(at, until))}`,
    );
  await forgetRecordings(transaction, new RegExp(words), until);
  await transaction.execute(
    sql`update message_content set content = case jsonb_typeof(content) when 'object'
        then jsonb_set(${withoutWords(messageContent.content, words)}, '{author,id}', to_jsonb(${ERASED}::text))
        else ${withoutWords(messageContent.content, words)} end
      from message where message.id = message_id and ${isSentBy(names, until)}`,
  );
  await transaction.update(message).set({ authorId: ERASED }).where(isSentBy(names, until));
  return words;
}

/** Erases the name from what they wrote and switched; the texts stay. */
async function eraseAuthor(
  transaction: Transaction,
  addresses: readonly string[],
  until: Date | null,
): Promise<void> {
  if (addresses.length === 0) return;
  for (const columns of WRITER_COLUMNS) {
    const [at, author, called] = columns;
    const names = called === undefined ? [author] : [author, called];
    const erased = names.map(({ name }) => sql`${sql.identifier(name)} = ${ERASED}`);
    await transaction.execute(
      sql`update ${author.table} set ${sql.join(erased, sql`, `)} where ${and(inArray(sql`lower(${author})`, [...addresses]), upTo(at, until))}`,
    );
  }
}

/** Erases the name from votes on what has ended, and by these words from the lines that say how it did. */
async function eraseVotes(
  transaction: Transaction,
  { names, until, words }: Pick<Person, "names" | "until"> & { readonly words: string | null },
): Promise<void> {
  const isVoted = votedBy(sql`votes`, names, until);
  const isEndedCard = sql`${isVoted} and not ${CARD_COUNTS}`;
  await transaction
    .update(deskDecision)
    .set({ answer: { accepted: false, message: ERASED, fieldErrors: {} } })
    .where(sql`${deskDecision.approvalId} in (select id from approval where ${isEndedCard})`);
  const votes = sql`(select jsonb_agg(case when ${isTheirs(names, until)}
      then jsonb_build_object('voter', ${ERASED}::text, 'name', ${ERASED}::text, 'role', v -> 'role', 'at', v -> 'at') else v end order by place)
    from jsonb_path_query(votes, '$[*]') with ordinality vote (v, place))`;
  const closing =
    words === null ? sql`closing` : sql`regexp_replace(closing, ${words}, ${ERASED}, 'g')`;
  const erased = sql`votes = ${votes}, closing = ${closing}`;
  await transaction.execute(
    sql`update approval set ${erased}, card_stale = desk_ref is not null, post_after = null where ${isEndedCard}`,
  );
  for (const table of [policyChange, procedureVersion])
    await transaction.execute(
      sql`update ${table} set ${erased} where ${isVoted} and state <> 'proposed'`,
    );
}

/** A name that was erased, as a keyed digest, and when that was last requested. */
const ListedErasure = z.object({ name: z.string(), at: z.coerce.date() });
export type ListedErasure = z.infer<typeof ListedErasure>;

/** Adds names to the list of erasures; an existing name keeps the later time. */
export async function listErasures(
  transaction: Transaction,
  erased: readonly ListedErasure[],
): Promise<void> {
  for (const { name, at } of erased)
    await transaction.execute(
      sql`insert into erasure (name, at) values (${name}, ${at})
          on conflict (name) do update set at = greatest(erasure.at, excluded.at)`,
    );
}

/** All entries, latest last; empty in a database that has no such table yet. */
export async function listedErasures(transaction: Transaction): Promise<readonly ListedErasure[]> {
  if (!(await existingTables(transaction)).includes("erasure")) return [];
  return rowsOf(transaction, ListedErasure, sql`select name, at from erasure order by at, name`);
}
