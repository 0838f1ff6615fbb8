/** The stored recordings of turns: compressed, bounded, and gone with the messages they hold. */
import { zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { TurnRecording } from "#core/recordings/turn-recording.ts";
import type { TurnTrace } from "#core/values/trace.ts";
import { eq } from "#store/db/drizzle.ts";
import type { Transaction } from "#store/db/database.ts";
import { turnRecording } from "#store/db/schema.ts";

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

/** The recording of a turn; null when none was kept, or none is kept any more. */
export async function recordingOf(
  transaction: Transaction,
  turnId: string,
): Promise<TurnRecording | null> {
  const [row] = await transaction
    .select({ body: turnRecording.body })
    .from(turnRecording)
    .where(eq(turnRecording.turnId, turnId));
  if (row === undefined) return null;
  const json = zstdDecompressSync(row.body, { maxOutputLength: UNPACKED_BYTES_MAX });
  return TurnRecording.parse(JSON.parse(json.toString("utf8")));
}

/** Deletes everything recorded in a conversation: what a person wrote there stands in the recordings of every turn. */
export async function deleteRecordingsOn(
  transaction: Transaction,
  conversationId: string,
): Promise<void> {
  await transaction.delete(turnRecording).where(eq(turnRecording.conversationId, conversationId));
}
