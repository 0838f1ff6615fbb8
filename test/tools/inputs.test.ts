import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { z } from "zod";
import { chosenByModel } from "#systems/check-change.ts";
import { PROCEDURE_TOOL } from "#agent/follow-procedures.ts";
import { toolOffers } from "#agent/turn-state.ts";
import { endingTool, type AgentTool } from "#tools/ending-tools.ts";
import { BUILT_IN_TOOLS, BUILT_IN_OPERATIONS } from "#core/values/action.ts";
import { allTools } from "#tools/index.ts";
import type { JsonObject } from "#core/values/canonical-json.ts";
import { memoryShop } from "#test/support/fixtures/memory-shop.ts";
import { tinyKnowledge } from "#test/support/fixtures/tiny-knowledge.ts";
import { TODAY, verified } from "#test/support/fixtures/turns.ts";
import { contextOf, propose } from "./tool-bench.ts";

function planted(input: z.ZodType): AgentTool {
  return endingTool({
    name: "planted",
    description: "Not one of ours.",
    input,
    end: () => ({
      kind: "escalate",
      reason: "",
      summary: "",
      answer: null,
      unanswered: [],
      delicate: null,
    }),
  });
}

function offered(tool: AgentTool): JsonObject {
  const [offer] = toolOffers([tool]);
  assert.ok(offer);
  return offer.parameters;
}

describe("names that a connected tool cannot have", () => {
  const tools = allTools({ shop: memoryShop(TODAY), knowledge: tinyKnowledge() });

  test("are those of all built-in tools, and of no other", () => {
    assert.deepEqual(BUILT_IN_TOOLS, [...tools.map(({ name }) => name), PROCEDURE_TOOL]);
  });

  test("are the operations of all built-in tools as well", () => {
    const operations = tools.flatMap((tool) => (tool.kind === "write" ? [tool.operation] : []));
    assert.deepEqual(
      operations.filter((operation) => !BUILT_IN_OPERATIONS.includes(operation)),
      [],
    );
  });
});

describe("what a model may fill in", () => {
  test("no tool takes a recipient, link, account, address of a mailbox or channel from the model", () => {
    const tools = allTools({ shop: memoryShop(TODAY), knowledge: tinyKnowledge() });
    assert.ok(tools.length >= 11);
    assert.deepEqual(
      tools.flatMap((tool) => chosenByModel(offered(tool), tool.name)),
      [],
    );
  });

  test("a tool that did would be found by its names, its descriptions and inside what it nests", () => {
    const bad = [
      z.strictObject({ email: z.string() }),
      z.strictObject({ customer_id: z.string() }),
      z.strictObject({ send_to: z.string() }),
      z.strictObject({ where: z.string().describe("The URL to call") }),
      z.strictObject({ many: z.array(z.strictObject({ link: z.string() })) }),
      z.strictObject({ one: z.strictObject({ iban: z.string() }).nullable() }),
    ];
    for (const input of bad)
      assert.equal(chosenByModel(offered(planted(input)), "planted").length, 1);
  });

  test("no word of the model's reaches an action but an address the customer wrote, and that is named as unproven", async () => {
    const marker = "xq7 marker 10999";
    const context = contextOf(verified("u123"), { ownWords: `456 and 789 ${marker}` });
    const refund = await propose(
      "issue_refund",
      { order_id: "789", amount: null, reason: marker },
      context,
    );
    assert.ok(refund.planned);
    assert.doesNotMatch(JSON.stringify(refund.planned), /marker/);
    const change = await propose(
      "change_address",
      { order_id: "456", new_address: marker },
      context,
    );
    assert.match(JSON.stringify(change.planned), /marker/);
    assert.deepEqual(change.unproven, [{ argument: "address", words: marker }]);
    const reset = await propose("reset_password", {}, context);
    assert.deepEqual(reset.planned?.action.arguments, { customerId: "u123" });
  });
});
