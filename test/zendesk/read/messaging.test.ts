/** Tickets of Zendesk's messaging, whose text is not in the ticket and which cannot be answered by a comment. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import type { TurnResult } from "#core/contracts/agent.ts";
import { loadConversation } from "#store/conversations/conversations.ts";
import { replying } from "#test/jobs/turn-results.ts";
import { failsWith, replyAction, signal, benchFor } from "#test/zendesk/bench.ts";
import { inOffice, type Office } from "#test/zendesk/office.ts";

const Made = z.object({ ticket_id: z.number() });

/** How many turns the agent was asked for. */
function listen(office: Office): { asked: number } {
  const heard = { asked: 0 };
  office.desk.answer((): TurnResult => {
    heard.asked += 1;
    return replying("It is in the warehouse.");
  });
  return heard;
}

async function messenger(office: Office, said: Record<string, unknown>): Promise<number> {
  const made = Made.parse(await office.control("POST", "messenger", said));
  await office.settle();
  return made.ticket_id;
}

async function stateOf(office: Office, ticketId: number) {
  const id = await office.conversationOf(ticketId);
  return await office.desk.parts.store.run((transaction) => loadConversation(transaction, id));
}

const ann = { name: "Ann Fields", email: "ann@customer.test", externalId: "u123" };

inOffice("a ticket of messaging", (office) => {
  test("is left to people with one note that says so, no matter who wrote it", async () => {
    const heard = listen(office);
    for (const said of [ann, { name: "Visitor 52" }]) {
      const ticketId = await messenger(office, said);
      const before = await office.ticket(ticketId);
      const [note, ...more] = await office.ours(ticketId);
      assert.deepEqual([note?.public, more.length], [false, 0]);
      assert.match(note?.body ?? "", /does not answer here: it is a messaging conversation/);
      assert.equal((await stateOf(office, ticketId))?.owner, "human");
      assert.deepEqual([before.assignee_id, before.group_id], [null, null]);
    }
    assert.equal(heard.asked, 0);
  });

  test("gets no second note and no answer, whatever happens on it", async () => {
    const heard = listen(office);
    const ticketId = await messenger(office, ann);
    await office.comment("dana", ticketId, "I have this one.", false);
    await office.settle();
    const { users } = office.sandbox;
    for (const assignee_id of [users.dana, users.bot]) {
      await office.as("lee", "PUT", `/tickets/${ticketId}`, { ticket: { assignee_id } });
      await office.settle();
    }
    await office.mail("ann@customer.test", "Hello?", { ticketId });
    await office.settle();
    assert.equal((await office.ours(ticketId)).length, 1);
    assert.equal((await stateOf(office, ticketId))?.owner, "human");
    assert.equal(heard.asked, 0);
  });
});

test("a reply that was made for one before is refused, and none can be made", async (context) => {
  const bench = await benchFor(context);
  const { ticket_id: ticketId } = Made.parse(await bench.control("POST", "messenger", ann));
  const from = { name: "Ann", email: "ann@customer.test" };
  await bench.control("POST", "mail", { from, subject: "x", text: "Hello?", ticketId });
  const resolved = await bench.read(ticketId);
  assert.deepEqual(
    resolved.messages.map(({ answerTo }) => answerTo),
    [null, null],
  );
  const before = replyAction(await bench.read(await bench.ask("Where is it?")), "Here.");
  const to = { label: "x", audience: "private", address: { ticketId } };
  const reply = { ...before, arguments: { ...before.arguments, to, answers: [] } };
  await assert.rejects(
    bench.channel.commit(reply, "r", signal),
    failsWith("channel.conflict", /messaging conversation/),
  );
});
