/** What was typed or pressed before a card changed: refused in words, and nothing of it is sent. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ChannelName } from "#core/values/vocabulary.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { replying } from "#test/jobs/turn-results.ts";

onDesk("a card that a teammate has edited meanwhile", (bench) => {
  test("takes neither a text nor a press for its older version", async () => {
    bench.rule({ replyAutonomy: (_channel: ChannelName) => "draft" as const });
    bench.answer(() => replying("We look into it."));
    const id = await bench.write("Where is order 456?");
    const version = (await bench.pending(id))?.version ?? 0;
    const save = (text: string, who: string, more = {}) =>
      bench.press("edit", id, who, { edit: { text, amount: null }, ...more });
    assert.ok((await save("It is on its way.", "lea@ourshop.test")).accepted);
    for (const refused of [
      await save("It may be lost.", "sam@ourshop.test", { version }),
      await bench.press("approve", id, "sam@ourshop.test", { version }),
    ]) {
      assert.equal(refused.accepted, false);
      assert.match(
        refused.message,
        /^This card was changed meanwhile\. Look at the newest version/,
      );
    }
    bench.skip(60_000);
    for (let round = 0; round < 4; round += 1) await bench.tick();
    assert.deepEqual(bench.replies(), []);
    assert.equal((await bench.pending(id))?.card.draft?.text, "It is on its way.");
    await bench.press("approve", id);
    bench.skip(60_000);
    for (let round = 0; round < 4; round += 1) await bench.tick();
    assert.deepEqual(bench.replies(), ["It is on its way."]);
  });
});
