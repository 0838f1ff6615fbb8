import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import type { Action } from "#core/values/action.ts";
import type { DeskhandError } from "#core/values/errors.ts";
import {
  type Bench,
  benchFor,
  failsWith,
  onTicket,
  openingTicket,
  signal,
  UNDER_WAY,
} from "#test/zendesk/bench.ts";
import { openFront } from "#test/support/http-front.ts";
import { openHoldingProxy } from "#test/zendesk/servers.ts";

const TEXT = "It is on its way.";

/** Long enough for a write to have been sent, also on a busy machine; it is held on its way for longer. */
const IMPATIENT_MS = 3_000;

/** Long enough for another's change to come in while our write is held, also on a busy machine. */
const HELD_MS = 2_500;

/** Zendesk's whole seconds, which several changes share, and a stamp of its own for each change. */
const STAMPS = { "shared stamps": false, "distinct stamps": true };

/** For one test, an account with such stamps. */
async function benchWith(context: TestContext, distinctStamps: boolean): Promise<Bench> {
  const bench = await benchFor(context);
  await bench.control("PUT", "settings", { distinctStamps });
  return bench;
}

async function faulty(bench: Bench, fault: Record<string, unknown>): Promise<void> {
  await bench.control("POST", "faults", { method: "PUT", path: "/tickets/", ...fault });
}

/** The sandbox has taken our write in and lets it wait. */
async function writeIsUnderWay(bench: Bench, context: TestContext): Promise<void> {
  await context.waitFor(async () => {
    const { faults } = (await bench.control("GET", "faults")) as { faults: unknown[] };
    assert.deepEqual(faults, []);
  }, UNDER_WAY);
}

/** A ticket and the reply a turn made for it. */
async function drafted(bench: Bench): Promise<{ ticketId: number; reply: Action }> {
  const ticketId = await bench.ask("Where is 456?");
  return { ticketId, reply: await bench.replyTo(ticketId, TEXT) };
}

const conflict = failsWith("channel.conflict");

// Each test has an account of its own and mostly waits for the next whole second.
describe("a reply that meets another's change", { concurrency: 4 }, () => {
  const meanwhile: Record<string, (bench: Bench, ticketId: number) => Promise<unknown>> = {
    "a teammate answered": async ({ as }, ticketId) =>
      await as("dana", "PUT", `/tickets/${ticketId}`, {
        ticket: { comment: { body: "Hello from Dana", public: true } },
      }),
    "the customer wrote again": async ({ comment }, ticketId) => {
      await comment("ann", ticketId, "Stop, cancel it!");
    },
    "a lead gave it away": async ({ as, sandbox }, ticketId) =>
      await as("lee", "PUT", `/tickets/${ticketId}`, {
        ticket: { assignee_id: sandbox.users.dana },
      }),
    "a teammate solved it": async ({ as, sandbox }, ticketId) =>
      await as("dana", "PUT", `/tickets/${ticketId}`, {
        ticket: { status: "solved", assignee_id: sandbox.users.bot },
      }),
  };

  for (const [what, happen] of Object.entries(meanwhile)) {
    // What was solved is final; everything else is thought about again.
    const stopped =
      what === "a teammate solved it" ? failsWith("channel.refused", /solved/) : conflict;
    test(`${what} after we looked: nothing public is written`, async (context) => {
      const bench = await benchFor(context);
      const { ticketId, reply } = await drafted(bench);
      await happen(bench, ticketId);
      await assert.rejects(bench.channel.commit(reply, "r", signal), stopped);
      // A process that has not read the ticket goes by the messages the reply answers.
      if (what !== "the customer wrote again")
        await assert.rejects(bench.another().commit(reply, "r", signal), stopped);
      assert.equal((await bench.said(ticketId)).length, 0);
    });

    test(`${what} while our write was under way: nothing public is written`, async (context) => {
      const bench = await benchFor(context);
      const { ticketId, reply } = await drafted(bench);
      await faulty(bench, { kind: "slow", ms: HELD_MS });
      const committing = assert.rejects(bench.channel.commit(reply, "r", signal), stopped);
      await writeIsUnderWay(bench, context);
      await happen(bench, ticketId);
      await committing;
      assert.equal((await bench.said(ticketId)).length, 0);
    });
  }

  test("a reply that another process began goes out although the customer wrote more", async (context) => {
    const bench = await benchFor(context);
    const { ticketId, reply } = await drafted(bench);
    await bench.comment("ann", ticketId, "Hello?");
    await bench.another().commit(reply, "r", signal);
    assert.equal((await bench.said(ticketId)).length, 1);
  });

  test("handed back to the bot, it writes again", async (context) => {
    const bench = await benchFor(context);
    const { ticketId, reply } = await drafted(bench);
    const { users, groups } = bench.sandbox;
    const give = async (ticket: Record<string, unknown>) =>
      await bench.as("lee", "PUT", `/tickets/${ticketId}`, { ticket });
    await give({ assignee_id: users.dana });
    // Having read it does not make it ours.
    await bench.read(ticketId);
    await assert.rejects(bench.channel.commit(reply, "r", signal), conflict);
    await give({ assignee_id: null, group_id: groups.bot });
    await bench.channel.commit(await bench.replyTo(ticketId, TEXT), "r", signal);
    assert.equal((await bench.said(ticketId)).length, 1);
  });

  test("a hand-over does not take a ticket from a teammate who took it meanwhile", async (context) => {
    const bench = await benchFor(context);
    const { ticketId } = await drafted(bench);
    const { users } = bench.sandbox;
    const assign = onTicket("assign", ticketId, { group: "tier2", note: "x" });
    const ticket = { assignee_id: users.dana };
    await bench.as("lee", "PUT", `/tickets/${ticketId}`, { ticket });
    await assert.rejects(bench.channel.commit(assign, "a", signal), conflict);
    assert.equal((await bench.ticket(ticketId)).assignee_id, users.dana);
  });

  test("nor from one who began a side conversation meanwhile", async (context) => {
    const bench = await benchFor(context);
    const { ticketId } = await drafted(bench);
    const assign = onTicket("assign", ticketId, { group: "tier2", note: "x" });
    const agent = bench.sandbox.users.dana;
    await bench.control("POST", "side-conversation", {
      ticketId,
      agent,
      subject: "A lamp left?",
    });
    await assert.rejects(bench.channel.commit(assign, "a", signal), conflict);
  });

  test("a closed or deleted ticket is final", async (context) => {
    const bench = await benchFor(context);
    const closed = await drafted(bench);
    const deleted = await drafted(bench);
    const ticket = { status: "closed", assignee_id: bench.sandbox.users.dana };
    await bench.as("admin", "PUT", `/tickets/${closed.ticketId}`, { ticket });
    await bench.as("admin", "DELETE", `/tickets/${deleted.ticketId}`);
    for (const { reply } of [closed, deleted])
      await assert.rejects(
        bench.channel.commit(reply, "r", signal),
        failsWith("channel.refused", /closed|gone/),
      );
    assert.equal((await bench.channel.find(deleted.reply, "r", signal)).state, "unknowable");
  });
});

for (const [name, distinct] of Object.entries(STAMPS))
  describe(`a write whose answer never came, ${name}`, { concurrency: 4 }, () => {
    test("was carried out: it is found by its key, and repeating it finds it too", async (context) => {
      const bench = await benchWith(context, distinct);
      const { ticketId, reply } = await drafted(bench);
      await faulty(bench, { kind: "lost_response" });
      await assert.rejects(
        bench.channel.commit(reply, "r", signal),
        failsWith("channel.uncertain"),
      );
      // After a crash another process asks.
      const found = await bench.another().find(reply, "r", signal);
      assert.equal(found.state, "done");
      assert.deepEqual(await bench.another().commit(reply, "r", signal), found.committed);
      assert.equal((await bench.said(ticketId)).length, 1);
    });

    test("a copy that is still on its way when we try again is refused by its stamp", async (context) => {
      const bench = await benchWith(context, distinct);
      const { ticketId, reply } = await drafted(bench);
      const slow = await openHoldingProxy(bench.sandbox.url);
      context.after(slow.close);
      const impatient = bench.another({ url: slow.url, timeoutMs: IMPATIENT_MS });
      await assert.rejects(impatient.commit(reply, "r", signal), failsWith("channel.uncertain"));
      assert.deepEqual(await bench.channel.find(reply, "r", signal), { state: "absent" });
      await bench.channel.commit(reply, "r", signal);
      assert.equal(await slow.letGo(), 409);
      assert.equal((await bench.said(ticketId)).length, 1);
    });
  });

describe("an account that says no", () => {
  test("each refusal is named by what it means, and nothing is booked as sent", async (context) => {
    const bench = await benchFor(context);
    const { ticketId, reply } = await drafted(bench);
    const failing = async (fault: Record<string, unknown>, code: DeskhandError["code"]) => {
      await faulty(bench, fault);
      await assert.rejects(bench.channel.commit(reply, "r", signal), failsWith(code));
      assert.equal((await bench.said(ticketId)).length, 0);
      assert.deepEqual(await bench.channel.find(reply, "r", signal), { state: "absent" });
    };
    await failing({ kind: "bad_gateway" }, "channel.uncertain");
    await failing({ kind: "unavailable", retryAfter: 0.1 }, "channel.uncertain");
    await failing({ kind: "server_error" }, "channel.uncertain");
    await failing({ kind: "unauthorized" }, "channel.unauthorized");
    await bench.channel.commit(reply, "r", signal);
    assert.equal((await bench.said(ticketId)).length, 1);
  });

  test("a ticket that never comes to rest takes the team's note later, and what goes to the customer is thought about again", async (context) => {
    const bench = await benchFor(context);
    const { ticketId, reply } = await drafted(bench);
    const moving = await openFront(bench.sandbox.url, async ({ method, forward }) =>
      method === "PUT" ? Response.json({ error: "UpdateConflict" }, { status: 409 }) : forward(),
    );
    context.after(moving.close);
    const channel = bench.another({ url: moving.url });
    const note = onTicket("note", ticketId, { text: "x" });
    await assert.rejects(channel.commit(note, "n", signal), failsWith("channel.unavailable"));
    await assert.rejects(channel.commit(reply, "r", signal), conflict);
  });

  test("people's ticket that nothing may be written to any more is told as refused", async (context) => {
    const bench = await benchFor(context, { brands: { "4300000001": "ourshop" } });
    const externalId = String(await bench.ask("Where is 456?"));
    const ticket = { brand_id: 4_300_000_101 };
    await bench.as("admin", "PUT", `/tickets/${externalId}`, { ticket });
    const opening = openingTicket({ earlier: { externalId, reassign: false } });
    await assert.rejects(
      bench.channel.commit(opening, "t", signal),
      failsWith("channel.refused", /brand/),
    );
  });

  test("after a 429 every call of this process waits as long as Zendesk said", async (context) => {
    const bench = await benchFor(context);
    const { ticketId, reply } = await drafted(bench);
    await faulty(bench, { kind: "rate_limited", retryAfter: 30 });
    const limited = (error: DeskhandError): boolean => {
      assert.ok((error.retryAfterMs ?? 0) > 25_000);
      return failsWith("channel.rate_limited")(error);
    };
    await assert.rejects(bench.channel.commit(reply, "r", signal), limited);
    const before = bench.calls();
    await assert.rejects(bench.read(ticketId), limited);
    assert.equal(bench.calls(), before, "no call leaves while the pause lasts");
    await assert.rejects(bench.channel.find(reply, "r", signal), limited);
    assert.equal((await bench.said(ticketId)).length, 0);
  });
});
