/** A teammate who takes a conversation by name gets its ticket, if they can be assigned one. */
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { z } from "zod";
import { benchForTests, onTicket, openingTicket, signal } from "#test/zendesk/bench.ts";

const Me = z.object({ user: z.object({ id: z.number(), name: z.string(), email: z.string() }) });

const assigning = (ticketId: number, taker: { name: string; email: string | null }) =>
  onTicket("assign", ticketId, {
    group: "tier2",
    note: `Needs a person: Taken over by ${taker.name}`,
    triage: { intent: null, language: null, priority: null, reason: null },
    taker,
  });

describe("a conversation that a teammate takes by name", () => {
  const bench = benchForTests();
  let dana: z.infer<typeof Me>["user"];

  before(async () => {
    const { user } = Me.parse(await bench.as("dana", "GET", "/users/me"));
    // People write addresses as they like.
    dana = { ...user, email: user.email.toUpperCase() };
  });

  test("a ticket is assigned to the agent with that address, in a group of theirs", async () => {
    const ticketId = await bench.ask("Where is my lamp?");
    const { name, email } = dana;
    const committed = await bench.channel.commit(
      assigning(ticketId, { name, email }),
      "handover:1",
      signal,
    );
    assert.equal(committed.remark, undefined);
    const { assignee_id, group_id, status } = await bench.ticket(ticketId);
    assert.deepEqual(
      [assignee_id, group_id, status],
      [dana.id, bench.sandbox.groups.tier2, "open"],
    );
  });

  test("a ticket that is opened for a conversation elsewhere is theirs from its first moment", async () => {
    const { name, email } = dana;
    const action = openingTicket({ taker: { name, email } });
    const { ref } = await bench.channel.commit(action, "handover:2", signal);
    assert.equal((await bench.ticket(Number(ref))).assignee_id, dana.id);
  });
});
