/** A ticket that an earlier request with the same key is still opening. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Action } from "#core/values/action.ts";
import { type Bench, failsWith, signal, withBench } from "#test/zendesk/bench.ts";
import { bytesOf, listen } from "#test/zendesk/servers.ts";
import { PATIENCE_MS } from "#test/support/waiting.ts";

const handOver: Action = {
  target: "zendesk",
  operation: "create_ticket",
  arguments: {
    conversationId: "c1",
    group: "tier2",
    subject: "Ann asks about a warranty",
    summary: "Reason: nobody could answer.",
    requester: { name: "Ann", email: "ann@customer.test" },
    firstMessage: "Is it under warranty?",
  },
};

/**
 * Stands before the sandbox as the account does while a request with the same key is carried out: so many requests to
 * open a ticket are answered with 409. `finish` carries out the first of them, whose sender has its answer already.
 */
async function openBusyAccount(
  target: string,
  conflicts: number,
): Promise<{
  url: string;
  posts: () => number;
  finish: () => Promise<void>;
  close: () => Promise<void>;
}> {
  let [posts, first] = [0, async (): Promise<void> => undefined];
  const server = await listen((request, response) => {
    void bytesOf(request).then(async (body) => {
      const { method = "GET", url = "", headers } = request;
      const key = headers["idempotency-key"];
      const forward = async (): Promise<Response> =>
        await fetch(`${target}${url}`, {
          method,
          headers: {
            authorization: String(headers.authorization),
            "content-type": "application/json",
            ...(key === undefined ? {} : { "idempotency-key": String(key) }),
          },
          ...(method === "GET" ? {} : { body: new Uint8Array(body) }),
        });
      if (method === "POST") {
        posts += 1;
        if (posts === 1) first = async () => void (await forward());
        if (posts <= conflicts) {
          response.writeHead(409, { "content-type": "application/json" });
          response.end(JSON.stringify({ error: "Conflict", description: "in progress" }));
          return;
        }
      }
      const answer = await forward();
      response.writeHead(answer.status, { "content-type": "application/json" });
      response.end(await answer.text());
    });
  });
  return {
    url: server.url,
    posts: () => posts,
    finish: async () => await first(),
    close: server.close,
  };
}

async function tickets(bench: Bench): Promise<number[]> {
  const all = (await bench.as("admin", "GET", "/tickets")) as { tickets: { id: number }[] };
  return all.tickets.map(({ id }) => id);
}

async function withBusyAccount(
  conflicts: number,
  run: (bench: Bench, account: Awaited<ReturnType<typeof openBusyAccount>>) => Promise<void>,
): Promise<void> {
  await withBench(async (bench) => {
    const account = await openBusyAccount(bench.sandbox.url, conflicts);
    try {
      await run(bench, account);
    } finally {
      await account.close();
    }
  });
}

describe("a key whose first request is still under way", () => {
  test("is waited for: the ticket it opens is the one", async (context) => {
    await withBusyAccount(100, async (bench, account) => {
      const committing = bench.another({ url: account.url }).commit(handOver, "t", signal);
      await context.waitFor(() => assert.ok(account.posts() > 0), { timeout: PATIENCE_MS });
      await account.finish();
      const { ref } = await committing;
      assert.deepEqual(await tickets(bench), [Number(ref)]);
    });
  });

  test("is asked for again when the first request came to nothing", async () => {
    await withBusyAccount(1, async (bench, account) => {
      const { ref } = await bench.another({ url: account.url }).commit(handOver, "t", signal);
      assert.deepEqual(await tickets(bench), [Number(ref)]);
    });
  });

  test("is in doubt when that takes too long, which is no person's change", async () => {
    await withBusyAccount(100, async (bench, account) => {
      const channel = bench.another({ url: account.url });
      await assert.rejects(channel.commit(handOver, "t", signal), failsWith("channel.uncertain"));
      assert.ok(account.posts() < 10, `${account.posts()} requests`);
      await account.finish();
      assert.equal((await channel.find(handOver, "t", signal)).state, "done");
    });
  });
});
