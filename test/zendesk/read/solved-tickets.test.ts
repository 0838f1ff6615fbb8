/** Solved tickets are read through a connection that can do nothing else, whatever asks it to. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { z } from "zod";
import { type Ask, zendeskClient } from "#zendesk/api/client.ts";
import { zendeskLimiter } from "#zendesk/api/rate-limit.ts";
import { failsWith, signal } from "#test/zendesk/bench.ts";
import { listen } from "#test/support/http-front.ts";

const Anything = z.looseObject({});
const clock = { now: () => new Date() };

describe("a connection that only reads", () => {
  test("refuses every write before the wire, through each of its doors, and still reads", async () => {
    const seen: string[] = [];
    const server = await listen((request, response) => {
      seen.push(request.method ?? "");
      response.writeHead(200, { "Content-Type": "application/json" }).end("{}");
    });
    const client = zendeskClient({
      url: server.url,
      token: async () => "token",
      timeoutMs: 1_000,
      clock,
      limiter: zendeskLimiter({ url: server.url, callsPerMinute: 60_000 }),
      readOnly: true,
    });
    try {
      for (const calls of [client, client.longWait, client.noWait]) {
        const writes: readonly Ask[] = [
          ({ tickets }) => tickets.update(1, { ticket: {} }),
          ({ tickets }) => tickets.create({ ticket: {} }),
          ({ tickets }) => tickets.delete(1),
        ];
        for (const ask of writes)
          await assert.rejects(
            calls.write(ask, Anything, signal),
            failsWith("channel.refused", /nothing was changed/),
          );
        await assert.rejects(
          calls.upload(
            { name: "a.txt", mediaType: "text/plain", bytes: new Uint8Array(3) },
            signal,
          ),
          failsWith("channel.refused", /nothing was changed/),
        );
      }
      assert.deepEqual(seen, []);
      await client.get(({ tickets }) => tickets.show(1), Anything, signal);
      assert.deepEqual(seen, ["GET"]);
    } finally {
      await server.close();
    }
  });
});
