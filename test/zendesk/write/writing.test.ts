import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { DeskhandError } from "#core/values/errors.ts";
import { benchFor, failsWith, onTicket, openingTicket, signal } from "#test/zendesk/bench.ts";
import { testLong } from "#test/support/tiers.ts";

const handOver = openingTicket({ firstMessage: "Is it under warranty?\nPlease tell me." });

const notified = (events: readonly { type: string }[]): number =>
  events.filter(({ type }) => type === "Notification").length;

// Each test has an account of its own and mostly waits for the next whole second.
describe("writing to a ticket", { concurrency: 4 }, () => {
  test("a reply is one change: the public words, pending, with the bot, and our key", async (context) => {
    const bench = await benchFor(context);
    const ticketId = await bench.ask("Where is 456?");
    const reply = await bench.replyTo(ticketId, "It is on its way.");
    const before = (await bench.audits(ticketId)).length;
    const committed = await bench.channel.commit(reply, "reply:1", signal);
    const audits = await bench.audits(ticketId);
    assert.equal(audits.length, before + 1);
    assert.match(JSON.stringify(audits.at(-1)), /"deskhand_key":"reply:1"/);
    assert.equal(notified(audits.at(-1)?.events ?? []), 1);
    assert.deepEqual(await bench.said(ticketId), ["It is on its way."]);
    const { status, assignee_id, group_id } = await bench.ticket(ticketId);
    const { users, groups } = bench.sandbox;
    assert.deepEqual([status, assignee_id, group_id], ["pending", users.bot, groups.bot]);
    const own = (await bench.read(ticketId)).messages.at(-1);
    assert.equal(own?.key, committed.ref);
    assert.equal(own.author.kind, "bot");
    assert.deepEqual(committed.conversationKeys, [`zendesk:ticket:${ticketId}`]);
  });

  test("a note stays internal on a ticket whose first comment is public, and sends no notification", async (context) => {
    const bench = await benchFor(context);
    const ticketId = await bench.ask("Where is 456?");
    const note = onTicket("note", ticketId, {
      text: "Draft: it is on its way. https://card.test/1",
    });
    await bench.channel.commit(note, "note:1", signal);
    assert.deepEqual(await bench.said(ticketId), []);
    const last = (await bench.audits(ticketId)).at(-1);
    assert.equal(notified(last?.events ?? []), 0);
    assert.equal((await bench.ticket(ticketId)).status, "new");
    assert.equal((await bench.comments(ticketId)).at(-1)?.public, false);
  });

  test("a new ticket for the team is internal, silent, and found by its key", async (context) => {
    const bench = await benchFor(context);
    const { channel, sandbox } = bench;
    assert.deepEqual(await channel.find(handOver, "ticket:1", signal), { state: "absent" });
    const committed = await channel.commit(handOver, "ticket:1", signal);
    const ticketId = Number(committed.ref);
    assert.deepEqual(committed.conversationKeys, [`zendesk:ticket:${ticketId}`]);
    assert.deepEqual(await channel.commit(handOver, "ticket:1", signal), committed);
    assert.deepEqual(await channel.find(handOver, "ticket:1", signal), {
      state: "done",
      committed,
    });
    const [first, ...more] = await bench.comments(ticketId);
    assert.deepEqual(more, []);
    assert.equal(first?.public, false);
    assert.match(first.body, /Reason: nobody could answer/);
    assert.match(first.body, /\n> Is it under warranty\?\n> Please tell me\.$/);
    const ticket = await bench.ticket(ticketId);
    assert.equal(ticket.group_id, sandbox.groups.tier2);
    assert.equal(ticket.requester_id, sandbox.users.ann);
    // Dana's public answer is relayed to where Ann wrote, so Zendesk must not mail it as well.
    const answer = { ticket: { comment: { body: "Yes, it is.", public: true } } };
    await bench.as("dana", "PUT", `/tickets/${ticketId}`, answer);
    const audits = await bench.audits(ticketId);
    assert.equal(notified(audits.flatMap(({ events }) => events)), 0);
    // Our own creation is no event for us.
    for (const made of await bench.delivered(ticketId, "created"))
      assert.deepEqual(channel.receive(made), []);
  });

  test("two processes that open the same ticket at once open one", async (context) => {
    const bench = await benchFor(context);
    const channels = [bench.channel, bench.another(), bench.another()];
    const made = await Promise.all(
      channels.map(async (channel) => await channel.commit(handOver, "ticket:1", signal)),
    );
    assert.equal(new Set(made.map(({ ref }) => ref)).size, 1);
    const { tickets } = (await bench.as("admin", "GET", "/tickets")) as { tickets: unknown[] };
    assert.equal(tickets.length, 1);
  });

  testLong("more updates of one ticket than Zendesk allows wait with us", async (context) => {
    const bench = await benchFor(context);
    const ticketId = await bench.ask("Hello");
    const commit = async (count: number) =>
      await bench.channel.commit(onTicket("note", ticketId, { text: "x" }), `n:${count}`, signal);
    for (let count = 0; count < 15; count += 1) await commit(count);
    // Zendesk takes 30 in ten minutes: 15 at once and one a minute stay below that.
    await assert.rejects(commit(15), (error: DeskhandError) => {
      assert.ok((error.retryAfterMs ?? 0) > 30_000);
      return failsWith("channel.rate_limited")(error);
    });
  });
});
