/** Webhooks in any order, none at all, and a poller that is stopped in the middle: the outcome is the same. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Channel } from "#core/contracts/channel.ts";
import { intake } from "#jobs/intake.ts";
import { replying } from "#test/jobs/turn-results.ts";
import { until } from "#test/support/waiting.ts";
import { memoryCursors } from "#test/jobs/memory-ports.ts";
import { inOffice, type Office } from "#test/zendesk/office.ts";

/** Everything of ours on a ticket, by whether the customer sees it. */
async function oursOn(office: Office, ticketId: number): Promise<readonly boolean[]> {
  return (await office.ours(ticketId)).map((comment) => comment.public);
}

/** Polls until `isThere`, then stops as a process would that is told to. */
async function poll(
  office: Office,
  channel: Channel,
  isThere: () => Promise<boolean>,
): Promise<void> {
  await channel.start(
    async (delivery) => void (await intake(office.desk.parts, channel, delivery)),
  );
  await until("the poller brought it", isThere);
  await channel.stop();
}

const isKnown = (office: Office, ticketId: number) => async (): Promise<boolean> =>
  (await office.desk.conversationWith(`zendesk:ticket:${ticketId}`)) !== null;

inOffice("events in another order", (office) => {
  test("a ticket that was solved before its last comment was read gets no answer", async () => {
    office.desk.rule({ replyAutonomy: () => "auto" });
    office.desk.answer(() => replying("It is on its way."));
    await office.control("POST", "webhook-faults", { reverse: 5 });
    const ticketId = await office.mail("ann@customer.test", "Where is my parcel?");
    const { users } = office.sandbox;
    const solved = { status: "solved", assignee_id: users.dana };
    await office.as("dana", "PUT", `/tickets/${ticketId}`, { ticket: solved });
    await office.settle();
    assert.deepEqual(await oursOn(office, ticketId), []);
    assert.equal((await office.ticket(ticketId)).status, "solved");
  });
});

inOffice("a receiver that was down", (office) => {
  test("killed between a page and its position it loses nothing and writes nothing twice", async () => {
    office.desk.answer(() => replying("It is on its way."));
    await office.control("POST", "webhook-faults", { drop: 1_000 });
    const cursors = memoryCursors();
    const dying = {
      ...cursors,
      // As a process that is killed right here: what it took in is committed, where it was is not.
      write: async () => await Promise.reject(new Error("killed")),
    };
    const ticketId = await office.mail("ann@customer.test", "Where is my parcel?");
    office.desk.skip(70_000);
    await poll(office, office.reopen({ cursors: dying }), isKnown(office, ticketId));
    assert.equal(cursors.rows.size, 0);
    await poll(office, office.reopen({ cursors }), async () => cursors.rows.size > 0);
    await office.settle();
    assert.deepEqual(await oursOn(office, ticketId), [false]);
  });
});
