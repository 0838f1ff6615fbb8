/** What each statement and Redis command of a conversation is for, in a sentence each. */

/** The first that fits a statement's text names its purpose. Keep it true when a statement changes. */
const STATEMENTS: readonly (readonly [RegExp, string])[] = [
  [/^begin$/i, "begins a transaction of several statements"],
  [/^commit$/i, "commits it"],
  [
    /with seen as .*hint/i,
    "accepts the message: the hint is kept before the customer's page is told so; the same message again is found",
  ],
  [/with claimed as/i, "takes the conversation's lease and reads all that is stored about it"],
  [
    /json_array_elements_text/i,
    "reads what is open at the same source: its approvals, its effects and messages under these keys",
  ],
  [
    /from turn where conversation_id|'own' as whose/i,
    "sums what the model has cost, for the caps of the conversation and of the day",
  ],
  [
    /as writes from effect/i,
    "counts what was written into the conversation by itself, so that two programs cannot answer each other for ever",
  ],
  [
    /select fence, owner from conversation/i,
    "locks the conversation and checks that the lease is still ours",
  ],
  [/update "?hint"?/i, "marks the hints as read"],
  [/json_to_recordset.*author_kind/i, "stores new messages with their contents"],
  [
    /update "?conversation"? set "?external_id/i,
    "stores what the source says about the conversation",
  ],
  [/c\.moves as changes/i, "reads the public messages again for the revision"],
  [
    /update "?conversation"? set "?revision/i,
    "stores the revision, the digest that later approvals are compared with",
  ],
  [/insert into "?turn/i, "stores the trace of the turn"],
  [/pg_advisory_xact_lock_shared/i, "keeps the policy from changing while an effect begins"],
  [/insert into "?effect/i, "writes the intended effects into the ledger"],
  [
    /^select to_json\(c\) as state, \(select to_json\(l\)/i,
    "reads what the preconditions of an effect are checked against",
  ],
  [
    /update "?effect"? set "?state"? = \$1, "?fence/i,
    "marks the effect as begun, before its target is called",
  ],
  [
    /insert into audit_pending/i,
    "writes what was decided into the audit's queue; the chain is made later for many at once",
  ],
  [
    /pg_advisory_xact_lock\(\$1, hashtext/i,
    "lets one writer at a time append to a chat, so that lines keep their order",
  ],
  [/insert into "?transcript/i, "writes the reply where the customer reads it"],
  [/update effect set state = 'done'/i, "records that the effect is done"],
  [/select .* from "?conversation"? where/i, "reads the conversation for its outcomes"],
  [/select .* from "?effect"? where/i, "reads the rest of the bundle"],
  [/update "?message"? set "?outcome/i, "records how each message ended"],
  [/select to_json\(c\) as state/i, "reads the conversation again: is there more to do?"],
  [/update conversation set lease_owner = null/i, "gives the lease back"],
  [
    /^select k\.conversation_id as id/i,
    "looks whether the answer is there, for the customer's page that waits",
  ],
  [/from setting|setting where name/i, "reads whether the team has paused something"],
  [/insert into "?wake_count/i, "counts wakes for the operator"],
];

/** BullMQ's scripts run several commands each; these are counted one by one, as the server does. */
const REDIS: Readonly<Record<string, string>> = {
  evalsha: "runs one of BullMQ's scripts: add a wake, take one, finish one",
  publish: "tells the waiting page that its conversation changed",
  bzpopmin: "waits for the next wake",
};

/** A sentence without a full stop; says so when nobody has written one. */
export function purposeOf(statement: string): string {
  return STATEMENTS.find(([pattern]) => pattern.test(statement))?.[1] ?? "(not described yet)";
}

/** What a Redis command of the wake queue is for. */
export function purposeOfRedis(command: string): string {
  return REDIS[command.toLowerCase()] ?? "inside BullMQ's scripts";
}
