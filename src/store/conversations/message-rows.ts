/** Messages as rows: what statements that store messages have in common. */
import { digest } from "#core/values/canonical-json.ts";
import type { Message, PassedOver } from "#core/values/message.ts";
import { type Outcome, SETTLED_EVERYWHERE } from "#core/values/vocabulary.ts";
import { DOCUMENTS } from "#store/db/versioned-documents.ts";

/** The columns of `messageRow`, for `jsonb_to_recordset`. */
export const MESSAGE_COLUMNS = `
  place int, key text, conversation_id text, author_kind text, author_id text, visibility text, text_digest text,
  sent_at timestamptz, received_at timestamptz, outcome text, outcome_reason text, passed_over text, outcome_at timestamptz, turn_id text,
  content jsonb`;

/**
 * Stores the rows of `given` whose keys are new, with their contents, in order of their places; `added` has the keys.
 * Of two rows with one key the first is stored.
 */
export const ADD_MESSAGES = `
added as (
  insert into message (key, conversation_id, author_kind, author_id, visibility, text_digest, sent_at, received_at,
    outcome, outcome_reason, passed_over, outcome_at, turn_id)
  select key, conversation_id, author_kind, author_id, visibility, text_digest, sent_at, received_at,
    outcome, outcome_reason, passed_over, outcome_at, turn_id from given order by place
  on conflict do nothing returning id, key),
contents as (
  insert into message_content (message_id, content)
  select distinct on (a.key) a.id, g.content from added a join given g on g.key = a.key order by a.key, g.place)`;

/** How a message ended. */
export interface MessageOutcome {
  readonly outcome: Outcome;
  readonly reason: string;
  readonly passedOver: PassedOver | null;
  readonly turnId: string | null;
}

/**
 * The reason of an outcome that was decided in one conversation, for a message `m` of another one of its case: there it
 * says where it is covered.
 */
const REASON_THERE = (reason: string, decidedIn: string): string =>
  `case when m.conversation_id = ${decidedIn} then ${reason} else 'also covered in ' || ${decidedIn} || ': ' || ${reason} end`;

/**
 * Records how messages ended, from a JSON list of `outcomeRows`, once for `gate`, as decided in the conversation `$1`.
 * A first outcome is final, and one that leaves a message to people ends only messages of `$1`. The keys are
 * named twice: of a list of rows PostgreSQL expects a hundred, for which it would read a table of any size but a large
 * one as a whole.
 */
export const END_MESSAGES = (source: string, now: string, gate: string): string => `
ended as (
  update message m set outcome = o.outcome, outcome_reason = ${REASON_THERE("o.reason", "$1")},
    passed_over = o.passed_over, outcome_at = ${now}, turn_id = o.turn_id
  from ${gate}, jsonb_to_recordset(${source}) o (key text, outcome text, reason text, passed_over text, turn_id text)
  where m.key = o.key and m.key = any (array(select k ->> 'key' from jsonb_array_elements(${source}) k))
    and m.outcome is null
    and (m.conversation_id = $1 or o.outcome in (${SETTLED_EVERYWHERE.map((outcome) => `'${outcome}'`).join(", ")}))
)`;

/** Outcomes by key, as rows. */
export function outcomeRows(outcomes: ReadonlyMap<string, MessageOutcome>) {
  return [...outcomes].map(([key, { outcome, reason, passedOver, turnId }]) => ({
    key,
    outcome,
    reason,
    passed_over: passedOver,
    turn_id: turnId,
  }));
}

/** A message without an outcome as one of these rows. */
export function messageRow(
  item: Message,
  stored: { readonly place: number; readonly conversationId: string; readonly receivedAt: Date },
) {
  return {
    place: stored.place,
    key: item.key,
    conversation_id: stored.conversationId,
    author_kind: item.author.kind,
    author_id: item.author.id,
    visibility: item.visibility,
    text_digest: digest(item.text),
    sent_at: item.sentAt,
    received_at: stored.receivedAt,
    content: DOCUMENTS.message.encode(item),
  };
}
