/** Mail that was held back, spam, suspended people, and tickets that are deleted and come back. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { addCandidate } from "#jobs/reports/candidate-cases.ts";
import { replying } from "#test/jobs/turn-results.ts";
import { inOffice, type Office } from "#test/zendesk/office.ts";

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
  office.as("lee", "PUT", `/users/${office.sandbox.users.ann}`, { user: { suspended } });

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
