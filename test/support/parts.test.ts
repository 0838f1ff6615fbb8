/** Tests the real parts of other tests: each file has a database of its own, and a page looks as a person sees it. */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";

import { Redis } from "ioredis";
import pg from "pg";

import { closed, listen } from "./loopback.ts";
import { browserMissing, startBrowser } from "./browser.ts";
import { freshDatabase, postgresMissing } from "./postgres.ts";
import { arrival } from "./waiting.ts";
import { freshRedis, redisMissing, startRedis } from "./redis.ts";

async function query(url: string, text: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query({ text, rowMode: "array" })).rows;
  } finally {
    await client.end();
  }
}

test(
  "two databases on one server know nothing of each other, and dropping one ends its connections",
  { skip: postgresMissing },
  async () => {
    const [first, second] = [await freshDatabase(), await freshDatabase()];
    await query(first.url, "create table seen (id int)");
    assert.deepEqual(await query(second.url, "select to_regclass('seen')"), [[null]]);
    const forgotten = new pg.Client({ connectionString: first.url });
    const cut = new Promise((resolve) => forgotten.on("error", resolve));
    await forgotten.connect();
    await first.drop();
    assert.match(String(await cut), /terminat/);
    await assert.rejects(query(first.url, "select 1"), /does not exist/);
    await second.drop();
  },
);

test(
  "two Redis databases know nothing of each other, and a dropped one can be had again, empty",
  { skip: redisMissing },
  async () => {
    const [first, second] = [await freshRedis(), await freshRedis()];
    const [one, two] = [new Redis(first.url), new Redis(second.url)];
    await one.set("key", "one");
    assert.equal(await two.get("key"), null);
    one.disconnect();
    two.disconnect();
    await first.drop();
    const again = await freshRedis();
    const client = new Redis(again.url);
    assert.equal(await client.dbsize(), 0);
    client.disconnect();
    await Promise.all([second.drop(), again.drop()]);
  },
);

test(
  "a Redis of one's own can be killed and comes back with what it had written",
  { skip: redisMissing },
  async () => {
    const server = await startRedis({ settings: { appendfsync: "always" } });
    const client = new Redis(server.url, { retryStrategy: () => 50 });
    client.on("error", () => {});
    await client.set("key", "kept");
    await server.kill();
    await server.restart();
    assert.equal(await client.get("key"), "kept");
    client.disconnect();
    await server.stop();
  },
);

test(
  "the browser shows a page at the size asked for and tells what went wrong on it",
  { skip: browserMissing },
  async () => {
    const server = createServer((request, response) => {
      if (request.url !== "/") return void response.writeHead(404).end();
      response.setHeader("content-type", "text/html");
      response.end(
        "<!doctype html><h1>Hello</h1><script>document.title = String(innerWidth); throw new Error('broken')</script>",
      );
    });
    const port = await listen(server);
    const browser = await startBrowser();
    try {
      const { page, problems } = await browser.openPage(`http://127.0.0.1:${port}/`, {
        width: 390,
        height: 700,
      });
      assert.equal(await page.title(), "390");
      assert.equal(await page.locator("h1").textContent(), "Hello");
      assert.ok(problems.includes("broken"), problems.join(", "));
    } finally {
      await browser.close();
      await closed(server);
    }
  },
);

test("a wait for what never comes fails with what it waited for, and one for what comes gives it", async () => {
  const never = new Promise<never>(() => undefined);
  // Something else of the test goes on, or the process would end before.
  const alive = setInterval(() => undefined, 1_000);
  await assert.rejects(
    arrival("the second answer", never, 20),
    /waited 20 ms for the second answer/,
  );
  clearInterval(alive);
  assert.equal(await arrival("an answer", Promise.resolve(7), 20), 7);
});
