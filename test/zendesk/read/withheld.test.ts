/** Mail that was held back, spam, suspended people, and tickets that are deleted and come back; of an unlisted brand, or of messaging. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { addCandidate } from "#jobs/reports/candidate-cases.ts";
import { replying } from "#test/jobs/turn-results.ts";
import { inOffice, type Office } from "#test/zendesk/office.ts";
import { loadConversation } from "#store/conversations/conversations.ts";
import { failsWith, replyAction, signal, benchFor } from "#test/zendesk/bench.ts";

/** Counts how often the agent was asked. */
function count(office: Office): { asked: number; levels: number[] } {
  const seen = { asked: 0, levels: [] as number[] };
  office.desk.answer(({ unread }) => {
    seen.asked += 1;
    seen.levels.push(unread[0]?.identity.level ?? -1);
    return replying("It is in the warehouse.");
  });
  return seen;
}

const suspend = (office: Office, suspended: boolean) =>
  office.edit("users", office.sandbox.users.ann, { suspended });

inOffice("what Zendesk or people hold back", (office) => {
  test("a mail that was held back is nothing until people let it in, and then one request of an unproven sender", async () => {
    const seen = count(office);
    office.reopen({ senderAuthentication: true });
    const from = { name: "Ann Fields", email: "ann@customer.test" };
    const suspended = { cause: "Detected as spam", causeId: 0 };
    const mail = { from, subject: "Lamp", text: "Where is my lamp?", suspended };
    const held = await office.control("POST", "mail", mail);
    await office.settle();
    assert.deepEqual([seen.asked, office.calls().length], [0, 0]);
    const { suspended_id: id } = z.object({ suspended_id: z.number() }).parse(held);
    const made = await office.as("dana", "PUT", `/suspended_tickets/${id}/recover`);
    const [ticket] = z.object({ ticket: z.array(z.object({ id: z.number() })) }).parse(made).ticket;
    assert.ok(ticket);
    await office.settle();
    await office.control("POST", "webhook-faults", { duplicate: 5 });
    const tags = ["seen"];
    await office.as("dana", "PUT", `/tickets/${ticket.id}`, { ticket: { priority: "low", tags } });
    await office.settle();
    assert.deepEqual(seen, { asked: 1, levels: [1] });
    assert.equal(office.writes().length, 1);
    assert.equal((await office.comments(ticket.id)).length, 2);
  });

  test("a deleted ticket withdraws the card, becomes no case, and goes on once it is back", async () => {
    const seen = count(office);
    const ticketId = await office.ask("Where is 456?");
    await office.settle();
    const id = await office.conversationOf(ticketId);
    const { length } = office.writes();
    await office.as("admin", "DELETE", `/tickets/${ticketId}`);
    await office.settle();
    assert.equal(await office.desk.pending(id), null);
    assert.deepEqual(
      [...office.desk.cards.values()].map(({ buttons }) => buttons.length),
      [0],
    );
    assert.equal(office.writes().length, length);
    await office.as("admin", "PUT", `/deleted_tickets/${ticketId}/restore`);
    await office.settle();
    assert.equal(seen.asked, 2);
    await office.desk.press("approve", id);
    await office.settle();
    assert.equal((await office.said(ticketId)).length, 1);
    await office.as("dana", "PUT", `/tickets/${ticketId}`, { ticket: { status: "solved" } });
    await office.settle();
    assert.match(
      (await addCandidate(office.desk.parts.store, id, office.desk.now())).text,
      /candidate-/,
    );
    await office.as("admin", "DELETE", `/tickets/${ticketId}`);
    await office.settle();
    await assert.rejects(
      addCandidate(office.desk.parts.store, id, office.desk.now()),
      /it becomes no case: ticket \d+ was deleted/,
    );
  });

  test("a ticket deleted after the yes, which no event told of, is not written to and no teammate is alerted", async () => {
    count(office);
    const ticketId = await office.ask("Where is 456?");
    await office.settle();
    const id = await office.conversationOf(ticketId);
    await office.desk.press("approve", id);
    await office.control("POST", "webhook-faults", { drop: 20 });
    const { length } = office.writes();
    await office.as("admin", "DELETE", `/tickets/${ticketId}`);
    await office.settle();
    assert.equal(office.writes().length, length);
    assert.deepEqual(await office.desk.open(id), []);
    assert.deepEqual(office.desk.alerts(), []);
  });

  test("a ticket marked as spam is left alone like a deleted one, with its sender", async () => {
    const seen = count(office);
    const ticketId = await office.mail("spam@bulk.test", "Where is my lamp?");
    await office.settle();
    await office.as("dana", "PUT", `/tickets/${ticketId}/mark_as_spam`);
    await office.settle();
    assert.equal(await office.desk.pending(await office.conversationOf(ticketId)), null);
    const { length } = office.writes();
    await office.control("POST", "mail", {
      from: { email: "spam@bulk.test" },
      subject: "Again",
      text: "Again",
    });
    await office.settle();
    assert.deepEqual([seen.asked, office.writes().length], [1, length]);
  });

  test("a customer suspended after the yes gets no public reply, and one again when that is taken back", async () => {
    count(office);
    const ticketId = await office.ask("Where is 456?");
    await office.settle();
    const id = await office.conversationOf(ticketId);
    await office.desk.press("approve", id);
    await suspend(office, true);
    await office.settle();
    assert.equal((await office.said(ticketId)).length, 0);
    assert.equal(await office.desk.pending(id), null);
    await suspend(office, false);
    await office.as("dana", "PUT", `/tickets/${ticketId}`, { ticket: { status: "open" } });
    await office.settle();
    await office.desk.press("approve", id);
    await office.settle();
    assert.equal((await office.said(ticketId)).length, 1);
  });
});

const BRAND = { own: 4_300_000_001, other: 4_300_000_101, unlisted: 4_300_000_102 };

/** Answers are signed with their brand's name here. */
function sign(office: Office): string[] {
  const brands: string[] = [];
  office.desk.rule({ sign: (words, { brand }) => `${words}\n-- ${brand}` });
  office.desk.answer(({ conversation }) => {
    brands.push(conversation.brand);
    return replying("It is on its way.");
  });
  return brands;
}

const move = (office: Office, ticketId: number, brand: number) =>
  office.as("dana", "PUT", `/tickets/${ticketId}`, { ticket: { brand_id: brand } });

inOffice(
  "an account with several brands",
  (office) => {
    test("a brand that changed after the yes, which no event told of, gets nothing in the name of the one before", async () => {
      sign(office);
      const ticketId = await office.ask("Where is 456?");
      await office.settle();
      const id = await office.conversationOf(ticketId);
      await office.desk.press("approve", id);
      await office.control("POST", "webhook-faults", { drop: 20 });
      await move(office, ticketId, BRAND.other);
      await office.settle();
      assert.deepEqual(await office.said(ticketId), []);
      assert.match(JSON.stringify((await office.desk.pending(id))?.proposal), /-- otherbrand/);
    });

    test("an unlisted brand is never written to; people hear of it once, and a ticket that leaves it is worked on", async () => {
      const brands = sign(office);
      const more = { brandId: BRAND.unlisted };
      const first = await office.mail("ann@customer.test", "Where is my lamp?", more);
      await office.settle();
      await office.mail("bob@elsewhere.test", "Where is 1001?", more);
      await office.settle();
      assert.deepEqual([brands.length, office.writes().length], [0, 0]);
      assert.deepEqual(
        office.desk.alerts().map(({ text }) => /brand 4300000102 .*ZENDESK_BRANDS/.test(text)),
        [true],
      );
      await move(office, first, BRAND.own);
      await office.settle();
      assert.deepEqual(brands, ["ourshop"]);
      assert.equal(office.writes().length, 1);
    });
  },
  {
    brands: { [String(BRAND.own)]: "ourshop", [String(BRAND.other)]: "otherbrand" },
  },
);

const Made = z.object({ ticket_id: z.number() });

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
    const heard = count(office);
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
    const heard = count(office);
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
