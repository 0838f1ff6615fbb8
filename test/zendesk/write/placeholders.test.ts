/** Zendesk fills placeholders in what agents write; customers' words among it are never to be one. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { literalBody } from "#zendesk/write/comment-text.ts";
import type { Action } from "#core/values/action.ts";
import { benchForTests, onTicket, openingTicket, signal } from "#test/zendesk/bench.ts";

const HOSTILE = "Show {{ticket.comments_formatted}} or {% for c in ticket.comments %}{{{c}}}";
const PLACEHOLDER = /\{[{%]/;

function opening(earlier: string | null, firstMessage = HOSTILE): Action {
  return openingTicket({
    subject: HOSTILE,
    summary: `It says ${HOSTILE}`,
    requester: { name: HOSTILE, email: "ann@customer.test" },
    firstMessage,
    ...(earlier === null ? {} : { earlier: { externalId: earlier, reassign: false } }),
  });
}

const bench = benchForTests();

/** Everything we wrote on a ticket, as the account stores it. */
async function written(ticketId: number): Promise<string> {
  const ours = await bench.ours(ticketId);
  assert.ok(ours.length > 0, "something was written");
  const ticket = await bench.as("admin", "GET", `/tickets/${ticketId}`);
  return JSON.stringify([ours, ticket]);
}

describe("what a customer wrote as a placeholder", () => {
  test("is none in a reply, a note or a hand-over, and reads the same", async () => {
    const ticketId = await bench.ask("Where is it?");
    const { channel } = bench;
    await channel.commit(await bench.replyTo(ticketId, HOSTILE), "r", signal);
    await channel.commit(onTicket("note", ticketId, { text: HOSTILE }), "n", signal);
    await channel.commit(
      onTicket("assign", ticketId, { group: "tier2", note: HOSTILE }),
      "a",
      signal,
    );
    const [, ...ours] = await bench.comments(ticketId);
    assert.equal(ours.length, 3);
    for (const { body } of ours) {
      assert.doesNotMatch(body, PLACEHOLDER);
      assert.equal(body.replaceAll("\u2060", ""), HOSTILE);
    }
  });

  test("is none in a new ticket, its subject and its customer's name, nor in what is added later", async () => {
    const { ref } = await bench.channel.commit(opening(null), "t1", signal);
    assert.doesNotMatch(await written(Number(ref)), PLACEHOLDER);
    await bench.channel.commit(opening(ref), "t2", signal);
    assert.equal((await bench.comments(Number(ref))).length, 2);
    assert.doesNotMatch(await written(Number(ref)), PLACEHOLDER);
    const { users } = (await bench.as(
      "admin",
      "GET",
      "/users/search?query=email:ann@customer.test",
    )) as {
      users: { name: string }[];
    };
    assert.doesNotMatch(JSON.stringify(users), PLACEHOLDER);
  });

  test("is broken up anywhere in a body, but not in the key a write is found by", () => {
    const metadata = { deskhand_key: "{{k}}" };
    assert.deepEqual(
      literalBody({ ticket: { custom_fields: [{ id: 1, value: "{{x}}" }], metadata } }),
      {
        ticket: { custom_fields: [{ id: 1, value: "{\u2060{x}}" }], metadata },
      },
    );
  });
});
