/** What a card says of whom an answer on a ticket reaches. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { replying } from "#test/jobs/turn-results.ts";
import { inOffice } from "#test/zendesk/office.ts";

inOffice("whom an answer reaches", (office) => {
  const cardOn = async (ticketId: number) => {
    const approval = await office.desk.pending(await office.conversationOf(ticketId));
    assert.ok(approval);
    return approval.card;
  };

  test("the card names the customer's address and all people in copy, and is made anew when a person joins", async () => {
    office.desk.answer(() => replying("Your lamp is in the warehouse."));
    const ticketId = await office.mail("ann@customer.test", "Where is my lamp?");
    await office.settle();
    const alone = await cardOn(ticketId);
    assert.equal(
      alone.draft?.to,
      `public comment on ticket ${ticketId}, to ann@customer.test (Ann Fields)`,
    );
    assert.deepEqual([alone.context.copies, alone.context.isShared], [[], false]);
    await office.as("dana", "PUT", `/tickets/${ticketId}`, {
      ticket: {
        email_ccs: [{ user_email: "bob@elsewhere.test" }, { user_id: office.sandbox.users.lee }],
      },
    });
    await office.settle();
    const shared = await cardOn(ticketId);
    assert.equal(shared.version, 2);
    assert.deepEqual(shared.context.isShared, true);
    assert.match(shared.context.copies[0] ?? "", /^bob@elsewhere\.test \(Bob/);
    assert.match(shared.context.copies[1] ?? "", /^lee@.*of the team\)$/);
  });

  test("an answer is due when the ticket is, and where it says nothing no time is made up", async () => {
    office.desk.answer(() => replying("We call you."));
    const ticketId = await office.mail("ann@customer.test", "Please call me.");
    const other = await office.mail("ann@customer.test", "And a question.");
    const due = "2026-11-21T09:00:00Z";
    await office.as("dana", "PUT", `/tickets/${ticketId}`, {
      ticket: { type: "task", due_at: due },
    });
    await office.settle();
    assert.deepEqual((await cardOn(ticketId)).context.due, {
      at: "2026-11-21T09:00:00.000Z",
      by: `due date of ticket ${ticketId}`,
    });
    assert.equal((await cardOn(other)).context.due, null);
  });
});
