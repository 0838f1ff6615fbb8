/** A model whose provider refuses what is configured: conversations wait, and the operator is told once. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { onDesk } from "#test/jobs/bench.ts";
import { replying } from "#test/jobs/turn-results.ts";
import { MINUTE, ownerOf } from "#test/jobs/worker/lost-work.ts";

const REFUSED = "the model's provider refuses (404): The model `gpt-typo` does not exist";

onDesk("a model that is refused by configuration", (bench) => {
  test("hands no customer to people, is told to the team once, and goes on once it is mended", async () => {
    const refused = {
      kind: "unavailable",
      part: "model",
      reason: REFUSED,
      isRefused: true,
    } as const;
    bench.answer(() => replying("", { ending: refused }));
    const ids = [
      await bench.write("Where is my order?", { thread: "t1" }),
      await bench.write("And mine?", { thread: "t2" }),
    ];
    // An outage of this length goes to people; a minute later each is tried again and refused again.
    for (const _try of [1, 2, 3]) {
      bench.skip(60 * MINUTE);
      await bench.tick();
    }
    const alerts = bench.alerts().filter(({ text }) => text.includes("gpt-typo"));
    assert.equal(alerts.length, 1, JSON.stringify(bench.alerts()));
    assert.match(alerts[0]?.text ?? "", /doctor/);
    for (const id of ids) {
      assert.notEqual(await ownerOf(bench, id), "human");
      assert.doesNotMatch(await bench.outcome(id), /escalated/);
    }
    bench.answer(() => replying("It is on its way."));
    bench.skip(10 * MINUTE);
    await bench.tick();
    // One answer covers both messages of the customer.
    const cards = await Promise.all(ids.map((id) => bench.pending(id)));
    assert.ok(
      cards.some((card) => card !== null),
      "a card with the answer",
    );
  });
});
