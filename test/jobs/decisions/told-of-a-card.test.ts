/** What is told of a card afterwards: who edited it, and how it ended. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { voidApproval } from "#jobs/approval/end-card.ts";
import { explainCard } from "#jobs/decisions/explain-card.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { LEA, teammate } from "#test/jobs/customers.ts";
import { refundOf, replying } from "#test/jobs/turn-results.ts";

onDesk("what became of a card", (bench) => {
  test("that news ended is told in its own words, not as done by those who had approved it", async () => {
    const needs = { count: 2, leads: 0 };
    bench.answer(() => replying("We refund it.", { actions: [refundOf(12_000, { needs })] }));
    const id = await bench.write("Please refund order 789");
    assert.equal((await bench.press("approve", id)).accepted, true);
    const card = (await bench.pending(id)) ?? assert.fail("no card waits");
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
    const card = (await bench.pending(await bench.write("Refund them"))) ?? assert.fail("no card");
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
    const card = (await bench.pending(id)) ?? assert.fail("no card waits");
    const told = await explainCard(bench.parts, card.id, LEA);
    const history = told?.sections.find(({ heading }) => heading.startsWith("Who did what"));
    assert.deepEqual(
      history?.lines.flatMap((line) => /(\S+|a teammate) edited it/.exec(line)?.[1] ?? []),
      ["a teammate", "lea", "lee"],
    );
  });
});
