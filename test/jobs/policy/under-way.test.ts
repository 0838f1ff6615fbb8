/** A policy that changes while a turn, a redraft or an undo time is under way, or while its file cannot be read. */
import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { deskHandler } from "#jobs/decisions/desk-handler.ts";
import { changePolicy, policyDraft } from "#jobs/policy/own-change.ts";
import { processConversation } from "#jobs/worker/process-conversation.ts";
import { editedPolicy } from "#policy/edit-policy.ts";
import { loadApproval } from "#store/approvals/approvals.ts";
import { BOB, policyBenchForTests } from "#test/jobs/policy/bench.ts";
import { PEOPLE } from "#test/jobs/policy/desk.ts";
import { refundOf, replying } from "#test/jobs/turn-results.ts";

const { sam } = PEOPLE;

describe("a policy that changes meanwhile", () => {
  const bench = policyBenchForTests();
  beforeEach(() => bench.begin());

  test("a turn that began under a more lenient policy is planned again under the one in force", async (t) => {
    const run = bench.parts.agent.run.bind(bench.parts.agent);
    const state = { runs: 0 };
    t.mock.method(bench.parts.agent, "run", async (input: Parameters<typeof run>[0]) => {
      const result = await run(input);
      state.runs += 1;
      if (state.runs > 1) return result;
      bench.clock.skip(1_000);
      bench.edit((text) => text.replace("up_to: 10.00", "up_to: 4.00"));
      await bench.look();
      return result;
    });
    const id = await bench.tell("Please refund order 1002, it broke.", BOB);
    assert.deepEqual(bench.shop.journal(), []);
    bench.clock.skip(60_000);
    await processConversation(bench.parts, id);
    assert.deepEqual(bench.shop.journal(), []);
    const asked = await bench.waiting();
    assert.ok(asked, "what was allowed before is asked now");
  });

  for (const place of ["the same channel", "another channel"])
    test(`a draft that follows somebody's instruction is theirs in ${place} too`, async (t) => {
      const routes =
        place === "the same channel"
          ? "[]"
          : "[{ name: money, place: approvals-money, above: 60.00 }]";
      await bench.begin((text) =>
        text
          .replace("routing: []", `routing: ${routes}`)
          .replaceAll(/(leads: \d) \}/g, "$1, four_eyes: true }"),
      );
      const amounts = [5_000, 12_000];
      const four = { decision: { approvers: { count: 1, leads: 0, fourEyes: true } } } as const;
      t.mock.method(bench.parts.agent, "run", async () => {
        const minor = amounts.shift() ?? 12_000;
        const text = `I have refunded ${(minor / 100).toFixed(2)} USD.`;
        return replying(text, { actions: [refundOf(minor, four)] });
      });
      const asked = await bench.ask("My headphones broke, please refund order 789");
      await deskHandler(bench.parts).decide({
        decisionId: `redo-${place}`,
        approvalId: asked.id,
        version: asked.version,
        button: "redo",
        teammate: sam,
        reason: "",
        edit: null,
        hint: "refund the whole 120.00",
      });
      bench.clock.skip(5_000);
      await processConversation(bench.parts, asked.conversationId);
      const fresh = await bench.waiting();
      assert.ok(fresh);
      assert.equal(fresh.id === asked.id, place === "the same channel");
      assert.equal(fresh.redraft.count, 1);
      const card = { approvalId: fresh.id, version: fresh.version };
      const pressed = await bench.press(sam, card, "approve");
      assert.deepEqual([pressed.accepted, bench.shop.journal()], [false, []]);
    });

  test("what is set in the console reaches waiting cards also while the file cannot be read", async () => {
    await bench.begin((text) => text, true);
    const asked = await bench.ask("My headphones broke, please refund order 789");
    await bench.press(sam, { approvalId: asked.id, version: asked.version }, "approve");
    bench.remove();
    const file = { ...bench.file, text: () => null };
    const draft = await bench.store.run((transaction) => policyDraft(transaction, file));
    await changePolicy(bench.parts, file, {
      basis: draft?.basis ?? "",
      edit: ({ text }) => ({
        why: "stop",
        text: editedPolicy(text, [
          { path: ["operations", "refund", "rules", 1, "above"], value: 100 },
        ]),
      }),
      by: async () => "p",
    });
    await bench.look().catch(() => undefined);
    bench.clock.skip(60_000);
    await processConversation(bench.parts, asked.conversationId);
    const card = await bench.store.run((transaction) => loadApproval(transaction, asked.id));
    assert.deepEqual([card?.state, bench.shop.journal()], ["void", []]);
  });
});
