/** Solved tickets are read through a connection that can do nothing else, whatever asks it to. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { z } from "zod";
import { zendeskClient } from "#zendesk/api/client.ts";
import { zendeskLimiter } from "#zendesk/api/rate-limit.ts";
import { solvedTickets } from "#zendesk/read/solved-tickets.ts";
import { failsWith, openBench, signal } from "#test/zendesk/bench.ts";
import { listen } from "#test/zendesk/servers.ts";

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
        for (const method of ["PUT", "POST"] as const)
          await assert.rejects(
            calls.write({ method, path: ["tickets", 1], body: { ticket: {} } }, Anything, signal),
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
      await client.get(["tickets", 1], Anything, signal);
      assert.deepEqual(seen, ["GET"]);
    } finally {
      await server.close();
    }
  });
});

describe("the last solved tickets", () => {
  test("are read whole, newest first, with their customer, and nothing in the account changes", async () => {
    const bench = await openBench();
    try {
      const ids: number[] = [];
      for (const text of ["first", "second", "still open"]) ids.push(await bench.ask(text));
      const [first = 0, second = 0, open = 0] = ids;
      for (const id of [first, second])
        await bench.as("sam", "PUT", `/tickets/${id}`, {
          ticket: {
            status: "solved",
            assignee_id: bench.sandbox.users.sam,
            comment: { body: `answer to ${id}`, public: true },
          },
        });
      const stampsOf = async () =>
        Promise.all(ids.map(async (id) => (await bench.ticket(id)).updated_at));
      const before = await stampsOf();
      const read: number[] = [];
      const found = await solvedTickets(
        {
          url: bench.sandbox.url,
          writerToken: async () => bench.sandbox.tokens.bot,
          readerToken: async () => bench.sandbox.tokens.admin,
          webhookSecret: bench.sandbox.webhookSecret,
          groups: bench.sandbox.groups,
          clock,
          log: { info: () => undefined, warn: () => undefined, error: () => undefined },
          cursors: { read: async () => null, write: async () => undefined },
          pollMs: 1_000,
          senderAuthentication: true,
          brand: "default",
        },
        { last: 50, signal, progress: (count) => void read.push(count) },
      );
      const own = found.filter(({ id }) => ids.includes(id));
      assert.deepEqual(
        own.map(({ id }) => id).toSorted((a, b) => a - b),
        [first, second].toSorted((a, b) => a - b),
      );
      assert.ok(!found.some(({ id }) => id === open));
      for (const { id, customer, resolved } of own) {
        assert.match(customer ?? "", /@/);
        assert.deepEqual(
          resolved.messages.map(({ author }) => author.kind),
          ["requester", "teammate"],
        );
        assert.equal(resolved.messages[1]?.text, `answer to ${id}`);
      }
      assert.equal(read.at(-1), found.length);
      assert.deepEqual(await stampsOf(), before);
    } finally {
      await bench.close();
    }
  });
});
