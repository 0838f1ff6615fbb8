/** Webhooks in any order, none at all, and a poller that is stopped in the middle: the outcome is the same. And what was rated. */

import assert from "node:assert/strict";
import { test, describe, type TestContext } from "node:test";
import type { Channel, Delivery } from "#core/contracts/channel.ts";
import { intake } from "#jobs/intake.ts";
import { replying } from "#test/jobs/turn-results.ts";
import { until, PATIENCE_MS } from "#test/support/waiting.ts";
import { memoryCursors } from "#test/jobs/memory-ports.ts";
import { inOffice, type Office } from "#test/zendesk/office.ts";
import { type Bench, failsWith, benchFor } from "#test/zendesk/bench.ts";
import { addCandidate, evalCandidateTable } from "#jobs/reports/candidate-cases.ts";

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

const ticketOf = ({ body }: Delivery): number =>
  (JSON.parse(new TextDecoder().decode(body)) as { ticket_id: number }).ticket_id;

/** Without Zendesk's minute of delay, and with exports to spare, so that a test need not wait for either. */
async function atOnce(bench: Bench): Promise<void> {
  await bench.control("PUT", "settings", { exportDelaySeconds: 0, exportsPerMinute: 10_000 });
}

async function collect(
  bench: Bench,
  context: TestContext,
  wanted: (deliveries: readonly Delivery[]) => boolean,
): Promise<Delivery[]> {
  const deliveries: Delivery[] = [];
  await bench.channel.start(async (delivery) => {
    deliveries.push(delivery);
    await Promise.resolve();
  });
  await context.waitFor(() => assert.ok(wanted(deliveries)), { timeout: PATIENCE_MS });
  await bench.channel.stop();
  return deliveries;
}

describe("the poller", () => {
  test("brings what webhooks lost, in hints that name change and ticket", async (context) => {
    const bench = await benchFor(context);
    await atOnce(bench);
    const ticketId = await bench.ask("Where is 456?");
    const [delivery] = await collect(bench, context, ({ length }) => length > 0);
    assert.ok(delivery);
    const [hint, ...more] = bench.channel.receive(delivery);
    assert.deepEqual(more, []);
    assert.match(hint?.eventId ?? "", new RegExp(`^poll:${ticketId}:\\d{4}-.*:\\d+$`));
    assert.deepEqual(hint?.conversationKeys, [`zendesk:ticket:${ticketId}`]);
    assert.deepEqual(bench.channel.receive(delivery), [hint]);
  });

  test("moves on only when every delivery was accepted, so that a crash loses nothing", async (context) => {
    const cursors = memoryCursors();
    const bench = await benchFor(context, { cursors });
    await atOnce(bench);
    const first = await bench.ask("one");
    const second = await bench.ask("two");
    let refused = 0;
    await bench.channel.start(async (delivery) => {
      if (ticketOf(delivery) === second) {
        refused += 1;
        await Promise.reject(new Error("the database is down"));
      }
    });
    await context.waitFor(() => assert.ok(refused > 1), { timeout: PATIENCE_MS });
    await bench.channel.stop();
    assert.equal(cursors.rows.size, 0);
    const again = await collect(bench, context, ({ length }) => length >= 2);
    assert.deepEqual(again.map(ticketOf).slice(0, 2), [first, second]);
    assert.equal(cursors.rows.size, 1);
  });

  test("a cursor Zendesk does not know any more costs a repetition, not a message", async (context) => {
    const cursors = memoryCursors();
    const bench = await benchFor(context, { cursors });
    await atOnce(bench);
    const since = Math.floor(Date.now() / 1000) - 300;
    await cursors.write("zendesk:export", JSON.stringify({ cursor: "lost", since }));
    const ticketId = await bench.ask("Where is 456?");
    const all = await collect(bench, context, ({ length }) => length > 0);
    assert.equal(ticketOf(all[0] ?? assert.fail()), ticketId);
    assert.match(bench.warnings.join(), /export could not be read/);
  });
});

describe("starting", () => {
  test("finds out who the bot is, so that its own events are nothing", async (context) => {
    const bench = await benchFor(context);
    const channel = bench.stranger(bench.sandbox.tokens.bot);
    const ticketId = await bench.ask("Hello");
    const note = { ticket: { comment: { body: "From the bot", public: false } } };
    await bench.as("bot", "PUT", `/tickets/${ticketId}`, note);
    const own = (await bench.delivered(ticketId, "comment_added")).at(-1);
    assert.ok(own);
    await channel.start(async () => await Promise.resolve());
    assert.deepEqual(channel.receive(own), []);
    await channel.stop();
  });

  test("with an unknown token or a customer's it refuses", async (context) => {
    const bench = await benchFor(context);
    const start = async (token: string): Promise<void> => {
      await bench.stranger(token).start(async () => await Promise.resolve());
    };
    await assert.rejects(start(bench.sandbox.tokens.ann), failsWith("config.invalid"));
    await assert.rejects(start("wrong"), failsWith("config.invalid", /401/));
  });
});

inOffice("ratings and solved tickets", (office) => {
  /** The list without its head: reason, rating and who answered, of each candidate. */
  const candidates = async (): Promise<readonly (readonly string[])[]> => {
    const table = await evalCandidateTable(office.desk.parts.store);
    const [head = "", ...rows] = table.split("\n");
    if (!head.startsWith("conversation")) return [];
    return rows.map((row) => row.split(/\s{2,}/).slice(2, 5));
  };

  test("a solved ticket is a candidate with the bot's own words, and each later rating replaces the one before", async () => {
    const ticketId = await answered(office);
    assert.deepEqual(await candidates(), []);
    await solve(office, ticketId);
    assert.deepEqual(await candidates(), [["solved", "-", "bot, as drafted"]]);
    await rate(office, ticketId, "good", "Quick, thanks! Ann Fields, ann@customer.test");
    assert.deepEqual(await candidates(), [["good", "good (rating)", "bot, as drafted"]]);
    const { text: written } = await addCandidate(
      office.desk.parts.store,
      await office.conversationOf(ticketId),
      office.desk.now(),
    );
    assert.match(written, /rated as good \(rating\)[\s\S]*Answered by: bot, as drafted/);
    assert.match(written, /They wrote: Quick, thanks! \[name\]/);
    assert.doesNotMatch(written.replace(/candidate-\S+/, ""), /ann\b|customer\.test/i);
    await rate(office, ticketId, "bad", "It never came");
    assert.deepEqual(await candidates(), [["bad", "bad (rating)", "bot, as drafted"]]);
  });
});

/** A request by mail that the bot answered and a person approved. */
async function answered(office: Office): Promise<number> {
  office.desk.answer(() => replying("Your lamp is in the warehouse."));
  const ticketId = await office.mail("ann@customer.test", "Where is my lamp?", {
    from: { name: "Ann Fields", email: "ann@customer.test" },
  });
  await office.settle();
  const conversationId = await office.conversationOf(ticketId);
  await office.desk.press("approve", conversationId);
  await office.settle();
  return ticketId;
}

async function solve(office: Office, ticketId: number): Promise<void> {
  const ticket = { status: "solved", assignee_id: office.sandbox.users.dana };
  await office.as("dana", "PUT", `/tickets/${ticketId}`, { ticket });
  await office.settle();
}

async function rate(
  office: Office,
  ticketId: number,
  score: "good" | "bad",
  comment = "",
): Promise<void> {
  const rating = { satisfaction_rating: { score, comment } };
  await office.as("ann", "POST", `/tickets/${ticketId}/satisfaction_rating`, rating);
  await office.settle();
}
