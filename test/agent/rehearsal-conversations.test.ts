import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { NO_SUMMARY, type TurnInput, type TurnResult } from "#core/contracts/agent.ts";
import { agentUnderTest, turn } from "#test/support/fixtures/turns.ts";
import { runs } from "#test/support/tiers.ts";
import { rehearsalModel } from "#sandbox/rehearsal/rehearsal.ts";
import fc from "fast-check";

async function run(unread: readonly string[], changes: Partial<TurnInput> = {}) {
  const { agent, shop } = agentUnderTest({ model: rehearsalModel() });
  return { result: await agent.run(turn(unread, changes)), shop };
}

function textOf({ ending }: TurnResult): string {
  assert.ok(
    ending.kind === "reply" || ending.kind === "clarify",
    `ended as ${JSON.stringify(ending)}`,
  );
  return ending.text;
}

describe("rehearsal model: questions and people", () => {
  test("what the pages do not answer goes to people, with what was tried", async () => {
    const { result } = await run(["Do you sponsor amateur football clubs in Norway?"]);
    assert.equal(result.ending.kind, "escalate");
    assert.ok(result.ending.kind === "escalate");
    assert.match(result.ending.reason, /help page/i);
    // The rules write no summary: the hand-over composes one, and never repeats the message.
    assert.equal(result.ending.summary, NO_SUMMARY);
    assert.deepEqual(result.toolsCalled, ["search_faq"]);
    assert.equal(result.ending.tried.length, 1);
  });

  test("a customer who wants a person gets one", async () => {
    for (const text of [
      "I want to talk to a human",
      "Can I speak to a real person please?",
      "Get me an agent",
    ]) {
      const { result } = await run([text]);
      assert.equal(result.ending.kind, "escalate", text);
      assert.equal(result.ending.kind === "escalate" && result.ending.wantsPerson, true);
      assert.deepEqual(result.toolsCalled, []);
    }
  });
});

describe("rehearsal model: several messages", () => {
  test("each request of a burst is answered in one reply", async () => {
    const { result } = await run([
      "Where is my order 456?",
      "Also please refund order 789",
      "And what are your opening hours?",
    ]);
    const text = textOf(result);
    assert.match(text, /Order 456/);
    assert.match(text, /refunded 120\.00 USD for order 789/);
    assert.match(text, /Opening hours/);
    assert.equal(result.topic, "refund");
  });

  test("a later correction wins", async () => {
    const { result } = await run(["Please refund order 123", "Sorry, I meant order 789"]);
    assert.deepEqual(
      result.actions.map(({ planned }) => planned.key),
      ["refund:shop:789:0"],
    );
    const amount = await run(["Please refund order 789", "Actually only 50.00 USD"]);
    assert.match(textOf(amount.result), /refunded 50\.00 USD/);
    const gone = await run(["Please refund order 789", "Never mind, forget it"]);
    assert.equal(gone.result.actions.length, 0);
  });
});

describe("rehearsal model: bounds", () => {
  test("where others read along no account data is told", async () => {
    const { result } = await run(["Where is my order 456?"], { audience: "shared" });
    assert.match(textOf(result), /can't find order 456/);
    assert.equal(result.accountData, false);
  });
});

describe("rehearsal model: odd input", () => {
  test("any text ends in a reply or a hand-over, and never in a change the customer did not ask for", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.string({ maxLength: 300 }), { maxLength: 3 }), async (texts) => {
        const { result } = await run(texts);
        assert.ok(["reply", "clarify", "escalate"].includes(result.ending.kind));
        assert.deepEqual(result.actions, []);
      }),
      { numRuns: runs(60) },
    );
  });
});
