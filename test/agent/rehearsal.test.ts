/** The built-in model in conversations: what it looks up, proposes and hands over. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { NO_SUMMARY, type TurnInput } from "#core/contracts/agent.ts";
import {
  agentUnderTest,
  message,
  ours,
  STRANGER,
  turn,
  verified,
} from "#test/support/fixtures/turns.ts";
import { quoteFrom } from "#sandbox/rehearsal/pages.ts";
import { rehearsalModel } from "#sandbox/rehearsal/rehearsal.ts";
import { plainWish } from "#sandbox/rehearsal/wishes.ts";
import { runs } from "#test/support/tiers.ts";
import { textOf } from "./play.ts";

async function run(unread: readonly string[], changes: Partial<TurnInput> = {}) {
  const { agent, shop } = agentUnderTest({ model: rehearsalModel() });
  return { result: await agent.run(turn(unread, changes)), shop };
}

const BOB = verified("u456");

describe("rehearsal model: order status", () => {
  test("a named order is answered with its status from the shop", async () => {
    const { result } = await run(["Where is my order 456?"]);
    assert.match(textOf(result), /Order 456 \(desk lamp\).*processing/);
    assert.equal(result.topic, "order_status");
    assert.deepEqual(result.toolsCalled, ["get_order_status"]);
    assert.deepEqual(result.findings, []);
    assert.equal(result.confidence, 1);
    assert.equal(result.costUsd, 0);
  });

  test("another customer's order gets the text of an order that does not exist", async () => {
    const foreign = await run(["Where is my order 123?"], { requester: BOB });
    const absent = await run(["Where is my order 999?"], { requester: BOB });
    assert.match(textOf(foreign.result), /can't find order 123 for your address/);
    assert.equal(textOf(absent.result), textOf(foreign.result).replaceAll("123", "999"));
    assert.equal(foreign.result.accountData, false);
  });

  test("a customer without orders is told so where they speak of one, and of anything else pages are searched", async () => {
    const none = { requester: { ...BOB, customerId: "u-none" } };
    const own = await run(["Where is my order?"], none);
    assert.match(textOf(own.result), /can't find any orders/);
    for (const asked of [
      "where are your backpacks made and is it child labour free",
      "can you send somebody to install the dishwasher when it comes",
      "Will the speaker pair with my old 2012 tv?",
    ]) {
      const { result } = await run([asked], none);
      assert.equal(result.ending.kind, "escalate", asked);
      assert.ok(result.toolsCalled.includes("search_faq"), asked);
    }
  });

  test("a shop that is down ends the turn as unavailable", async () => {
    const { agent, shop } = agentUnderTest({ model: rehearsalModel() });
    shop.goDown();
    const { ending } = await agent.run(turn(["Where is my order 456?"]));
    assert.equal(ending.kind, "unavailable");
    assert.equal(ending.kind === "unavailable" && ending.part, "shop");
  });
});

describe("rehearsal model: refunds", () => {
  test("a clear request proposes the whole refund and a reply that is true once it is done", async () => {
    const { result } = await run(["My headphones broke, please refund order 789"]);
    assert.match(textOf(result), /I have refunded 120\.00 USD for order 789/);
    assert.equal(result.actions.length, 1);
    const [action] = result.actions;
    assert.equal(action?.decision.verdict, "ask");
    assert.equal(action?.planned.key, "refund:shop:789:0");
    assert.deepEqual(action?.planned.action.arguments["amount"], {
      minor: 12_000,
      currency: "USD",
    });
    assert.deepEqual(result.findings, []);
  });

  test("a denial is explained from the refund policy with its source, and a person is offered", async () => {
    const { result } = await run(["Please refund order 790"]);
    const text = textOf(result);
    assert.match(text, /can't refund order 790/);
    assert.match(text, /30 days.*\(see Refund policy\)/);
    assert.match(text, /person/);
    assert.equal(result.actions.length, 0);
    assert.equal(result.denied[0]?.decision.rule, "refund.too_late");
    assert.deepEqual(result.toolsCalled, ["get_order_status", "issue_refund", "search_faq"]);
  });

  test("an unclear one asks once and names the orders that can be refunded", async () => {
    const { result } = await run(["I want a refund"]);
    assert.equal(result.ending.kind, "clarify");
    const text = textOf(result);
    for (const id of ["123", "456", "789"]) assert.match(text, new RegExp(`order ${id} `));
    assert.doesNotMatch(text, /790/);
    assert.equal(result.topic, "refund");
  });

  test("still unclear after the question goes to people", async () => {
    const { result: asked } = await run(["I want a refund"]);
    const history = [message("I want a refund"), ours(textOf(asked))];
    for (const answer of ["The usual one", "I want a refund"]) {
      const { result } = await run([answer], { history, mayAsk: false });
      assert.ok(result.ending.kind === "escalate", answer);
      assert.match(result.ending.reason, /still unclear what is meant/);
    }
  });
});

describe("rehearsal model: addresses, passwords, payments", () => {
  const NEW_ADDRESS = "12 New Street, 10999 Berlin";

  test("a new address before shipping is proposed exactly as written", async () => {
    for (const text of [
      `Please change the address of order 456 to ${NEW_ADDRESS}.`,
      `Please ship order 456 to ${NEW_ADDRESS}. Thanks!`,
      `Hello,\nI moved. Please update the shipping address for order 456:\n12 New Street\n10999 Berlin\n\nThanks\nAnn`,
      `My new address is ${NEW_ADDRESS}, please use it for order 456`,
    ]) {
      const { result } = await run([text]);
      assert.equal(
        result.actions[0]?.planned.action.arguments["address"],
        NEW_ADDRESS,
        `${text} -> ${JSON.stringify(result.ending)}`,
      );
      assert.equal(result.actions[0]?.decision.verdict, "ask");
      assert.match(textOf(result), /I have changed the shipping address of order 456/);
    }
  });

  test("a stranger gets no reset", async () => {
    const { result } = await run(["I forgot my password"], { requester: STRANGER });
    assert.ok(result.actions.every(({ planned }) => planned.action.operation === "send_code"));
    assert.match(textOf(result), /can't find an account/);
  });
});

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

  test("a mail that names nothing is asked back once, and then goes to people", async () => {
    const { result: asked } = await run(["It doesn't work. Please help."]);
    assert.equal(asked.ending.kind, "clarify");
    assert.match(textOf(asked), /product or the order number/);
    const { result } = await run(["Please help."], { mayAsk: false });
    assert.ok(result.ending.kind === "escalate");
    assert.match(result.ending.reason, /still unclear/);
  });

  test("a signature is no part of the question", async () => {
    const { result } = await run(["What is your refund policy?\n\nBest,\nAnn"]);
    assert.match(textOf(result), /30 days.*\(see Refund policy\)/);
  });

  test("a wish to cancel goes to people with its reason, and a question about it to the pages", async () => {
    const { result: wish } = await run(["Please cancel my order 456."]);
    assert.ok(wish.ending.kind === "escalate");
    assert.match(wish.ending.reason, /wants an order cancelled/);
    const { result: question } = await run(["Until when can I cancel an order?"]);
    assert.deepEqual(question.toolsCalled, ["search_faq"]);
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
    const { ending } = gone.result;
    assert.equal(ending.kind === "escalate" && ending.needless, "settled");
  });
});

test("as the second reader it takes what does not work for a reason, and other denials for none", () => {
  const wish = (own: string) => plainWish("Refund 9.00 USD, order 1002", own);
  const plain = "Please refund order 1002, the cable does not work.";
  assert.equal(wish(plain), plain);
  assert.equal(wish("Please do not refund order 1002."), null);
  assert.equal(wish("Please refund order 1002. No, I do not want it."), null);
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

describe("rehearsal model: passages", () => {
  const title = "Gift cards";
  const passages = [
    { title, text: "## Can I return a gift card?\n\nA gift card cannot be returned." },
    { title, text: "## How do I buy a gift card?\n\nGift cards start at 10.00 USD." },
  ];

  test("the first is quoted with the likeliest other one of its page, never with another page's", () => {
    const other = { title: "Returns", text: "## How do I return?\n\nWrite to us." };
    const [first, second] = passages;
    assert.ok(first !== undefined && second !== undefined);
    assert.equal(quoteFrom([first, other]), "A gift card cannot be returned. (see Gift cards)");
    assert.equal(
      quoteFrom([second, other, first]),
      "Gift cards start at 10.00 USD.\n\nA gift card cannot be returned. (see Gift cards)",
    );
    assert.equal(quoteFrom([]), null);
  });

  test("a customer without orders who asks what is possible reads what holds for all, too", async () => {
    const none = { requester: { ...BOB, customerId: "u-none" } };
    const { result } = await run(["Can the shipping address of my order still be changed?"], none);
    assert.match(textOf(result), /can't find any orders[\s\S]*\(see Address/);
  });
});
