/** A test of a webhook is seen on the page, however many deliveries were given up before. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { sql } from "#store/db/drizzle.ts";
import { addDeliveries, allWebhooks } from "#store/webhooks/webhooks.ts";
import { post, suitePages } from "#test/server/pages-bench.ts";

describe("a webhook whose receiver was away for days", () => {
  const bench = suitePages({ sandbox: true });
  test("shows what became of a test", async () => {
    const cookie = await bench.session("lea@ourshop.test");
    const press = (path: string, body: unknown) =>
      post(`${bench.url}/console/policy/webhooks${path}`, body, { cookie });
    await press("/add", { url: "https://receiver.test/hooks", "effect.done": "on" });
    const [one = assert.fail()] = await bench.store.run(allWebhooks);
    const missed = Array.from({ length: 70 }, (_, at) => ({
      webhookId: one.id,
      event: "effect.done",
      conversationId: `c_${at}`,
      data: {},
    }));
    await bench.store.run(addDeliveries, missed, new Date("2026-02-20T10:00:00Z"));
    await bench.execute(sql`update webhook_delivery set state = 'dead', attempts = 10`);
    assert.equal((await press("/press", { id: one.id, does: "test" })).status, 200);
    const page = await bench.page("/policy/webhooks", cookie);
    assert.match(page, /webhook\.test/);
    assert.match(page, /Given up: 70/);
    assert.match(page, /The newest 60 are listed\./);
    assert.equal((await press("/press", { id: "all", does: "again" })).status, 200);
    assert.doesNotMatch(await bench.page("/policy/webhooks", cookie), /given up/i);
    assert.notEqual((await press("/press", { id: "all", does: "again" })).status, 200);
  });
});
