/** Nothing lost and nothing twice: what a mail is, whichever way and however often it comes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { signed, written } from "#test/email/mails.ts";
import { inMailroom } from "./mailroom.ts";

inMailroom("mail that comes again", (room) => {
  test("E09 the same mail delivered twice is one message and one answer", async () => {
    const inboxes = await room.open(["e09"]);
    const mail = await signed(
      written({ messageId: "<e09@customer.test>", to: "e09@ourshop.test" }),
    );
    await inboxes.deliver(mail);
    await inboxes.settle();
    assert.equal(room.smtp.taken.length, 1);
    await inboxes.deliver(mail);
    await inboxes.settle();
    assert.equal(inboxes.deliveries.length, 2);
    assert.equal(room.smtp.taken.length, 1);
    assert.equal(room.turns.length, 1);
  });
});
