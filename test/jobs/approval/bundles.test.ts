/** A bundle of which a part goes wrong: the reply is withheld, and a person is told. */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";
import { shop } from "#adapters/shop/index.ts";
import { silentLog } from "#test/store/bench.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { refundOf, refuse, replying } from "#test/jobs/turn-results.ts";
import { closed, listen } from "#test/support/loopback.ts";

const REFUND = "refund:shop:789:0";

/** A shop that books what it is told to, whatever was asked for. */
async function wilfulShop(receipt: Record<string, unknown>): Promise<{
  readonly url: string;
  /** How many refunds were asked for. */
  posts(): number;
  close(): Promise<void>;
}> {
  const booked: Record<string, unknown>[] = [];
  const server = createServer((request, response) => {
    response.setHeader("content-type", "application/json");
    if (request.method !== "POST") {
      const order = /\/orders\/(\w+)\//.exec(request.url ?? "")?.[1];
      response.end(JSON.stringify(booked.filter(({ order_id }) => order_id === order)));
      return;
    }
    const row = {
      id: "r1",
      order_id: "789",
      amount: 120,
      currency: "USD",
      created_at: "2026-11-20T10:00:00Z",
      idempotency_key: request.headers["idempotency-key"],
      ...receipt,
    };
    booked.push(row);
    response.statusCode = 201;
    response.end(JSON.stringify(row));
  });
  const port = await listen(server);
  return {
    url: `http://127.0.0.1:${port}`,
    posts: () => booked.length,
    async close() {
      await closed(server);
    },
  };
}

onDesk("a bundle of which a part goes wrong", (bench) => {
  const bundle = () =>
    bench.answer(() =>
      replying("We have refunded 120.00 USD and 1.00 USD.", {
        actions: [refundOf(12_000), refundOf(100, { orderId: "123" })],
      }),
    );
  const approved = async (): Promise<string> => {
    const id = await bench.write("Please refund order 789");
    await bench.press("approve", id);
    await bench.pass(60_000, 2);
    return id;
  };

  test("withholds the reply when the second action fails, and tells a person what is done and what is not", async () => {
    bundle();
    bench.faults.commit = ({ key }) => {
      if (key === "refund:shop:123:0") refuse();
    };
    const id = await approved();
    assert.deepEqual(bench.replies(), []);
    assert.deepEqual(
      bench.left.filter(({ target }) => target === "shop").map(({ key }) => key),
      [REFUND],
    );
    assert.match(
      bench.alerts().at(-1)?.text ?? "",
      /A refund failed \(shop\).*a person has to look/,
    );
    assert.match(await bench.outcome(id), /^escalated: refund failed/);
    const [card] = bench.cards.values();
    assert.match(card?.closing ?? "", /^Not done: /);
  });

  for (const [what, receipt, sent] of [
    ["exactly what was asked", {}, 1],
    ["another amount", { amount: 12 }, 0],
    ["another currency", { currency: "EUR" }, 0],
    ["another order", { order_id: "790" }, 0],
  ] as const)
    test(`${sent === 1 ? "sends" : "withholds"} the reply when the shop's receipt names ${what}`, async (context) => {
      const server = await wilfulShop(receipt);
      context.after(() => server.close());
      const options = {
        url: server.url,
        key: "k",
        timeoutMs: 2_000,
        fetch,
        clock: bench.parts.clock,
        log: silentLog,
      };
      bench.replace(shop(options).target);
      bench.answer(() => replying("We have refunded 120.00 USD.", { actions: [refundOf(12_000)] }));
      await approved();
      // Once is enough: what contradicts the request is not asked for again.
      const told = bench.alerts().filter(({ text }) => /whether a refund happened/.test(text));
      assert.equal(bench.replies().length, sent);
      assert.equal(told.length, 1 - sent, JSON.stringify(bench.alerts()));
      assert.equal(server.posts(), 1);
    });
});
