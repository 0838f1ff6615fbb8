/** The status of a ticket after a reply is the policy's. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { StatusAfterReply } from "#core/contracts/policy.ts";
import { loadPolicy } from "#policy/load-policy.ts";
import { sandboxText } from "#test/policy/policy-files.ts";
import { benchForTests, signal } from "#test/zendesk/bench.ts";

/** "Waiting for the warehouse", a status of the sandbox's team, in the category on hold. */
const OWN_STATUS = 4_300_000_021;
const HOLD_STATUS = 4_300_000_014;

let status: StatusAfterReply = "pending";
const bench = benchForTests({ statusAfterReply: () => status });

describe("after a reply", () => {
  for (const [wanted, shown, custom] of [
    ["pending", "pending", 4_300_000_013],
    ["open", "open", 4_300_000_012],
    ["solved", "solved", 4_300_000_015],
    ["unchanged", "hold", OWN_STATUS],
    [OWN_STATUS, "hold", OWN_STATUS],
  ] as const)
    test(`a ticket is ${shown} where the policy says ${wanted}`, async () => {
      status = wanted;
      const ticketId = await bench.ask("Where is my lamp?");
      // It waits for the warehouse already; a plain category would put its default in the place of that.
      const own = { ticket: { custom_status_id: OWN_STATUS } };
      if (wanted === "unchanged") await bench.as("dana", "PUT", `/tickets/${ticketId}`, own);
      await bench.channel.commit(await bench.replyTo(ticketId, "Soon."), `r:${wanted}`, signal);
      const ticket = await bench.ticket(ticketId);
      assert.deepEqual([ticket.status, ticket["custom_status_id"]], [shown, custom]);
      assert.equal(ticket.assignee_id, bench.sandbox.users.bot);
    });

  test("what our own reply solved counts as solved by no person", async () => {
    status = "solved";
    const ticketId = await bench.ask("Where is my lamp?");
    await bench.channel.commit(await bench.replyTo(ticketId, "Here."), "r:own", signal);
    const solved = (await bench.read(ticketId)).signals.find(({ kind }) => kind === "solved");
    assert.equal(solved?.kind === "solved" && solved.automatic, true);
  });

  test("the sandbox's category alone sets its default status, as Zendesk's does", async () => {
    const ticketId = await bench.ask("Where is my lamp?");
    const change = (ticket: object) => bench.as("dana", "PUT", `/tickets/${ticketId}`, { ticket });
    await change({ custom_status_id: OWN_STATUS });
    await change({ status: "open" });
    await change({ status: "hold" });
    assert.equal((await bench.ticket(ticketId))["custom_status_id"], HOLD_STATUS);
  });
});

describe("status_after_reply of the policy", () => {
  const read = (line: string): StatusAfterReply =>
    loadPolicy(`${sandboxText}\n${line}\n`, "policy.yaml").statusAfterReply;

  test("is pending unless it is written down", () => {
    assert.equal(read(""), "pending");
    for (const value of ["pending", "open", "solved", "unchanged", OWN_STATUS])
      assert.equal(read(`status_after_reply: { zendesk: ${value} }`), value);
  });

  test("is one of these, or the number of a custom status", () => {
    for (const [value, reason] of [
      ["closed", /must be pending, open, solved, unchanged or the id of a custom status/],
      ['"4300000021"', /must be pending/],
      ["-1", /Too small/],
      ["1.5", /must be pending/],
    ] as const)
      assert.throws(() => read(`status_after_reply: { zendesk: ${value} }`), reason);
  });
});
