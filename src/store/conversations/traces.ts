/** The stored traces of turns, and the recordings of them: compressed, bounded, and gone with the messages they hold. */
import { and, asc, desc, eq, gt, inArray, or, type SQL, sql } from "#store/db/drizzle.ts";
import type { Used } from "#core/contracts/agent.ts";
import { TurnRecording, type TurnTrace } from "#core/values/trace.ts";
import type { Transaction } from "#store/db/database.ts";
import { approval, turn, turnRecording } from "#store/db/schema.ts";
import { DOCUMENTS } from "#store/db/versioned-documents.ts";
import { storable, storableJson } from "#gate/kernel/storable-text.ts";
import { upTo } from "#store/db/statement.ts";
import { spentBy } from "#store/effects/usage.ts";
import { zstdCompressSync, zstdDecompressSync } from "node:zlib";

/** Stores the traces of a JSON list of `traceRow`s. */
export const ADD_TRACES = (source: string): string => `
  insert into turn (id, conversation_id, started_at, outcome, trace)
  select id, conversation_id, started_at, outcome, trace
  from jsonb_to_recordset(${source}) t (id text, conversation_id text, started_at timestamptz, outcome text, trace jsonb)`;

/** A trace as a row, with what it used up. */
export function traceRow(trace: TurnTrace) {
  return {
    id: trace.request_id,
    conversation_id: trace.conversation_id,
    started_at: trace.started_at,
    outcome: trace.outcome,
    trace: DOCUMENTS.trace.encode(trace),
    ...spentBy(trace),
  };
}

/**
 * Updates the stored trace once a turn's card is decided or its effects are settled, if it is kept. It is merged, so
 * that fields only a newer version knows stay, and not read, so that one that cannot be read stops nothing.
 */
export async function amendTurn(
  transaction: Transaction,
  turnId: string,
  change: Partial<TurnTrace>,
): Promise<void> {
  const trace = sql`${turn.trace} || ${storableJson(change)}::jsonb`;
  await transaction.update(turn).set({ trace, outcome: change.outcome }).where(eq(turn.id, turnId));
}

/** Adds calls of a model that were made for a turn after it ended. */
export async function addToTurn(
  transaction: Transaction,
  turnId: string,
  spent: Omit<Used, "reasoningTokens">,
): Promise<void> {
  const { steps, inputTokens, outputTokens, costUsd, spans } = spent;
  const [row] = await transaction.select().from(turn).where(eq(turn.id, turnId)).for("update");
  if (row === undefined) return;
  const { trace } = row;
  const change = {
    steps: trace.steps + steps,
    input_tokens: trace.input_tokens + inputTokens,
    output_tokens: trace.output_tokens + outputTokens,
    cost_usd: trace.cost_usd === null || costUsd === null ? null : trace.cost_usd + costUsd,
    spans: [...trace.spans, ...spans],
  };
  await amendTurn(transaction, turnId, change);
}

/** The turns of a turn id, conversation id or approval id, newest first; the id is whole. */
export function findTurns(transaction: Transaction, id: string): Promise<readonly TurnTrace[]> {
  const ofCard = transaction.select({ id: approval.turnId }).from(approval);
  const isNamed = sql`${turn.id} = coalesce(${ofCard.where(eq(approval.id, id))}, ${storable(id)})`;
  return recentTurns(transaction, 50, or(isNamed, eq(turn.conversationId, id)));
}

/** The newest turns of all conversations, or of those that fit a condition. */
export async function recentTurns(
  transaction: Transaction,
  limit: number,
  condition?: SQL,
): Promise<readonly TurnTrace[]> {
  const rows = await transaction
    .select({ trace: turn.trace })
    .from(turn)
    .where(condition)
    .orderBy(desc(turn.startedAt))
    .limit(limit);
  return rows.map(({ trace }) => trace);
}

/** A larger recording is not kept: a turn with that much text is rare, and its trace stays. */
const BYTES_MAX = 256 * 1_024;
/** What a kept one may unpack to. */
const UNPACKED_BYTES_MAX = 64 * 1_024 * 1_024;

/** Stores the recordings of a JSON list of `recordingRow`s. */
export const ADD_RECORDINGS = (source: string): string => `
  insert into turn_recording (turn_id, conversation_id, recorded_at, body)
  select turn_id, conversation_id, recorded_at, decode(body, 'base64')
  from jsonb_to_recordset(${source}) r (turn_id text, conversation_id text, recorded_at timestamptz, body text)
  on conflict do nothing`;

/** A recording as a row; none without one, and none when it is larger than what is kept. */
export function recordingRows(
  recording: TurnRecording | null,
  trace: TurnTrace | null,
): readonly object[] {
  if (recording === null || trace === null) return [];
  const body = packed(recording);
  if (body.length > BYTES_MAX) return [];
  return [
    {
      turn_id: trace.request_id,
      conversation_id: trace.conversation_id,
      recorded_at: trace.started_at,
      body: body.toString("base64"),
    },
  ];
}

/** The bytes that are stored of a recording. */
export function packed(recording: TurnRecording): Buffer {
  return zstdCompressSync(JSON.stringify(recording));
}

function unpacked(body: Uint8Array): string {
  const options = { maxOutputLength: UNPACKED_BYTES_MAX };
  return zstdDecompressSync(body, options).toString("utf8");
}

/** How many recordings are unpacked at a time. */
const PAGE = 100;

/** Deletes the recordings, all or those `until` a moment, in which one of these words stands, and those that cannot be unpacked. */
export async function forgetRecordings(
  transaction: Transaction,
  words: RegExp,
  until: Date | null,
): Promise<void> {
  const { turnId, body, recordedAt } = turnRecording;
  const holds = (packedBody: Uint8Array): boolean => {
    try {
      return words.test(unpacked(packedBody));
    } catch {
      return true;
    }
  };
  for (let after: string | undefined = ""; after !== undefined;) {
    const rows = await transaction
      .select({ turnId, body })
      .from(turnRecording)
      .where(and(gt(turnId, after), upTo(recordedAt, until)))
      .orderBy(asc(turnId))
      .limit(PAGE);
    const found = rows.filter((row) => holds(row.body)).map((row) => row.turnId);
    await transaction.delete(turnRecording).where(inArray(turnId, found));
    after = rows.length < PAGE ? undefined : rows.at(-1)?.turnId;
  }
}

/** The recording of a turn; null when none was kept, or none is kept any more. */
export async function storedRecording(
  transaction: Transaction,
  turnId: string,
): Promise<TurnRecording | null> {
  const [row] = await transaction
    .select({ body: turnRecording.body })
    .from(turnRecording)
    .where(eq(turnRecording.turnId, turnId));
  if (row === undefined) return null;
  return TurnRecording.parse(JSON.parse(unpacked(row.body)));
}
