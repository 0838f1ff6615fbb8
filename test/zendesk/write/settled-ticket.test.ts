import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { zendeskClient } from "#zendesk/api/client.ts";
import { zendeskLimiter } from "#zendesk/api/rate-limit.ts";
import { settledTicket } from "#zendesk/read/ticket-reader.ts";
import { failsWith, signal } from "#test/zendesk/bench.ts";
import { listen } from "#test/support/http-front.ts";

const SECOND_MS = 1_000;

/** Looks at a ticket whose stamp is so many milliseconds away from the account's clock at each look. */
async function looksAt(
  stampAt: () => Date,
  during: AbortSignal = signal,
): Promise<{ readonly looks: readonly Date[]; readonly stamp: string }> {
  const looks: Date[] = [];
  const account = await listen((_request, response) => {
    looks.push(new Date());
    const updated_at = `${stampAt().toISOString().slice(0, 19)}Z`;
    response.writeHead(200, { "content-type": "application/json" });
    const ticket = { id: 5, status: "open", requester_id: 7, tags: [], updated_at };
    response.end(JSON.stringify({ ticket }));
  });
  try {
    const client = zendeskClient({
      url: account.url,
      token: async () => await Promise.resolve("t"),
      timeoutMs: 5_000,
      clock: { now: () => new Date() },
      limiter: zendeskLimiter({ url: account.url, callsPerMinute: 6_000 }),
    });
    const ticket = await settledTicket(client, 5, during);
    return { looks, stamp: ticket?.updated_at ?? "" };
  } finally {
    await account.close();
  }
}

describe("a ticket about to be written", () => {
  test("one that changed in this second is looked at again when the second is over", async () => {
    const changed = new Date();
    const { looks, stamp } = await looksAt(() => changed);
    assert.ok(looks.length > 1);
    const last = looks.at(-1)?.getTime() ?? 0;
    assert.ok(last >= Date.parse(stamp) + SECOND_MS, "the second was over at the last look");
  });

  test("one that changes all the time is looked at a few times only", async () => {
    const { looks } = await looksAt(() => new Date());
    assert.ok(looks.length > 1 && looks.length < 6, `${looks.length} looks`);
  });

  test("the wait ends with its signal", async () => {
    await assert.rejects(
      looksAt(() => new Date(), AbortSignal.timeout(200)),
      failsWith("channel.unavailable"),
    );
  });
});
