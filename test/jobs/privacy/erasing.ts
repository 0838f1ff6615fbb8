/** Two people, what a desk has of them after a busy day, and erasing them, for tests of what must go and what must stay. */
import { proof } from "#test/jobs/customers.ts";
import assert from "node:assert/strict";
import { sql } from "#store/db/drizzle.ts";
import type { IdentityEvidence } from "#core/values/identity.ts";
import type { Message } from "#core/values/message.ts";
import { type ErasureRequest, erasePerson, findPersonTraces } from "#jobs/privacy/erase-person.ts";
import { personPseudonym, personNames } from "#store/people/person-names.ts";
import type { JobBench } from "#test/jobs/bench-contract.ts";
import { escalating, refundOf, replying } from "#test/jobs/turn-results.ts";
import { before } from "node:test";
import type { Blobs } from "#core/contracts/ports.ts";
import { everyRow } from "#test/support/read-all.ts";

/** What pseudonyms of these tests are made with. */
const SECRET = "a secret of the test";

/** Evidence that a sender is who they say. */
export const PROVEN = (email: string): IdentityEvidence =>
  proof(2, "dkim", `the signature of ${email} is right`, email);

/** A customer's message; the text tells whose it is. */
export function by(person: "ann" | "bob", more: Partial<Message> = {}): Partial<Message> {
  const email = person === "ann" ? "ann@customer.test" : "bob@other.test";
  const name = person === "ann" ? "Ann Fields" : "Bob Stone";
  return {
    author: { kind: "requester", id: `email:${email}`, name },
    identity: PROVEN(email),
    subject: person === "ann" ? "zebra" : "giraffe",
    answerTo: { label: email, audience: "private", address: { to: email } },
    ...more,
  };
}

/** The same in a Slack thread. */
export function inSlack(person: "ann" | "bob"): Partial<Message> {
  const id = person === "ann" ? "slack:U0000ANN" : "slack:U0000BOB";
  return { ...by(person), author: { ...author(person), id } };
}

function author(person: "ann" | "bob"): Message["author"] {
  const { author: whose } = by(person);
  assert.ok(whose);
  return whose;
}

/** A desk in the middle of its work: Ann and Bob on every channel, alone and together, with all that hangs on it. */
export async function alreadyBusy(
  bench: JobBench,
  parts: ErasureRequest,
): Promise<{ readonly ann: { readonly shared: string }; readonly bob: string }> {
  const { store } = bench.parts;
  const execute = (query: ReturnType<typeof sql>) =>
    store.run((transaction) => transaction.execute(query));
  const spans = [
    {
      name: "execute_tool get_customer",
      startedAt: bench.now().toISOString(),
      durationMs: 3,
      attributes: { "deskhand.result": "zebra of Ann Fields", "gen_ai.tool.name": "get_customer" },
    },
  ];
  bench.answer((input) =>
    replying(`To ${input.requester.name}: ${input.unread.map(({ text }) => text).join()}`, {
      actions: [
        refundOf(12_000, { orderId: input.requester.customerId === "u123" ? "789" : "456" }),
      ],
      spans: input.requester.customerId === "u123" ? spans : [],
    }),
  );
  const answered = await bench.write("zebra, and my card", {
    thread: "t:ann@customer.test",
    message: by("ann"),
  });
  await bench.press("approve", answered);
  await bench.write("zebra again", { thread: "t:ann@customer.test", message: by("ann") });
  await bench.write("zebra in a ticket", { channel: "zendesk", thread: "7", message: by("ann") });
  const bob = await bench.write("giraffe", { thread: "t-bob", message: by("bob") });
  bench.answer((input) => ({
    ...replying(""),
    ending: escalating(`${input.requester.name} asks`, {
      summary: input.unread.map(({ text }) => text).join(),
    }),
  }));
  await bench.write("zebra for people", { thread: "t-people", message: by("ann") });
  bench.answer((input) => replying(`Hello ${input.requester.name}`, { accountData: false }));
  await bench.write("giraffe in the thread", {
    channel: "slack",
    thread: "C1",
    message: inSlack("bob"),
  });
  const shared = await bench.write("zebra in the thread", {
    channel: "slack",
    thread: "C1",
    message: inSlack("ann"),
  });
  const failed = await bench.write("zebra unread", { thread: "t-unread", message: by("ann") });
  const mail = (text: string) => parts.blobs.put(new TextEncoder().encode(text));
  const [hers, his] = [await mail("From: Ann <ann@customer.test>\n\nzebra"), await mail("giraffe")];
  await execute(
    sql`update hint set state = 'failed', body_ref = ${hers}, error = 'zebra' where conversation_id = ${failed}`,
  );
  await execute(sql`update hint set body_ref = ${his} where conversation_id = ${bob}`);
  // An unreadable mail has only its thread's name to tell whose it is.
  await execute(
    sql`insert into conversation (id, channel, created_at, updated_at) values ('c_dead', 'email', now(), now())`,
  );
  await execute(
    sql`insert into conversation_key (key, conversation_id) values ('mail:ann@customer.test:x@customer.test', 'c_dead')`,
  );
  await execute(sql`insert into hint (channel, event_id, conversation_id, kind, payload, received_at, state, error)
    values ('email', 'mail:digest', 'c_dead', 'message', '{"data": "zebra"}', now(), 'failed', 'zebra')`);
  await execute(sql`insert into signal (key, conversation_id, payload, at)
    values ('rated:1', ${answered}, '{"kind":"rated","key":"rated:1","at":"2026-11-20T10:00:00.000Z","score":"good","comment":"zebra, Ann"}', now())`);
  await execute(sql`insert into challenge (id, conversation_id, author_id, address_hash, email_on_file, code_hash, state, created_at, expires_at)
    values ('ch1', ${answered}, 'email:ann@customer.test', 'x', 'ann@customer.test', 'x', 'open', now(), now())`);
  await execute(sql`insert into dead_letter (id, conversation_id, kind, reason, hints, effects, messages, at)
    values ('dl_1', ${answered}, 'effect', 'reply failed: 550 5.1.1 <ann@customer.test>', '[]', '[]', '[]', ${bench.now()}),
           ('dl_2', ${bob}, 'effect', 'reply failed: 550 5.1.1 <bob@other.test>', '[]', '[]', '[]', ${bench.now()})`);
  await execute(
    sql`insert into candidate_case (conversation_id, reason, at) values (${answered}, 'zebra', now())`,
  );
  await execute(sql`insert into draft_score (approval_id, conversation_id, channel, topic, drafted_at, unjudged)
    values ('zebra', ${answered}, 'email', 'refund', now(), 'zebra')`);
  await execute(sql`insert into knowledge_gap (conversation_id, message_key, reason, channel, question, at)
    values (${answered}, 'm', 'unanswered', 'email', 'zebra', now())`);
  await execute(sql`insert into harmless_text (conversation_id, message_key, judged, segment, lang, masked_text, approval_id, who, at)
    values (${answered}, 'm', 'j', 'body', 'en', 'zebra', 'a', 'p', now())`);
  await execute(sql`insert into draft_difference (conversation_id, event, kind, turn_id, topic, content, who, at)
    values (${answered}, 'e', 'instruction', 't', 'refund', '{"teammate":"zebra"}', 'p', now())`);
  await execute(sql`insert into desk_decision (id, approval_id, answer, at)
    select 'd:' || id, id, '{"accepted":false,"message":"zebra","fieldErrors":{}}'::jsonb, now() from approval where conversation_id = ${answered}
    union all select 'd:c', ${answered}, '{"accepted":false,"message":"zebra","fieldErrors":{}}', now()`);
  await store.run(personPseudonym, "ann@customer.test", SECRET);
  return { ann: { shared }, bob };
}

/** Binds each to who they prove to be; the bench alone knows nobody but Ann. */
async function bind({ handle }: IdentityEvidence) {
  const email = handle.kind === "email" ? handle.email : null;
  const isAnn = email === "ann@customer.test" || /u123/.test(JSON.stringify(handle));
  return {
    level: 2 as const,
    customerId: handle.kind === "customer" ? handle.customerId : isAnn ? "u123" : "u456",
    emailOnFile: email,
    name: isAnn ? "Ann Fields" : "Bob Stone",
    reason: `bound to ${email}`,
  };
}

/**
 * What an erasure is asked with, with the blobs that hold at the time, and what it leaves. Each is bound to who they prove to
 * be, unless the tests bind by themselves.
 */
export function erasing(bench: JobBench, blobs: () => Blobs, { binds = true } = {}) {
  if (binds) before(() => void Object.assign(bench.parts, { bind }));
  const parts = (): ErasureRequest => ({
    store: bench.parts.store,
    blobs: blobs(),
    clock: bench.parts.clock,
    ids: bench.parts.ids,
    secret: SECRET,
  });
  const rows = () => everyRow(bench.parts.store);
  const leftOf = async (pattern: RegExp) => (await rows()).filter((row) => pattern.test(row));
  return {
    parts,
    rows,
    erase: async (typed = "Ann@Customer.test") =>
      erasePerson(parts(), await findPersonTraces(parts(), personNames(typed))),
    /** The rows in which this still stands. */
    leftOf,
    /** The tables in which this still stands. */
    tablesWith: async (pattern: RegExp) => [
      ...new Set((await leftOf(pattern)).map((row) => row.split(" ")[0])),
    ],
  };
}
