/** A teammate answers in Zendesk while our draft waits: with the draft, a changed one, or their own text. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { refundOf, replying } from "#test/jobs/turn-results.ts";
import { inOffice } from "#test/zendesk/office.ts";

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

  test("is told from an answer of the teammate's own, which withdraws the draft", async () => {
    const ticketId = await drafted();
    await office.comment("dana", ticketId, "Sorry, we no longer sell that one. Shall I cancel it?");
    await office.settle();
    const card = onlyCard();
    assert.match(card.closing, /^Withdrawn: Dana \S+ answered/);
    assert.deepEqual(card.edits, []);
    assert.deepEqual(await office.said(ticketId), []);
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
