/** The status of a ticket after a reply is the policy's. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { StatusAfterReply } from "#core/contracts/policy.ts";
import { loadPolicy } from "#policy/load-policy.ts";
import { sandboxText } from "#test/policy/policy-files.ts";
import { z } from "zod";
import { ReplyArguments, replyKey, UNAVAILABLE_PLACE } from "#core/values/action.ts";
import { benchForTests, failsWith, onTicket, signal } from "#test/zendesk/bench.ts";

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

  test("what our reply solved still takes an answer and a hand-over; what a teammate or a rule solved takes none", async () => {
    status = "solved";
    const ticketId = await bench.ask("Where is my lamp?");
    const state = async (): Promise<string> => (await bench.ticket(ticketId)).status;
    const send = async (text: string, key: string): Promise<unknown> =>
      bench.channel.commit(await bench.replyTo(ticketId, text), key, signal);
    await send("First.", "s:1");
    await send("Second.", "s:2");
    assert.deepEqual(
      [await state(), await bench.said(ticketId)],
      ["solved", ["First.", "Second."]],
    );
    const handOver = onTicket("assign", ticketId, { group: "tier2", note: "Please look." });
    await bench.channel.commit(handOver, "s:3", signal);
    const { status: after, group_id: group } = await bench.ticket(ticketId);
    assert.deepEqual([after, group], ["open", bench.sandbox.groups.tier2]);

    const other = await bench.ask("And my shelf?");
    await bench.as("dana", "PUT", `/tickets/${other}`, {
      ticket: { status: "solved", assignee_id: bench.sandbox.users.bot },
    });
    const late = await bench.replyTo(other, "Late.");
    const refused = failsWith("channel.refused", /is solved/);
    await assert.rejects(bench.channel.commit(late, "s:4", signal), refused);
    await assert.rejects(
      bench.channel.commit(onTicket("assign", other, { group: "tier2", note: "-" }), "s:5", signal),
      refused,
    );
  });

  test("a text that leaves the question open finishes nothing, and the answer comes after it", async () => {
    for (const wanted of ["pending", "solved", OWN_STATUS] as const) {
      status = wanted;
      const after = wanted === OWN_STATUS ? "hold" : wanted;
      const ticketId = await bench.ask("Where is my lamp?");
      const action = await bench.replyTo(ticketId, "It takes longer.");
      const { answers } = ReplyArguments.parse(action.arguments);
      await bench.channel.commit(action, replyKey("c1", answers, UNAVAILABLE_PLACE), signal);
      assert.equal((await bench.ticket(ticketId)).status, "open");
      const away = await bench.replyTo(ticketId, "We are away until tomorrow.");
      const notice = { ...away, arguments: { ...away.arguments, answers: [] } };
      await bench.channel.commit(notice, replyKey("c1", [], "closed"), signal);
      assert.equal((await bench.ticket(ticketId)).status, "open");
      const answer = await bench.replyTo(ticketId, "Here it is.");
      await bench.channel.commit(answer, replyKey("c1", answers), signal);
      assert.equal((await bench.ticket(ticketId)).status, after);
      assert.equal((await bench.said(ticketId)).length, 3);
      await bench.channel.commit(notice, replyKey("c1", [], "closed again"), signal);
      // What stays solved is closed by Zendesk, with the question in it.
      assert.equal((await bench.ticket(ticketId)).status, wanted === "solved" ? "open" : after);
    }
  });

  test("a status that the account does not have, or not give, keeps no answer back, and the team is told", async () => {
    const field = { type: "text", title: "Order number" };
    const made = await bench.as("admin", "POST", "/ticket_fields", { ticket_field: field });
    const { ticket_field: required } = z
      .object({ ticket_field: z.object({ id: z.number() }) })
      .parse(made);
    await bench.control("PUT", "settings", { requiredToSolve: [required.id] });
    for (const [wanted, reason] of [
      [9_999_999, /status 9999999, which.*Custom status: is invalid/],
      ["solved", /status solved, which.*“Order number” filled in first/],
    ] as const) {
      status = wanted;
      const ticketId = await bench.ask("Where is my lamp?");
      const long = "слово ".repeat(8_000);
      const action = await bench.replyTo(ticketId, long);
      const { remark } = await bench.channel.commit(action, `w:${wanted}`, signal);
      assert.match(remark ?? "", reason);
      const [answer] = await bench.ours(ticketId);
      // Its file is whole too: a token of an upload is good for one try.
      assert.equal(z.array(z.unknown()).parse(answer?.["attachments"]).length, 1);
      assert.equal((await bench.ticket(ticketId)).assignee_id, bench.sandbox.users.bot);
      assert.deepEqual(
        await bench.channel.find(action, `w:${wanted}`, signal).then(({ state }) => state),
        "done",
      );
    }
    await bench.control("PUT", "settings", { requiredToSolve: [] });
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
      ["-1", /must be more than 0/],
      ["1.5", /must be pending/],
    ] as const)
      assert.throws(() => read(`status_after_reply: { zendesk: ${value} }`), reason);
  });
});
