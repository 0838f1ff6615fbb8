import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { NO_SUMMARY } from "#core/contracts/agent.ts";
import fc from "fast-check";
import { rehearsalModel } from "#sandbox/rehearsal/rehearsal.ts";
import type { TurnInput, TurnResult } from "#core/contracts/agent.ts";
import { agentUnderTest, message, ours, turn } from "#test/support/fixtures/turns.ts";
import { processorClock } from "#test/support/processor-time.ts";
import { runs } from "#test/support/tiers.ts";

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
  test("a general question is answered from a help page with its name", async () => {
    const { result } = await run(["What is your refund policy?"]);
    assert.match(textOf(result), /30 days.*\(see Refund policy\)/);
    assert.equal(result.topic, "faq");
    assert.deepEqual(result.toolsCalled, ["search_faq"]);
    assert.ok(result.confidence < 1);
  });

  test("words of another language are handed over as what they are, and not as what no page answers", async () => {
    for (const [text, language] of [
      ["Bonjour, mon colis n'est toujours pas arrivé et je ne sais pas quoi faire.", "French"],
      [
        "Gutentag, kann ich bei Ihnen auch auf Rechnung bezahlen und wie lange dauert das?",
        "German",
      ],
    ] as const) {
      const { result } = await run([text]);
      assert.ok(result.ending.kind === "escalate");
      assert.equal(
        result.ending.reason,
        `It is written in ${language}, and the built-in model reads English alone.`,
      );
    }
  });

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

  test("a page that fits badly is not quoted", async () => {
    const { result } = await run(["Do you deliver pizza with working robots on mars tonight?"]);
    assert.ok(result.ending.kind === "escalate");
    assert.match(result.ending.reason, /help page/i);
    assert.ok(result.passages.length > 0);
  });

  test("after a list of orders “it” is none of them, and money that went back is looked up", async () => {
    const listed =
      "Which order would you like refunded? I can see order 123 (kettle), order 456 (desk lamp) and order 789 (headphones).";
    const history = [message("I want a refund"), ours(listed)];
    for (const text of ["Just look it up", "You can see that one yourself"]) {
      const { result } = await run([text], { history });
      assert.deepEqual(result.actions, [], text);
    }
    const { result } = await run(["Did you refund anything for order 789?"]);
    assert.deepEqual([result.actions, result.toolsCalled.includes("get_payments")], [[], true]);
  });

  test("a price or a time is not answered by a passage without one", async () => {
    const { result } = await run(["How much is a change of the shipping address of an order?"]);
    assert.equal(result.ending.kind, "escalate");
  });

  test("a customer who wants a person gets one", async () => {
    for (const text of [
      "I want to talk to a human",
      "Can I speak to a real person please?",
      "Get me an agent",
    ]) {
      const { result } = await run([text]);
      assert.equal(result.ending.kind, "escalate", text);
      assert.match(result.ending.kind === "escalate" ? result.ending.reason : "", /person/);
      assert.deepEqual(result.toolsCalled, []);
    }
  });

  test("a greeting and thanks are answered as such", async () => {
    const hello = await run(["Hello!"]);
    assert.match(textOf(hello.result), /How can I help/);
    const thanks = await run(["Thank you so much!"], { history: [ours("Done.")] });
    assert.match(textOf(thanks.result), /welcome/);
    assert.equal(thanks.result.topic, "greeting");
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

  test("several requests in one message are each answered", async () => {
    const { result } = await run(["Where is order 456 and please refund 789."]);
    assert.match(textOf(result), /Order 456/);
    assert.match(textOf(result), /refunded 120\.00 USD for order 789/);
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

  test("the same question five times is answered once", async () => {
    const { result } = await run(Array.from({ length: 5 }, () => "Where is my order 456?"));
    assert.equal(textOf(result).match(/Order 456/g)?.length, 1);
  });

  test("the subject speaks when the message itself does not", async () => {
    const input = turn(["Please see above."]);
    const { agent } = agentUnderTest({ model: rehearsalModel() });
    const result = await agent.run({
      ...input,
      conversation: { ...input.conversation, subject: "Where is order 456?" },
    });
    assert.match(textOf(result), /Order 456/);
  });

  test("after a hand-back it goes on with the newest message", async () => {
    const { result } = await run(["And where is order 456?"], {
      history: [
        message("Please refund order 789"),
        message("I have done that for you.", {
          author: { kind: "teammate", id: "dana", name: "Dana Cole" },
        }),
        message("Careful, VIP.", {
          author: { kind: "teammate", id: "dana", name: "Dana Cole" },
          visibility: "internal",
        }),
      ],
    });
    assert.match(textOf(result), /Order 456/);
    assert.equal(result.actions.length, 0);
    assert.doesNotMatch(textOf(result), /VIP/);
  });
});

describe("rehearsal model: bounds", () => {
  test("with only reading tools a change is handed over", async () => {
    const { result } = await run(["Please refund order 789"], {
      guard: { verdict: "caution", reasons: ["odd wording"] },
    });
    assert.equal(result.ending.kind, "escalate");
    assert.equal(result.actions.length, 0);
  });

  test("where others read along no account data is told", async () => {
    const { result } = await run(["Where is my order 456?"], { audience: "shared" });
    assert.match(textOf(result), /can't find order 456/);
    assert.equal(result.accountData, false);
  });

  test("the same request is always answered the same", async () => {
    const first = await run(["Please refund order 789 and tell me your opening hours."]);
    const second = await run(["Please refund order 789 and tell me your opening hours."]);
    assert.deepEqual(first.result, second.result);
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

  test("long repetitions of the words the rules look for take no time", async () => {
    for (const word of ["address to ", "want a ", "order #", "1.", "refund ", "send ", "not "]) {
      const tookMs = processorClock();
      await run([word.repeat(20_000 / word.length)]);
      assert.ok(tookMs() < 1_500, word);
    }
  });
});
