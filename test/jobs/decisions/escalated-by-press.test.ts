/** Without a helpdesk, who has a case after Escalate is told of it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { onDesk } from "#test/jobs/bench.ts";
import { replying } from "#test/jobs/turn-results.ts";

onDesk("Escalate where there is no helpdesk", (bench) => {
  test("alerts the team", async () => {
    bench.disconnect("zendesk");
    bench.rule({ replyAutonomy: () => "draft" as const });
    bench.answer(() => replying("We look into it."));
    const id = await bench.write("Where is my order?");
    const { accepted, message } = await bench.press("escalate", id);
    assert.ok(accepted, message);
    await bench.pass(60_000, 5);
    assert.equal(bench.alerts().length, 1);
  });
});
