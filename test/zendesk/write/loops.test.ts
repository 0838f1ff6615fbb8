/** Nothing answers itself: our own events, automatic mail, and another program that answers everything. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { replying } from "#test/jobs/turn-results.ts";
import { inOffice, type Office } from "#test/zendesk/office.ts";

/** Says yes to every card about a ticket until there is none, and to those that its answers lead to. */
async function approveAll(office: Office, ticketId: number): Promise<void> {
  await office.settle();
  const id = await office.conversationOf(ticketId);
  for (let round = 0; round < 10 && (await office.desk.pending(id)) !== null; round += 1) {
    await office.desk.press("approve", id);
    await office.settle();
  }
}

async function publicWords(office: Office, ticketId: number): Promise<readonly string[]> {
  const { bot } = office.sandbox.users;
  return (await office.comments(ticketId))
    .filter(({ public: shown }) => shown)
    .map(({ author_id: author }) => (author === bot ? "bot" : "other"));
}

inOffice("what Deskhand writes itself", (office) => {
  test("note, reply, status and tags lead to no further run, and neither does an out-of-office mail", async () => {
    const turns: number[] = [];
    office.desk.answer(({ unread }) => {
      turns.push(unread.length);
      return replying("It is on its way.");
    });
    const ticketId = await office.mail("ann@customer.test", "Where is my lamp?");
    await approveAll(office, ticketId);
    const sent = (await office.audits(ticketId)).flatMap(({ events }) => events);
    assert.ok(
      sent.some(({ type }) => type === "Notification"),
      "the trigger mailed the customer",
    );
    const writes = office.writes().length;
    for (const reply of [{ headers: { "Auto-Submitted": "auto-replied" } }, { flags: [4] }])
      await office.mail("ann@customer.test", "I am away until Monday.", { ticketId, ...reply });
    await approveAll(office, ticketId);
    assert.deepEqual(turns, [1]);
    assert.equal(office.writes().length, writes);
    assert.deepEqual(await publicWords(office, ticketId), ["other", "bot", "other", "other"]);
  });
});

inOffice("another program that answers everything", (office) => {
  test("by mail is answered twice; then people get it, and nothing more is said", async () => {
    office.desk.answer(() => replying("It is on its way."));
    const ticketId = await office.mail("desk@other.test", "We got your request 1.");
    const { requester_id: program } = await office.ticket(ticketId);
    office.reopen({ programs: { users: [program], rules: [] } });
    for (let round = 2; round < 6; round += 1) {
      await approveAll(office, ticketId);
      await office.mail("desk@other.test", `We got your request ${round}.`, { ticketId });
    }
    await approveAll(office, ticketId);
    const said = await publicWords(office, ticketId);
    // Two answers, and the word that people take over.
    assert.deepEqual(said.slice(0, 6), ["other", "bot", "other", "bot", "other", "bot"]);
    assert.equal(said.filter((who) => who === "bot").length, 3);
    assert.equal((await office.ticket(ticketId)).group_id, office.sandbox.groups.tier2);
    const notes = (await office.comments(ticketId)).filter(({ public: shown }) => !shown);
    assert.match(notes.at(-1)?.body ?? "", /another program answers again and again/);
  });
});
