/** A request by mail, from the account's webhook to one internal note. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { replying } from "#test/jobs/results.ts";
import { inOffice } from "#test/zendesk/office.ts";

inOffice("a new ticket by mail", (office) => {
  test("becomes one job and one draft, written as an explicitly internal note", async () => {
    office.desk.answer(() => replying("Your lamp is in the warehouse."));
    const ticketId = await office.mail("ann@customer.test", "Where is my lamp?");
    await office.settle();
    const [first, ...later] = await office.comments(ticketId);
    assert.equal(first?.public, true);
    assert.deepEqual(
      later.map(({ public: isPublic, author_id }) => [isPublic, author_id]),
      [[false, office.sandbox.users.bot]],
    );
    assert.equal((await office.ticket(ticketId)).status, "new");
    assert.equal(office.writes().length, 1);
    assert.match(office.writes()[0]?.body ?? "", /"public":false/);
    await office.desk.press("approve", await office.conversationOf(ticketId));
    await office.settle();
    const answers = (await office.comments(ticketId)).filter(({ public: shown }) => shown);
    assert.deepEqual(
      answers.map(({ body }) => body.includes("in the warehouse")),
      [false, true],
    );
  });
});
