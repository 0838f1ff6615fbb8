import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { allTools } from "#tools/index.ts";
import { rehearsalModel } from "#sandbox/rehearsal/rehearsal.ts";
import type { TurnInput, TurnResult } from "#core/contracts/agent.ts";
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

  test("a follow-up question is understood from the conversation", async () => {
    for (const followUp of ["What about order 456?", "and 456?"]) {
      const { result } = await run([followUp], {
        history: [message("Where is my order 789?"), ours("Order 789 was delivered.")],
      });
      assert.match(textOf(result), /Order 456 .*processing/);
    }
  });

  test("what was asked before is for people, not for a help page", async () => {
    for (const asked of ["And what did I ask before?", "What had you told me?"]) {
      const { result } = await run([asked], {
        history: [message("Where is my order 789?"), ours("Order 789 was delivered.")],
      });
      assert.equal(result.ending.kind, "escalate");
      assert.deepEqual(result.toolsCalled, []);
    }
  });

  test("a follow-up looks at the order and never repeats a refund for it", async () => {
    const { result } = await run(["What about order 456?"], {
      history: [message("Please refund order 789"), ours("I have refunded it.")],
    });
    assert.match(textOf(result), /Order 456 .*processing/);
    assert.deepEqual(result.actions, []);
  });

  test("it means the order that was spoken of last", async () => {
    const { result } = await run(["When will it arrive?"], {
      history: [
        message("Where is my order 2001?"),
        ours("Order 2001 (phone) was shipped on 19 November 2026."),
      ],
      requester: verified("u789"),
    });
    assert.match(textOf(result), /Order 2001 \(phone\).*due on 22 November 2026/);
  });

  test("without a number the orders on their way are told", async () => {
    const { result } = await run(["Hi, where is my order?"]);
    assert.match(textOf(result), /Order 123 \(kettle\) was shipped on 10 January 2025/);
    assert.match(textOf(result), /Order 456/);
    assert.doesNotMatch(textOf(result), /789/);
  });

  test("of a parcel that never came the answer says what is on record and what its help page says is done", async () => {
    const missing = async (words: string, pages: Parameters<typeof tinyKnowledge>[0]) => {
      const tools = allTools({ shop: memoryShop(TODAY), knowledge: tinyKnowledge(pages) });
      const { agent } = agentUnderTest({ model: rehearsalModel(), tools });
      return agent.run(turn([words]));
    };
    const page = { title: "Missing parcels", url: "https://help.ourshop.test/missing-parcel" };
    const lost =
      "A parcel can be lost. If it has not arrived 3 days after the expected date, we search for it.";
    const delivered = "It says delivered but you do not have the parcel? Please ask neighbours.";
    const pages = [
      { ...page, id: "missing-parcel#lost", text: lost },
      { ...page, id: "missing-parcel#delivered", text: delivered },
    ];
    for (const words of ["My order 123 never arrived.", "Order 123 has not come. I waited."]) {
      const result = await missing(words, pages);
      const text = textOf(result);
      assert.match(text, /Order 123 \(kettle\) was shipped on 10 January 2025, and no delivery/);
      assert.match(text, /we search for it\. \(see Missing parcels\)[^]*person/);
      assert.doesNotMatch(text, /on its way/);
      assert.deepEqual(result.findings, []);
    }
    const there = await missing("Order 789 never arrived.", pages);
    assert.match(textOf(there), /was delivered on [^]*neighbours\. \(see Missing parcels\)/);
    const unknown = await missing("My order 123 never arrived.", []);
    assert.equal(unknown.ending.kind, "escalate", "no page says what is done, so a person does");
  });

  test("a parcel that is not due yet is no missing one, and neither is one that was never shipped", async () => {
    const cara = await run(["My order 2001 has not arrived."], { requester: verified("u789") });
    assert.match(textOf(cara.result), /due on 22 November 2026/);
    assert.doesNotMatch(textOf(cara.result), /Missing parcels/);
    const ann = await run(["My order 456 never arrived."]);
    assert.match(textOf(ann.result), /processing/);
    assert.doesNotMatch(textOf(ann.result), /Missing parcels/);
  });

  test("an angry customer reads one apology before the answer, and nobody else does", async () => {
    const angry = await run(["This is unacceptable. Where is order 456?"]);
    assert.match(textOf(angry.result), /^I'm sorry for the trouble[^]*Order 456/);
    const refused = await run(["I am furious. Please refund order 790"]);
    assert.equal(textOf(refused.result).match(/sorry/g)?.length, 1);
    const calm = await run(["Where is order 456? I am not angry."]);
    assert.doesNotMatch(textOf(calm.result), /sorry/);
  });

  test("another customer's order gets the text of an order that does not exist", async () => {
    const foreign = await run(["Where is my order 123?"], { requester: BOB });
    const absent = await run(["Where is my order 999?"], { requester: BOB });
    assert.match(textOf(foreign.result), /can't find order 123 for your address/);
    assert.equal(textOf(absent.result), textOf(foreign.result).replaceAll("123", "999"));
    assert.equal(foreign.result.accountData, false);
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

  test("a small one is allowed by the policy, a large one asks two people", async () => {
    const small = await run(["Please refund order 1002"], { requester: BOB });
    assert.equal(small.result.actions[0]?.decision.verdict, "allow");
    const large = await run(["I want a refund for order 1001"], { requester: BOB });
    assert.equal(large.result.actions[0]?.decision.approvers.count, 2);
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

  test("the answer to that question is understood, by number and by item", async () => {
    const { result: asked } = await run(["I want a refund"]);
    const history = [message("I want a refund"), ours(textOf(asked))];
    for (const answer of ["789", "The headphones please", "Order 789, thanks"]) {
      const { result } = await run([answer], { history, mayAsk: false });
      assert.match(textOf(result), /refunded 120\.00 USD for order 789/, answer);
    }
  });

  test("still unclear after the question goes to people", async () => {
    const { result: asked } = await run(["I want a refund"]);
    const history = [message("I want a refund"), ours(textOf(asked))];
    for (const answer of ["The usual one", "I want a refund"]) {
      const { result } = await run([answer], { history, mayAsk: false });
      assert.ok(result.ending.kind === "escalate", answer);
      assert.match(result.ending.reason, /which order is to be refunded/);
    }
  });

  test("a part is refunded as typed, and an odd amount is answered with the reason", async () => {
    const part = await run(["Please refund 25.00 USD of order 789"]);
    assert.match(textOf(part.result), /refunded 25\.00 USD for order 789/);
    for (const amount of ["12,50", "-1", "1e9"]) {
      const odd = await run([`Please refund ${amount} of order 789`]);
      assert.match(textOf(odd.result), /digits with a point/, amount);
      assert.equal(odd.result.actions.length, 0);
    }
    const much = await run(["Please refund 500.00 USD of order 789"]);
    assert.match(textOf(much.result), /At most 120\.00 USD/);
  });

  test("the item alone is enough when it is bought once", async () => {
    const { result } = await run(["My headphones are broken. I want my money back."]);
    assert.match(textOf(result), /order 789/);
  });

  test("a number beside the request belongs to it", async () => {
    const { result } = await run(["My order 789 arrived broken. I want my money back."]);
    assert.match(textOf(result), /refunded 120\.00 USD for order 789/);
    assert.deepEqual(result.toolsCalled, ["get_order_status", "issue_refund"]);
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

  test("after shipping it is refused and explained", async () => {
    const { result } = await run([`Please change the address of order 123 to ${NEW_ADDRESS}`]);
    assert.match(textOf(result), /can't change the shipping address of order 123/);
    assert.match(textOf(result), /left the warehouse/);
    assert.equal(result.actions.length, 0);
  });

  test("a missing address is asked for, and the answer is understood", async () => {
    const { result: asked } = await run(["I need to change the address of order 456"]);
    assert.equal(asked.ending.kind, "clarify");
    const { result } = await run([NEW_ADDRESS], {
      history: [message("I need to change the address of order 456"), ours(textOf(asked))],
      mayAsk: false,
    });
    assert.equal(result.actions[0]?.planned.action.arguments["address"], NEW_ADDRESS);
  });

  test("a reset goes to the address on file, and the reply holds no link", async () => {
    for (const text of ["I forgot my password", "I can't log in", "Please reset my password"]) {
      const { result } = await run([text]);
      assert.equal(result.actions[0]?.planned.action.operation, "reset_password", text);
      assert.equal(result.actions[0]?.decision.verdict, "allow");
      assert.match(textOf(result), /reset link to the e-mail address on file/);
      assert.doesNotMatch(textOf(result), /http/);
    }
  });

  test("a stranger gets no reset", async () => {
    const { result } = await run(["I forgot my password"], { requester: STRANGER });
    assert.ok(result.actions.every(({ planned }) => planned.action.operation === "send_code"));
    assert.match(textOf(result), /can't find an account/);
  });

  test("a payment is told with method, day and amount", async () => {
    const { result } = await run(["How was order 456 paid?"]);
    assert.match(textOf(result), /paid by card on 3 January 2025: 60\.00 USD/);
    assert.equal(result.topic, "payments");
  });
});
