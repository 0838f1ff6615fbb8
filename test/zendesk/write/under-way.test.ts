/** A ticket that an earlier request with the same key is still opening. */
import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import { type Bench, benchFor, failsWith, openingTicket, signal } from "#test/zendesk/bench.ts";
import { openFront } from "#test/support/http-front.ts";
import { PATIENCE_MS } from "#test/support/waiting.ts";

const handOver = openingTicket();

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
  finish: () => Promise<unknown>;
  close: () => Promise<void>;
}> {
  let [posts, first] = [0, async (): Promise<unknown> => undefined];
  const front = await openFront(target, async ({ method, forward }) => {
    if (method === "POST") {
      posts += 1;
      if (posts === 1) first = forward;
      if (posts <= conflicts)
        return Response.json({ error: "Conflict", description: "in progress" }, { status: 409 });
    }
    return forward();
  });
  return { ...front, posts: () => posts, finish: () => first() };
}

async function tickets(bench: Bench): Promise<number[]> {
  const all = (await bench.as("admin", "GET", "/tickets")) as { tickets: { id: number }[] };
  return all.tickets.map(({ id }) => id);
}

async function busy(context: TestContext, conflicts: number) {
  const bench = await benchFor(context);
  const account = await openBusyAccount(bench.sandbox.url, conflicts);
  context.after(account.close);
  return { bench, account };
}

describe("a key whose first request is still under way", () => {
  test("is waited for: the ticket it opens is the one", async (context) => {
    const { bench, account } = await busy(context, 100);
    const committing = bench.another({ url: account.url }).commit(handOver, "t", signal);
    await context.waitFor(() => assert.ok(account.posts() > 0), { timeout: PATIENCE_MS });
    await account.finish();
    const { ref } = await committing;
    assert.deepEqual(await tickets(bench), [Number(ref)]);
  });

  test("is asked for again when the first request came to nothing", async (context) => {
    const { bench, account } = await busy(context, 1);
    const { ref } = await bench.another({ url: account.url }).commit(handOver, "t", signal);
    assert.deepEqual(await tickets(bench), [Number(ref)]);
  });

  test("is in doubt when that takes too long, which is no person's change", async (context) => {
    const { bench, account } = await busy(context, 100);
    const channel = bench.another({ url: account.url });
    await assert.rejects(channel.commit(handOver, "t", signal), failsWith("channel.uncertain"));
    assert.ok(account.posts() < 10, `${account.posts()} requests`);
    await account.finish();
    assert.equal((await channel.find(handOver, "t", signal)).state, "done");
  });
});
