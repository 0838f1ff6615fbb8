/** What a trace keeps of a turn with connected tools: what was asked and found, without whom it was about. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { mask } from "#guard/mask-secrets.ts";
import { declaredReadTool } from "#systems/read-tool.ts";
import { declaredWriteTool } from "#systems/write-tool.ts";
import { allTools } from "#tools/index.ts";
import { findOrder, order, refundThere } from "#test/systems/declared-shop.ts";
import { memorySystem } from "#test/systems/memory-system.ts";
import { memoryShop } from "#test/support/fixtures/memory-shop.ts";
import { openGuard } from "#test/support/fixtures/open-guard.ts";
import { TODAY, turn, verified } from "#test/support/fixtures/turns.ts";
import { tinyKnowledge } from "#test/support/fixtures/tiny-knowledge.ts";
import { calls, play } from "./play.ts";

const CARD = "4111111111111111";

test("a whole turn's trace masks personal fields of connected records and secrets in arguments, and the model reads the fields", async () => {
  const system = memorySystem();
  system.answerWith(({ path }) =>
    path === "/orders/1" ? order("1", "u123", { ship_to: { line: "7 Hidden Lane" } }) : undefined,
  );
  const { result, requests } = await play(
    [
      calls(
        { name: "find_order", input: { order_id: "1" } },
        { name: "find_order", input: { order_id: CARD } },
      ),
      calls({ name: "refund_there", input: { order_id: "1", amount: "5.00" } }),
      calls({
        name: "escalate",
        input: { reason: "other", summary: "A refund.", answer: "", unanswered: [], topic: null },
      }),
    ],
    {
      guard: openGuard({ mask }),
      tools: [
        ...allTools({ shop: memoryShop(TODAY), knowledge: tinyKnowledge() }),
        declaredReadTool(findOrder(), system.ports),
        declaredWriteTool(refundThere(), system.ports),
      ],
      decide: async () => ({
        verdict: "ask",
        rule: "refund_there.every",
        reason: "A person decides.",
        approvers: { count: 1, leads: 0 },
        reservations: [],
        policyVersion: "p1",
      }),
    },
    turn(["Please refund 5.00 of order 1"], { requester: verified("u123") }),
  );
  const shown = requests.flatMap(({ messages }) => messages.map(({ content }) => content)).join();
  assert.match(shown, /7\^Hidden\^Lane/, "the model reads the address");
  const kept = JSON.stringify(result.spans);
  const lookUps = result.spans.filter(({ name }) => name === "execute_tool find_order");
  assert.equal(lookUps.length, 2);
  assert.match(JSON.stringify(lookUps[0]), /line\W+\[personal\]/);
  assert.match(JSON.stringify(lookUps[1]), /\[card number removed\]/);
  assert.match(kept, /execute_tool refund_there/);
  assert.ok(!/Hidden/.test(kept), kept);
  assert.ok(!kept.includes(CARD), kept);
});
