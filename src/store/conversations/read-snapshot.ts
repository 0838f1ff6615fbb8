/**
 * Reads all that a turn knows of a conversation with one statement, which can take the lease as well, and the
 * hints that were not read yet.
 */

import { z } from "zod";
import { CardBeside, StoredApproval } from "#store/approvals/approvals.ts";
import {
  CASE_MEMBER,
  CASE_OTHERS,
  CaseMember,
  OtherMember,
  MAY_BE_OPEN,
} from "#store/cases/members.ts";
import { ask, type Reader, onlyRow, type Transaction } from "#store/db/database.ts";
import { columnsFromJson } from "#store/db/statement.ts";
import { hint, signal } from "#store/db/schema.ts";
import { StoredEffect } from "#store/effects/ledger.ts";
import { DOWNTIME } from "#store/effects/recovery.ts";
import { RECENT, RecentWrites, TurnUsage, USAGE_OF, USAGE_SINCE } from "#store/effects/usage.ts";
import { CLAIM, ClaimedRow, type ClaimedLease, type ClaimOptions, claimValues } from "./lease.ts";
import { StoredConversation } from "./conversations.ts";
import { StoredMessage, messagesFrom } from "./messages.ts";
import { eq, sql } from "#store/db/drizzle.ts";

/** How many unread hints are read at most, so that a flood is processed in slices. */
export const HINTS_MAX = 50;

/** Everything about the conversation row `c`, at a moment. */
const snapshotAt = (now: string): string => `
  to_json(c) as state, ${messagesFrom("c.id", 200)} as stored,
  (select coalesce(json_agg(m.key), '[]') from message m where m.conversation_id = c.id) as "messageKeys",
  (select coalesce(json_agg(s.key), '[]') from signal s where s.conversation_id = c.id) as "signalKeys",
  (select coalesce(json_agg(n order by n.id), '[]') from (
     select h.* from hint h where h.conversation_id = c.id and h.state = 'unread' order by h.id limit ${HINTS_MAX}) n) as hints,
  (select to_json(a) from approval a where a.conversation_id = c.id and a.state = 'pending') as pending,
  (select coalesce(json_agg(distinct k.key), '[]') from approval a, jsonb_array_elements_text(a.answers) k(key)
     where a.conversation_id = c.id and a.state in ('pending', 'void')) as "waitedKeys",
  (select coalesce(json_agg(e order by e.created_at, e.bundle, e.position), '[]') from effect e
     where e.conversation_id = c.id and e.state in ('intended', 'executing')) as effects,
  (select to_json(a) from approval a where a.id = (
     select e.approval_id from effect e
       where e.conversation_id = c.id and e.state in ('intended', 'executing') and e.approval_id is not null
       order by e.created_at, e.bundle, e.position limit 1)) as approved,
  (select to_json(l) from conversation l where l.id = c.linked_id) as linked,
  ${messagesFrom("c.linked_id", 50)} as "linkedMessages",
  (select coalesce(json_agg(s order by s.at), '[]') from signal s
     where s.conversation_id = c.linked_id and s.cleared_at is null and s.payload ->> 'kind' = 'assigned'
       and s.at >= coalesce(c.handed_over_at, 'epoch') - interval '1 second') as "linkedAssignments",
  (select s.value from setting s where s.name = '${DOWNTIME.name}') as back,
  exists (select 1 from challenge h where h.conversation_id = c.id) as "hasCodes", ${MAY_BE_OPEN("c.id")} as "mayBeOpen",
  ${CASE_MEMBER("c.id")} as "caseMember", ${CASE_OTHERS("c.id", now)} as "caseOthers",
  json_build_object('here', ${USAGE_OF("c.id")}, 'ofDay', ${USAGE_SINCE(`${now} - interval '24 hours'`)}) as used,
  ${RECENT("c.id", now)} as recent`;

const Messages = z.array(StoredMessage).readonly();
const Keys = z.array(z.string()).transform((keys): ReadonlySet<string> => new Set(keys));

/** A conversation with everything stored about it that a turn reads. */
const StoredSnapshot = z.object({
  state: StoredConversation,
  stored: Messages,
  /** Keys of all stored messages, including old ones that `stored` leaves out because there are too many. */
  messageKeys: Keys,
  /** Signals already acted on: looking up a conversation brings its whole past again. */
  signalKeys: Keys,
  hints: z.array(z.unknown().transform(unreadHint)),
  pending: StoredApproval.nullable(),
  /** Keys of the messages on a card that waits, or that ended without a decision. */
  waitedKeys: Keys,
  effects: z.array(StoredEffect),
  /** The decided card whose effects are not settled yet, such as during the undo time. */
  approved: CardBeside,
  /** The conversation on the other side of a hand-over. */
  linked: StoredConversation.nullable(),
  /** The latest messages there, for the address a teammate's answer is relayed to. */
  linkedMessages: Messages,
  /** Assignments there since the hand-over, oldest first; cleared ones are left out. */
  linkedAssignments: z.array(
    z.unknown().transform((json) => columnsFromJson(signal, ["payload"], json).payload),
  ),
  /** The newest return from a restore or a downtime; null when there was none. */
  back: z.unknown().transform(DOWNTIME.from),
  /** True when one-time codes were requested in it. */
  hasCodes: z.boolean(),
  /** False when nothing waits outside of it, for any customer: then nothing has to be looked for. */
  mayBeOpen: z.boolean(),
  /** What is known of it as part of a case; null while it was compared with no other. */
  caseMember: CaseMember.nullable(),
  /** The other conversations of its case, the one written in last at the end. */
  caseOthers: z.array(OtherMember),
  /** What its turns used, and what the turns of all conversations used within 24 hours. */
  used: z.object({ here: TurnUsage, ofDay: TurnUsage }),
  recent: RecentWrites,
});
export type StoredSnapshot = z.output<typeof StoredSnapshot>;

const READ = {
  name: "snapshot",
  text: `select ${snapshotAt("$2::timestamptz")} from conversation c where c.id = $1`,
  row: z.unknown(),
} as const;

/** What taking a lease changes in a conversation's row. */
const LEASE_COLUMNS = "'{lease_owner,lease_until,fence,unfinished_wakes,rung_at}'::text[]";

/**
 * Takes the lease and reads. Where it had to wait for another commit, the row is as that commit left it, and the rows
 * beside it are from before: `isCurrent` is false when the row had been another one then.
 */
const CLAIM_AND_READ = {
  name: "claim_and_read",
  text: `
with claimed as (${CLAIM} returning *)
select c.fence, c.unfinished_wakes - 1 as unfinished, c.failed_wakes as failed,
  exists (select 1 from conversation b where b.id = c.id and b.fence = c.fence - 1
            and to_jsonb(b) - ${LEASE_COLUMNS} = to_jsonb(c) - ${LEASE_COLUMNS}) as "isCurrent",
  ${snapshotAt("coalesce($4::timestamptz, now())")}
from claimed c`,
  row: z.looseObject({ ...ClaimedRow.shape, isCurrent: z.boolean() }),
} as const;

/** One moment of a conversation, with what counts at `now`; null for one that does not exist. */
export async function readSnapshot(
  reader: Reader,
  conversationId: string,
  now: Date,
): Promise<StoredSnapshot | null> {
  const [row] = await ask(reader, READ, [conversationId, now]);
  return row === undefined ? null : StoredSnapshot.parse(row);
}

/**
 * Takes the lease and reads with one statement; null when another worker holds it, or when the options refuse it.
 * `snapshot` throws where a stored document cannot be read.
 */
export async function claimAndRead(reader: Reader, options: ClaimOptions) {
  const [claimed] = await ask(reader, CLAIM_AND_READ, claimValues(options));
  if (claimed === undefined) return null;
  const { fence, unfinished, failed } = claimed;
  const { conversationId, owner } = options;
  const lease: ClaimedLease = { conversationId, owner, fence, unfinished, failed };
  if (claimed.isCurrent) return { lease, snapshot: () => StoredSnapshot.parse(claimed) };
  const [row] = await ask(reader, READ, [conversationId, options.now ?? new Date()]);
  return { lease, snapshot: () => StoredSnapshot.parse(row ?? claimed) };
}

function unreadHint(json: unknown) {
  const { payload, ...unread } = columnsFromJson(
    hint,
    ["id", "payload", "bodyRef", "receivedAt", "attempts"],
    json,
  );
  return { ...unread, hint: payload };
}

/** One unread hint with what intake kept of it. */
export type UnreadHint = Readonly<ReturnType<typeof unreadHint>>;

const UNREAD_MESSAGE = {
  name: "has_unread_message",
  text: `select exists (select 1 from hint where conversation_id = $1 and state = 'unread'
    and payload ->> 'kind' = 'message') as "isThere"`,
  row: z.object({ isThere: z.boolean() }),
} as const;

/** True while a message has arrived that was not read yet. */
export async function hasUnreadMessage(reader: Reader, conversationId: string): Promise<boolean> {
  return onlyRow(await ask(reader, UNREAD_MESSAGE, [conversationId])).isThere;
}

/**
 * Counts a failed attempt to read a hint; after `attemptsMax` it is set aside as failed, with its body kept. Null never
 * gives up: the source is down, and the message itself is fine.
 */
export async function hintFailed(
  transaction: Transaction,
  options: { readonly id: number; readonly error: string; readonly attemptsMax: number | null },
): Promise<{ readonly givenUp: boolean }> {
  const [row] = await transaction
    .update(hint)
    .set({
      attempts: sql`${hint.attempts} + 1`,
      error: options.error,
      ...(options.attemptsMax === null
        ? {}
        : {
            state: sql`case when ${hint.attempts} + 1 >= ${options.attemptsMax} then 'failed' else 'unread' end`,
          }),
    })
    .where(eq(hint.id, options.id))
    .returning({ state: hint.state });
  return { givenUp: row?.state === "failed" };
}
