/** What is told of a card afterwards: what it does by now, who edited it, and how it ended. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { voidApproval } from "#jobs/approval/end-card.ts";
import { explainCard } from "#jobs/decisions/explain-card.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { LEA, teammate } from "#test/jobs/customers.ts";
import { refundOf, replying } from "#test/jobs/turn-results.ts";
import { readFileSync } from "node:fs";
import { sealedOrderFacts } from "#core/contracts/shop.ts";
import { decideAction } from "#jobs/policy/recheck.ts";
import { loadPolicy } from "#policy/load-policy.ts";
import { SANDBOX_POLICY } from "#test/support/real-parts.ts";
import { PATIENCE_MS } from "#test/support/waiting.ts";

onDesk("what became of a card", (bench) => {
  test("that news ended is told in its own words, not as done by those who had approved it", async () => {
    const needs = { count: 2, leads: 0 };
    bench.answer(() => replying("We refund it.", { actions: [refundOf(12_000, { needs })] }));
    const id = await bench.write("Please refund order 789");
    assert.equal((await bench.press("approve", id)).accepted, true);
    const card = await bench.card(id);
    const news = "The customer wrote again.";
    await bench.at(async (transaction) =>
      voidApproval(bench.parts, transaction, card, news, bench.now()),
    );
    for (const name of ["sam", "lea", "lee"]) {
      const who = teammate(`${name}@ourshop.test`);
      const late = await bench.decide(card.id, "approve", {
        version: card.version,
        teammate: who,
      });
      assert.deepEqual(
        [late.accepted, late.message],
        [false, `This card is void already. ${news}`],
      );
    }
  });

  test("a rule of the file is told as yours, and one that holds whatever it says as built in", async () => {
    const rules = ["refund.usual", "refund.level", "refund.origin"];
    const actions = rules.map((rule, at) =>
      refundOf(100, { orderId: `${at}`, decision: { rule } }),
    );
    bench.answer(() => replying("We refund it.", { actions }));
    const card = await bench.card(await bench.write("Refund them"));
    const told = await explainCard(bench.parts, card.id, LEA);
    assert.deepEqual(
      JSON.stringify(told?.sections).match(/(?:Your|The built-in) rule refund[\w.]+/g),
      ["Your rule refund.usual", "Your rule refund.level", "The built-in rule refund.origin"],
    );
  });

  test("names who made each edit that its draft still has, and nobody for those before another draft", async () => {
    bench.rule({ replyAutonomy: () => "draft" as const });
    bench.answer(() => replying("We look into it."));
    const id = await bench.write("Where is order 456?");
    const edit = (who: string, text: string) =>
      bench.press("edit", id, `${who}@ourshop.test`, { edit: { text, amount: null } });
    await edit("sam", "Sam's words.");
    bench.skip(60_000);
    await bench.press("redo", id, "dana@ourshop.test", { hint: "shorter" });
    await bench.pass(1_000, 3);
    await edit("lea", "Lea's words.");
    await edit("lee", "Lee's words.");
    const card = await bench.card(id);
    const told = await explainCard(bench.parts, card.id, LEA);
    const history = told?.sections.find(({ heading }) => heading.startsWith("Who did what"));
    assert.deepEqual(
      history?.lines.flatMap((line) => /(\S+|a teammate) edited it/.exec(line)?.[1] ?? []),
      ["a teammate", "lea", "lee"],
    );
  });
});

onDesk("the headline of an edited card", (bench) => {
  const refund = async (orderId: string, minor: number) => {
    const order = await bench.shop.order(orderId, AbortSignal.timeout(PATIENCE_MS));
    assert.ok(order !== null);
    const amount = { minor, currency: "USD" };
    const planned = {
      key: `refund:shop:${orderId}:0`,
      facts: [sealedOrderFacts(order)],
      action: {
        target: "shop" as const,
        operation: "refund",
        arguments: { orderId, amount, reason: "broken" },
      },
      label: `Refund ${(minor / 100).toFixed(2)} USD, order ${orderId}`,
    };
    const decision = await decideAction(bench.parts, planned, {
      conversation: { channel: "email", brand: "ourshop" },
      level: 2,
      actingLevel: undefined,
      customerId: order.customerId,
      topic: "refund",
      earlier: [],
      origin: null,
    });
    return { planned, origin: { asked: true, unproven: [] }, decision };
  };

  /** Makes a card of these refunds, and an edit of it; gives its headline and what a phone shows. */
  const asks = async (thread: string, refunds: readonly (readonly [string, number])[]) => {
    const policy = loadPolicy(readFileSync(SANDBOX_POLICY, "utf8"), "test.yaml");
    bench.rule({ ...policy, cards: { ...policy.cards, namesInNotifications: false } });
    const actions = await Promise.all(refunds.map(([order, minor]) => refund(order, minor)));
    bench.answer(() => replying("We do as you asked.", { actions }));
    const id = await bench.write("Please do all of this", { thread });
    return async (amount: string | null = null, text = "We refund it.") => {
      if (amount !== null) await bench.press("edit", id, undefined, { edit: { text, amount } });
      const { card } = await bench.card(id);
      return [card.headline, card.notification];
    };
  };

  test("names an amount that is on the card, whatever other amounts look like", async () => {
    const both = await asks("t1", [
      ["789", 1_200],
      ["1001", 51_200],
    ]);
    const before = await both();
    assert.match(before[0] ?? "", /^Refund 512\.00 USD and 1 more · order 1001 · .+/);
    assert.equal(before[1], "Refund 512.00 USD and 1 more · order 1001");
    assert.deepEqual(await both("30.00"), before);
  });

  test("names the new amount, and the same person", async () => {
    const one = await asks("t2", [["789", 1_200]]);
    const [first = ""] = await one();
    const after = [first.replace("12.00", "30.00"), "Refund 30.00 USD · order 789"];
    assert.deepEqual(await one("30.00"), after);
    assert.deepEqual(await one("30.00", "We refund it at once."), after);
  });
});
