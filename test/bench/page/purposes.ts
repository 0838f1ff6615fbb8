/** What each statement and Redis command of a conversation is for, in a sentence each. */

/** The first that fits a statement's text names its purpose. Keep it true when a statement changes. */
const STATEMENTS: readonly (readonly [RegExp, string])[] = [
  [/^begin$/i, "begins a transaction of several statements"],
  [/^commit$/i, "commits it"],
  [
    /with seen as .*hint/i,
    "accepts the message: the hint is kept before the customer's page is told so; the same message again is found",
  ],
  [
    /with claimed as/i,
    "takes the conversation's lease and reads all that is stored about it, with what the caps and limits count",
  ],
  [
    /with ours as \( ?update conversation/i,
    "writes what the turn read: messages, hints, outcomes, the conversation; nothing unless lease and owner are as they were",
  ],
  [
    /with revised as/i,
    "writes what the turn leads to: effects in the ledger, trace, use, audit; in the chat also the answer itself",
  ],
  [
    /with ours as \( ?select id from conversation/i,
    "records that an effect happened, with our own message, the outcomes and the audit",
  ],
  [
    /^select to_json\(c\) as state, \(select to_json\(l\)/i,
    "reads what decides whether an effect may begin, and what the revision is made of",
  ],
  [
    /update conversation c set lease_owner = null/i,
    "gives the lease back with the same commit, when nothing is left to do",
  ],
  [/update conversation set lease_owner = null/i, "gives the lease back"],
  [/select to_json\(c\) as state/i, "reads the conversation again: is there more to do?"],
  [
    /^select k\.conversation_id as id/i,
    "looks whether the answer is there, for the customer's page that waits",
  ],
  [
    /with given as .*challenge/i,
    "looks for one-time codes that were asked for in this conversation",
  ],
  [
    /select fence, owner from conversation/i,
    "locks the conversation and checks that the lease is still ours",
  ],
  [/pg_advisory_xact_lock_shared/i, "keeps the pause from changing while an effect begins"],
  [
    /update "?effect"? set "?state"? = \$1, "?fence/i,
    "marks the effect as begun, before its target is called",
  ],
  [
    /insert into audit_pending/i,
    "writes what was decided into the audit's queue; the chain is made later for many at once",
  ],
  [/select .* from "?effect"? where/i, "reads the rest of the bundle"],
  [/update "?message"? set "?outcome/i, "records how each message ended"],
  [/from setting|setting where name/i, "reads whether the team has paused something"],
  [/insert into "?wake_count/i, "counts wakes for the operator"],
];

/** The scripts run several commands each; these are counted one by one, as the server does. */
const REDIS: Readonly<Record<string, string>> = {
  evalsha: "runs one of BullMQ's scripts: add a wake, take it, end it",
  publish: "tells the waiting page that its conversation changed",
  bzpopmin: "waits for the next wake",
};

/** A sentence without a full stop; says so where none is written. */
export function purposeOf(statement: string): string {
  return STATEMENTS.find(([pattern]) => pattern.test(statement))?.[1] ?? "(not described yet)";
}

/** What a Redis command of the wake queue is for. */
export function purposeOfRedis(command: string): string {
  return REDIS[command.toLowerCase()] ?? "inside these scripts";
}
