/** Refunds at Stripe that were made after the backup, so that a restore lost what the ledger knew of them. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import type { TurnResult } from "#core/contracts/agent.ts";
import { effectByKey } from "#store/effects/ledger.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { decidedByMail, replying } from "#test/jobs/turn-results.ts";
import { connected, type ConnectedShop } from "#test/shops/connected.ts";
import { READY_MADE, refundOf } from "#test/shops/shops.ts";
import { restoring } from "./restoring.ts";

const [STRIPE, WOOCOMMERCE] = READY_MADE;

onDesk("a refund at Stripe that a restore forgot", (bench) => {
  const { backUp, restore } = restoring(bench);
  const connect = async (
    context: TestContext,
    amount: string | null,
    kind = STRIPE,
  ): Promise<ConnectedShop> => {
    assert.ok(kind);
    const shop = await connected(context, kind);
    const { name } = refundOf(kind);
    bench.replace(shop.target);
    bench.rule({ replyAutonomy: () => "auto" });
    bench.answer(async (): Promise<TurnResult> => {
      const proposed = await shop.proposed({ ...kind.input("1001"), amount });
      if (proposed.kind === "impossible") {
        const { reason } = proposed;
        const toolResults = [{ tool: name, result: { status: "impossible", reason } }];
        return replying(reason, { toolResults });
      }
      const { planned } = proposed;
      const origin = { asked: true, unproven: [] };
      const decision = await decidedByMail(bench.parts, planned, { origin });
      return replying("Your money is on its way.", { actions: [{ planned, decision, origin }] });
    });
    return shop;
  };
  /** It is asked for, approved and made; gives the key of the refund. */
  const refunded = async (id: string): Promise<string> => {
    const [planned] = (await bench.card(id)).proposal?.actions ?? [];
    assert.equal(planned?.action.operation, "stripe_refund");
    assert.equal((await bench.press("approve", id)).accepted, true);
    await bench.passes(3, 10_000);
    assert.equal((await bench.at(effectByKey, planned.key))?.state, "done");
    return planned.key;
  };
  const told = () => bench.alertText();
  const ask = () => bench.write("Please refund payment 1001", { key: "m-1" });

  for (const [amount, what] of [
    [null, "whole"],
    ["15.00", "a part"],
  ] as const)
    test(`from a card of the backup is found under its key and booked: ${what}`, async (context) => {
      const shop = await connect(context, amount);
      const id = await ask();
      const file = await backUp();
      const key = await refunded(id);
      await restore(file);
      // As if the process had died before its answer to the customer went out.
      bench.left.splice(0);
      assert.equal(await bench.at(effectByKey, key), null);
      await bench.passes(3, 10_000);
      assert.equal((await bench.at(effectByKey, key))?.state, "done");
      assert.match(told(), /booked as done: Refund of payment pi_1001/);
      assert.match(await bench.outcome(id), /^escalated: .*before the database was restored/);
      await bench.pause("all", false, "lea");
      await bench.passes(3, 10_000);
      assert.equal(shop.running.refunds().length, 1);
    });

  for (const [amount, what] of [
    [null, "whole"],
    ["15.00", "a part"],
  ] as const)
    test(`whose message came after the backup goes to people, who know better: ${what}`, async (context) => {
      const shop = await connect(context, amount);
      await bench.write("Hello", { key: "m-0", thread: "t0" });
      const file = await backUp();
      await refunded(await ask());
      await restore(file);
      bench.left.splice(0);
      const id = await ask();
      assert.equal(await bench.pending(id), null);
      assert.match(
        await bench.outcome(id),
        /^escalated: .*perhaps .*before the database was restored/,
      );
      await bench.pause("all", false, "lea");
      await bench.passes(3, 10_000);
      assert.equal(shop.running.refunds().length, 1);
      assert.doesNotMatch(bench.replies().join(), /on its way/);
    });

  test("and of which its system cannot tell is not repeated: people hear that it is not known", async (context) => {
    const shop = await connect(context, "15.00", WOOCOMMERCE);
    const id = await ask();
    assert.notEqual(await bench.pending(id), null);
    await restore(await backUp());
    await bench.passes(3, 10_000);
    assert.match(await bench.outcome(id), /^escalated: it is not known whether this was done/);
    assert.equal(await bench.pending(id), null);
    assert.equal(shop.running.refunds().length, 0);
  });
});
