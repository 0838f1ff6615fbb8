/** A teammate answers in Zendesk while our draft waits: with the draft, a changed one, or their own text. And what leads to no further run. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { refundOf, replying } from "#test/jobs/turn-results.ts";
import { inOffice, type Office } from "#test/zendesk/office.ts";

const DRAFT = "Your lamp is in the warehouse. It leaves on Monday and needs 7 days to arrive.";

inOffice("a draft that is published by hand", (office) => {
  const drafted = async (more: Parameters<typeof replying>[1] = {}): Promise<number> => {
    office.desk.answer(() => replying(DRAFT, more));
    const ticketId = await office.mail("ann@customer.test", "Where is my lamp?");
    await office.settle();
    return ticketId;
  };
  const onlyCard = () => {
    const [card] = office.desk.cards.values();
    assert.ok(card);
    return card;
  };

  test("closes the card as sent by the teammate who pasted it, and is not sent again", async () => {
    const ticketId = await drafted();
    const text = onlyCard().draft?.text ?? "";
    await office.comment("dana", ticketId, text);
    await office.settle();
    const card = onlyCard();
    assert.equal(card.state, "closed");
    assert.match(card.closing, /^Sent by Dana \S+ in Zendesk\.$/);
    assert.deepEqual(card.edits, [{ by: card.edits[0]?.by, lines: [] }]);
    assert.deepEqual(await office.said(ticketId), []);
    const id = await office.conversationOf(ticketId);
    assert.match(await office.desk.outcome(id), /^answered: Sent by Dana/);
    assert.equal(await office.desk.pending(id), null);
    assert.equal(office.desk.alerts().length, 0);
  });

  test("says loudly that a refund beside the draft was not done, on the card, the desk and the ticket", async () => {
    const ticketId = await drafted({ actions: [refundOf(12_000)] });
    const text = onlyCard().draft?.text ?? "";
    await office.comment("dana", ticketId, text);
    await office.settle();
    assert.match(onlyCard().closing, /NOT done: Refund 120\.00 USD, order 789/);
    assert.deepEqual(
      office.desk.left.filter(({ action }) => action.operation === "refund"),
      [],
    );
    assert.equal(office.desk.alerts().length, 1);
    assert.match(office.desk.alerts()[0]?.text ?? "", /not done: Refund 120\.00 USD/);
    const notes = (await office.comments(ticketId)).filter(({ public: shown }) => !shown);
    assert.match(notes.at(-1)?.body ?? "", /not done: Refund 120\.00 USD/);
  });

  test("during the undo time of an approval takes that approval's reply back", async () => {
    const ticketId = await drafted();
    const id = await office.conversationOf(ticketId);
    const text = onlyCard().draft?.text ?? "";
    await office.desk.press("approve", id);
    await office.comment("dana", ticketId, text);
    await office.settle();
    assert.match(onlyCard().closing, /^Sent by Dana \S+ in Zendesk\.$/);
    assert.deepEqual(await office.said(ticketId), []);
    assert.deepEqual(await office.desk.open(id), []);
  });
});

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
