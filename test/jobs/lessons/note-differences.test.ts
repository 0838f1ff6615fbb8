/** What is kept of what teammates do otherwise than drafts: by clicks, and where the team works. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { DifferenceRow } from "#store/reports/draft-differences.ts";
import { undecidedDifferences } from "#store/reports/draft-differences.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { refundOf, replying } from "#test/jobs/turn-results.ts";

const DRAFT = "You can return an item within 30 days of its delivery.";
const RETURNS = {
  id: "returns#top",
  title: "Returns",
  url: "https://shop.test/returns",
  text: DRAFT,
  score: 0.9,
};

onDesk("the differences from drafts", (bench) => {
  const kept = (): Promise<readonly DifferenceRow[]> =>
    bench.parts.store.run((transaction) => undecidedDifferences(transaction, new Date(0)));
  const asked = (text = "How long can I send it back? My order is 100234, Ann Fields") => {
    bench.answer(() => replying(DRAFT, { passages: [RETURNS], topic: "returns" }));
    return bench.write(text, {
      message: { author: { kind: "requester", id: "email:ann@customer.test", name: "Ann Fields" } },
    });
  };
  const edit = (id: string, text: string, amount: string | null = null) =>
    bench.press("edit", id, undefined, { edit: { text, amount } });
  const answers = (text: string) =>
    bench.write(text, {
      message: {
        author: { kind: "teammate", id: "email:tom@ourshop.test", name: "Tom" },
        answerTo: null,
      },
    });

  test("hold an edit against the first draft, masked, once, and forget it when it is taken back", async () => {
    const id = await asked();
    await edit(id, "Within 20 days, Ann.");
    await edit(id, "You can return an item within 14 days, Ann.");
    const [row, ...others] = await kept();
    assert.deepEqual(others, []);
    assert.equal(row?.kind, "edit");
    assert.equal(row.topic, "returns");
    assert.equal(row.content.differs, "facts");
    assert.equal(row.content.draft.includes("30 days"), true);
    assert.match(row.content.teammate, /14 days, \[name\]/);
    assert.equal(
      row.content.question,
      "How long can I send it back? My order is [number], [name] [name]",
    );
    assert.deepEqual(
      row.content.facts.changed.map(({ from, to }) => [from.fact, to.fact]),
      [["30 days", "14 days"]],
    );
    assert.deepEqual(row.content.pages, ["Returns (https://shop.test/returns)"]);
    assert.doesNotMatch(JSON.stringify(row), /Ann|Fields|100234|ourshop\.test/);
    const before = row.content.draft;
    await edit(id, before);
    assert.deepEqual(await kept(), []);
  });

  test("hold a rejection with its reason, and then the answer that the teammate wrote instead", async () => {
    bench.answer(() => replying("We refund 5.00 USD.", { actions: [refundOf(500)] }));
    const id = await bench.write("Please refund order 789");
    await bench.press("reject", id, undefined, { reason: "No refund before the parcel is back" });
    const [rejected] = await kept();
    assert.deepEqual(
      [rejected?.kind, rejected?.content.differs, rejected?.content.action?.change],
      ["rejection", "refused", "refused"],
    );
    assert.equal(rejected?.content.teammate, "No refund before the parcel is back");

    await answers(
      "Hello,\n\nPlease send the parcel back to our warehouse first.\n\nKind regards\nTom",
    );
    const [answered, ...rest] = await kept();
    assert.equal(rest.length, 1);
    assert.deepEqual([answered?.kind, answered?.content.differs], ["own_answer", "facts"]);
    assert.equal(answered?.content.teammate, "Please send the parcel back to our warehouse first.");
    await answers("One more thing: the label is in your account.");
    assert.equal((await kept()).length, 2);
  });
});
