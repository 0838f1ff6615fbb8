/** Commits the usual delivery, one hint with one key, with a single statement. */
import { z } from "zod";
import type { Ids } from "#core/contracts/ports.ts";
import type { Hint } from "#core/values/delivery.ts";
import { DeskhandError } from "#core/values/errors.ts";
import { ADVISORY_LOCKS } from "#store/db/advisory-locks.ts";
import { ask, type Reader, within } from "#store/db/database.ts";
import { DOCUMENTS } from "#store/db/versioned-documents.ts";
import { storable, storableJson } from "#store/db/storable-text.ts";
import { erasedName } from "#store/people/person-names.ts";
import { type AcceptedHints, conversationIds } from "./accept-hints.ts";

/**
 * `$1` channel, `$2` event and `$3` its name after an erasure, `$4` key, `$5` the id that derives from the key and `$6`
 * another one in case it is taken, `$7` when, `$8` kind, `$9` the hint, `$10` its trace.
 *
 * A key that is not known yet is locked as `lockNames` does. A delivery that had to wait there still looks with the eyes of
 * before: the key is taken by then, so it gets no conversation, and asks once more.
 */
const ACCEPT = {
  name: "accept_single",
  text: `
with seen as (select conversation_id from hint where channel = $1 and event_id in ($2, $3) limit 1),
known as (select conversation_id from conversation_key where key = $4),
locked as materialized (
  select pg_advisory_xact_lock_shared(${ADVISORY_LOCKS.conversationNames}, hashtext($1))::text,
    pg_advisory_xact_lock(${ADVISORY_LOCKS.conversationNames}, hashtext($4))::text),
fresh as (
  select case when exists (select 1 from conversation where id = $5) then $6 else $5 end as id
  from locked where not exists (select 1 from seen) and not exists (select 1 from known)),
named as (
  insert into conversation_key (key, conversation_id) select $4, id from fresh
  on conflict do nothing returning conversation_id),
made as (
  insert into conversation (id, channel, created_at, updated_at) select conversation_id, $1, $7::timestamptz, $7 from named),
place as (select conversation_id from known union all select conversation_id from named),
put as (
  insert into hint (channel, event_id, conversation_id, kind, payload, received_at)
  select $1, $2, conversation_id, $8, $9::jsonb, $7 from place where not exists (select 1 from seen)
  on conflict do nothing returning id)
select coalesce((select conversation_id from seen), (select conversation_id from place)) as "conversationId",
  not exists (select 1 from put) as known`,
  row: z.object({ conversationId: z.string().nullable(), known: z.boolean() }),
} as const;

/** True for a hint this file accepts: the others need more than one look. */
export function isSingle(hint: Hint): boolean {
  const { conversationKeys, restDaysMax, opens, keepBody } = hint;
  return conversationKeys.length === 1 && restDaysMax === undefined && opens !== false && !keepBody;
}

/**
 * How often the database is asked. Once is enough, and twice where another delivery took the key meanwhile; more says
 * that something keeps the key's row from being written or seen.
 */
const LOOKS_MAX = 10;

/**
 * Commits the hint: finds or opens its conversation, and adds it to the inbox once. Throws `store.unavailable` when the
 * key gets no conversation: nothing is stored then, and the source delivers it again.
 */
export async function acceptSingle(
  reader: Reader,
  hint: Hint,
  options: {
    readonly receivedAt: Date;
    readonly ids: Ids;
  },
): Promise<AcceptedHints> {
  const [name = ""] = hint.conversationKeys;
  const key = storable(name);
  const id = await derivedId(reader, hint.channel, key);
  const values = [
    hint.channel,
    storable(hint.eventId),
    erasedName(hint.eventId),
    key,
    id,
    options.ids.next("c"),
    options.receivedAt,
    hint.kind,
    storableJson(DOCUMENTS.hint.encode(hint)),
  ];
  for (let looks = 0; looks < LOOKS_MAX; looks += 1) {
    const [row] = await ask(reader, ACCEPT, values);
    if (row?.conversationId != null)
      return { conversationId: row.conversationId, known: row.known };
  }
  throw new DeskhandError(
    "store.unavailable",
    `${LOOKS_MAX} times in a row, a delivery's key was taken by another and had no conversation after it`,
  );
}

/** The secret that ids derive from never changes, so that it is read once. */
const ids = new WeakMap<Reader, (channel: string, names: readonly string[]) => string>();

async function derivedId(reader: Reader, channel: string, key: string): Promise<string> {
  let naming = ids.get(reader);
  if (naming === undefined) {
    naming = await within(reader, conversationIds);
    ids.set(reader, naming);
  }
  return naming(channel, [key]);
}
