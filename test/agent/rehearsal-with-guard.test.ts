import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { rehearsalModel } from "#sandbox/rehearsal/rehearsal.ts";
import { canaryFinder, canaryMaker } from "#guard/output/canary.ts";
import { createInputGuard } from "#guard/input/input-guard.ts";
import { operationsOf } from "#guard/claims/operations.ts";
import { createOutputCheck } from "#guard/output/output-check.ts";
import type { TurnInput } from "#core/contracts/agent.ts";
import { memoryShop } from "#test/support/fixtures/memory-shop.ts";
import { tinyKnowledge } from "#test/support/fixtures/tiny-knowledge.ts";
import {
  agentUnderTest,
  message,
  ours,
  STRANGER,
  TODAY,
  turn,
  verified,
} from "#test/support/fixtures/turns.ts";
import { allTools, DECLARED_TOOLS } from "#tools/index.ts";

const TOOL_NAMES = allTools({ shop: memoryShop(TODAY), knowledge: tinyKnowledge() }).map(
  ({ name }) => name,
);
const SECRET = "a secret of this test";
const guard = createInputGuard({ toolNames: TOOL_NAMES, delicateWords: {}, vip: [] });
const output = createOutputCheck({
  operations: operationsOf(DECLARED_TOOLS),
  linkHosts: ["help.ourshop.test"],
  contacts: [],
  ownAddresses: [],
  isCanary: canaryFinder(SECRET),
});

const CASES: readonly (readonly [readonly string[], Partial<TurnInput>])[] = [
  [["Where is my order 456?"], {}],
  [["Where is my order?"], {}],
  [["Where is order 123?"], {}],
  [["Where is order 789?"], {}],
  [["When will order 2001 arrive?"], { requester: verified("u789") }],
  [["My headphones broke, please refund order 789"], {}],
  [["Please refund 25.00 USD of order 789"], {}],
  [["Please refund 500.00 USD of order 789"], {}],
  [["Please refund 12,50 of order 789"], {}],
  [["Please refund order 1001"], { requester: verified("u456") }],
  [["Please refund order 1002"], { requester: verified("u456") }],
  [["Please refund order 790"], {}],
  [["I want a refund"], {}],
  [["789"], { mayAsk: false, history: [ours("Which order would you like refunded?")] }],
  [["Please change the address of order 456 to 12 New Street, 10999 Berlin."], {}],
  [["Please change the address of order 123 to 12 New Street, 10999 Berlin."], {}],
  [["Please change the address of order 456"], {}],
  [["I forgot my password"], {}],
  [["I forgot my password"], { requester: STRANGER }],
  [["How was order 456 paid?"], {}],
  [["What is your refund policy?"], {}],
  [["What are your opening hours?"], {}],
  [["Where is my order 123?"], { requester: verified("u456") }],
  [["Where is my order?"], { requester: STRANGER }],
  [["Please refund order 789"], { requester: STRANGER }],
  [["Please change the address of order 456 to 12 New Street"], { requester: STRANGER }],
  [["How was order 456 paid?"], { requester: STRANGER }],
  [["Please send me a new code"], { requester: STRANGER }],
  [["Hello!"], {}],
  [["Thank you!"], {}],
  [["Where is my order 456?", "Also please refund order 789", "When are you open?"], {}],
  [["What about order 456?"], { history: [message("Where is my order 789?")] }],
];

describe("rehearsal model under the real guard", () => {
  test("its replies are accepted at once, since they say only what results say", async () => {
    const { agent } = agentUnderTest({
      model: rehearsalModel(),
      guard,
      output,
      canary: canaryMaker(SECRET),
    });
    for (const [unread, changes] of CASES) {
      const result = await agent.run(turn(unread, changes));
      const told = `${unread.join(" | ")} -> ${JSON.stringify(result.ending)} ${JSON.stringify(result.findings)}`;
      assert.notEqual(result.ending.kind, "escalate", told);
      assert.deepEqual(result.findings, [], told);
      const replies = result.spans.filter(({ name }) => name === "execute_tool reply");
      assert.equal(replies.length, 1, told);
    }
  });
});
