/** Webhooks in any order, none at all, and a poller that is stopped in the middle: the outcome is the same. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import type { Channel } from "#core/contracts/channel.ts";
import { intake } from "#jobs/intake.ts";
import { replying } from "#test/jobs/turn-results.ts";
import { until } from "#test/support/waiting.ts";
import { memoryCursors } from "#test/zendesk/bench.ts";
import { inOffice, type Office } from "#test/zendesk/office.ts";

const BOT_NOTE = /Draft|draft|reply/;

/** Everything of ours on a ticket, by whether the customer sees it. */
async function oursOn(office: Office, ticketId: number): Promise<readonly boolean[]> {
  const comments = await office.comments(ticketId);
  return comments
    .filter(({ author_id: id }) => id === office.sandbox.users.bot)
    .map((comment) => comment.public);
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
  test("comments before the ticket they belong to are one conversation and one draft", async () => {
    office.desk.answer(({ unread }) => replying(`Read ${unread.length} messages.`));
    await office.control("POST", "webhook-faults", { reverse: 3 });
    const ticketId = await office.mail("ann@customer.test", "Where is my parcel?");
    await office.mail("ann@customer.test", "The number is 456, isn't it?", { ticketId });
    await office.settle();
    assert.deepEqual(await oursOn(office, ticketId), [false]);
    const reads = office.calls().filter(({ path }) => /tickets\/\d+\/comments/.test(path));
    assert.equal(reads.length, 1, "all hints of a ticket are one look");
    const note = (await office.comments(ticketId)).at(-1);
    assert.match(note?.body ?? "", /Read 2 messages/);
    assert.match(note?.body ?? "", BOT_NOTE);
  });

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
  test("misses nothing: the export brings each changed ticket, once", async () => {
    office.desk.answer(() => replying("It is on its way."));
    await office.control("POST", "webhook-faults", { drop: 1_000 });
    const tickets: number[] = [];
    for (const who of ["one", "two", "three"])
      tickets.push(await office.mail(`${who}@customer.test`, "Where is my parcel?"));
    // The last minute is left out of the export.
    office.desk.skip(70_000);
    const last = tickets.at(-1) ?? 0;
    await poll(office, office.channel, isKnown(office, last));
    await office.settle();
    for (const ticketId of tickets) assert.deepEqual(await oursOn(office, ticketId), [false]);
    const before = office.calls().length;
    const drafts = office.writes().length;
    // Our own notes changed the tickets; the export brings them again, and nothing comes of it.
    office.desk.skip(70_000);
    await poll(office, office.channel, async () => office.calls().length > before + 1);
    await office.settle();
    assert.equal(office.writes().length, drafts);
  });

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

  test("asks by start time, then by cursor, and what changed in the last minute comes with a later look", async () => {
    const cursors = memoryCursors();
    const channel = office.reopen({ cursors });
    await office.control("POST", "webhook-faults", { drop: 1_000 });
    const first = await office.mail("ann@customer.test", "Where is my parcel?");
    office.desk.skip(70_000);
    const late = await office.mail("bob@customer.test", "And mine?");
    await poll(office, channel, isKnown(office, first));
    assert.equal(await isKnown(office, late)(), false);
    office.desk.skip(70_000);
    await poll(office, channel, isKnown(office, late));
    const asked = office
      .calls()
      .map(({ path }) => path)
      .filter((path) => path.includes("/incremental/") && !path.includes("per_page=1"));
    for (const path of asked) assert.doesNotMatch(path, /undefined|page/);
    assert.match(asked[0] ?? "", /\?start_time=\d+$/);
    for (const path of asked.slice(1)) assert.match(path, /\?cursor=[^&]+$/);
    const { cursor } = z
      .object({ cursor: z.string() })
      .parse(JSON.parse(cursors.rows.get("zendesk:export") ?? "null"));
    assert.notEqual(cursor, "");
  });

  test("a look that had to wait for Zendesk is no reason to think again, nor is our own note in the export", async () => {
    office.desk.answer(() => replying("It is on its way."));
    const ticketId = await office.mail("ann@customer.test", "Where is my parcel?");
    await office.settle();
    const { length } = office.writes();
    const fault = { kind: "unavailable", times: 3, method: "GET", path: "/tickets/" };
    await office.control("POST", "faults", fault);
    office.desk.skip(70_000);
    const asked = office.calls().length;
    await poll(office, office.channel, async () => office.calls().length > asked + 4);
    for (let round = 0; round < 4; round += 1, office.desk.skip(60_000)) await office.settle();
    const looks = office
      .calls()
      .slice(asked)
      .map(({ path }) => path);
    assert.ok(
      looks.some((path) => path.includes(`/tickets/${ticketId}/audits`)),
      "it was read",
    );
    assert.equal(office.writes().length, length);
    assert.deepEqual(await oursOn(office, ticketId), [false]);
  });

  test("an export of what webhooks brought before asks Zendesk nothing more", async () => {
    // Nothing of ours is written on what a program sent, so nothing but the mail changed the ticket.
    const ticketId = await office.mail("ann@customer.test", "I am away.", { flags: [4] });
    await office.settle();
    const others = (): number =>
      office.calls().filter(({ path }) => !/incremental|users\/me|tickets\?/.test(path)).length;
    const before = others();
    assert.equal(before, 4, "the ticket was read");
    assert.equal(await isKnown(office, ticketId)(), true);
    office.desk.skip(70_000);
    const asked = office.calls().length;
    await poll(office, office.channel, async () => office.calls().length > asked + 1);
    await office.settle();
    assert.equal(others(), before);
  });
});
