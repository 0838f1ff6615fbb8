/** An account that refuses calls in every way it can: what is waited for, what is given up, and what is told. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { sql } from "#store/db/drizzle.ts";
import { z } from "zod";
import { type Allowances, inProcessAllowances } from "#core/connection/rate-limit.ts";
import { rowsOf } from "#store/db/database.ts";
import { replying } from "#test/jobs/turn-results.ts";
import { inOffice, type Office } from "#test/zendesk/office.ts";

const Effect = z.object({ operation: z.string(), state: z.string(), ref: z.string().nullable() });

/** Limits by the office's clock, where no call waits: what has to is put back into the queue. */
function impatient(office: Office): Allowances {
  const own = inProcessAllowances(() => office.desk.now().getTime());
  return { ...own, take: (wanted) => own.take(wanted, 0) };
}

const effectsOf = (office: Office, target: string) =>
  office.desk.parts.store.run((transaction) =>
    rowsOf(
      transaction,
      Effect,
      sql`select operation, state, ref from effect where target = ${target} order by key`,
    ),
  );

/** Lets so much time pass, in steps in which everything that is due is done. */
async function pass(office: Office, steps: number, stepMs: number): Promise<void> {
  for (let step = 0; step < steps; step += 1) {
    office.desk.skip(stepMs);
    await office.settle();
  }
}

inOffice("a storm of refusals", (office) => {
  test("is waited out: every customer is answered once, and nothing is booked that is not there", async () => {
    office.reopen({ allowances: impatient(office) });
    office.desk.rule({ replyAutonomy: () => "auto" });
    office.desk.answer(() => replying("It is on its way."));
    const storm = { times: 1_000_000 };
    await office.control("POST", "faults", [
      { ...storm, kind: "rate_limited", retryAfter: 3, chance: 0.25, seed: 1 },
      { ...storm, kind: "rate_limited", chance: 0.05, seed: 2 },
      { ...storm, kind: "unavailable", retryAfter: 30, chance: 0.05, seed: 3 },
      { ...storm, kind: "bad_gateway", chance: 0.08, seed: 4 },
      { ...storm, kind: "lost_response", method: "PUT", chance: 0.3, seed: 5 },
    ]);
    const tickets: number[] = [];
    for (let count = 0; count < 5; count += 1)
      tickets.push(await office.mail(`c${count}@customer.test`, "Where is my parcel?"));
    await pass(office, 8, 15_000);
    await office.control("DELETE", "faults");
    await pass(office, 8, 60_000);
    const written = new Set<string>();
    for (const ticketId of tickets) {
      const ours = await office.ours(ticketId);
      assert.deepEqual(
        ours.map((comment) => comment.public),
        [true],
        `ticket ${ticketId}`,
      );
      for (const { id } of ours) written.add(`zendesk:comment:${id}`);
    }
    const effects = await effectsOf(office, "zendesk");
    assert.deepEqual(new Set(effects.map(({ state }) => state)), new Set(["done"]));
    assert.deepEqual(new Set(effects.map(({ ref }) => ref)), written);
    const refused = office.calls().filter(({ status }) => status === 429 || status >= 500);
    assert.ok(refused.length > 8, `${refused.length} calls were refused`);
  });
});

inOffice("a conversation that goes round in circles", (office) => {
  test("one decision is one change, and at five of our own writes the team is told and has it", async () => {
    office.desk.rule({ replyAutonomy: () => "auto" });
    office.desk.answer(() => replying("Could you tell me more?"));
    const ticketId = await office.mail("ann@customer.test", "Round 0 of this?");
    for (let round = 1; round <= 10; round += 1) {
      await office.settle();
      if (round <= 8)
        await office.mail("ann@customer.test", `Round ${round} of this?`, { ticketId });
    }
    const answers = (await office.ours(ticketId)).filter(({ body }) =>
      body.includes("tell me more"),
    );
    assert.equal(answers.length, 5);
    const changes = office.writes().map(({ body }) => body);
    assert.ok(changes.length <= 7, `${changes.length} changes`);
    for (const body of changes) assert.match(body, /"comment":/);
    const [first = ""] = changes;
    assert.match(first, /"status":"pending"/);
    assert.match(first, /"assignee_id":\d+/);
    const loops = office.desk.alerts().filter(({ text }) => text.startsWith("This may be a loop"));
    assert.equal(loops.length, 1);
    assert.equal((await office.ticket(ticketId)).group_id, office.sandbox.groups.tier2);
  });

  test("what people approve is no loop: four drafts approved within ten minutes lead to a fifth", async () => {
    office.desk.answer(() => replying("Could you tell me more?"));
    const ticketId = await office.mail("bob@customer.test", "Round 0 of that?");
    await office.settle();
    const id = await office.conversationOf(ticketId);
    for (let round = 1; round <= 4; round += 1) {
      await office.settle();
      await office.desk.press("approve", id);
      await pass(office, 2, 10_000);
      await office.mail("bob@customer.test", `Round ${round} of that?`, { ticketId });
    }
    await office.settle();
    assert.ok((await office.desk.pending(id)) !== null, "no fifth draft");
    assert.ok(office.desk.alerts().every(({ text }) => !text.startsWith("This may be a loop")));
  });
});
