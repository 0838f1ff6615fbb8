import assert from "node:assert/strict";
import type { IncomingHttpHeaders, ServerResponse } from "node:http";
import { describe, test } from "node:test";
import { inspect } from "node:util";
import { z } from "zod";
import { type Ask, type ZendeskClient, zendeskClient } from "#zendesk/api/client.ts";
import { zendeskLimiter } from "#zendesk/api/rate-limit.ts";
import type { DeskhandError } from "#core/values/errors.ts";
import { failsWith } from "#test/zendesk/bench.ts";
import { deadUrl, listen } from "#test/support/http-front.ts";
import { PATIENCE_MS } from "#test/support/waiting.ts";

interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
}

const signal = new AbortController().signal;
const Anything = z.looseObject({});

function clientAt(
  url: string,
  { readOnly = false, token = async () => "token" } = {},
): ZendeskClient {
  return zendeskClient({
    url,
    token,
    timeoutMs: PATIENCE_MS,
    clock: { now: () => new Date("2026-11-20T12:00:00Z") },
    limiter: zendeskLimiter({ url: "http://127.0.0.1:9", callsPerMinute: 60_000 }),
    readOnly,
  });
}

/** A server that answers as told, for answers that no sandbox should have to give. */
async function withServer(
  answer: (response: ServerResponse, call: Seen) => void,
  run: (client: ZendeskClient, calls: Seen[]) => Promise<void>,
  readOnly = false,
): Promise<void> {
  const calls: Seen[] = [];
  const server = await listen((request, response) => {
    const call = { method: request.method ?? "", url: request.url ?? "", headers: request.headers };
    calls.push(call);
    answer(response, call);
  });
  try {
    await run(clientAt(`${server.url}/`, { readOnly }), calls);
  } finally {
    await server.close();
  }
}

const json = { "Content-Type": "application/json" };
const put = (client: ZendeskClient): Promise<unknown> =>
  client.write(({ tickets }) => tickets.update(1, { ticket: {} }), Anything, signal);
const get = (client: ZendeskClient): Promise<unknown> =>
  client.get(({ tickets }) => tickets.show(1), Anything, signal);

describe("the transport under node-zendesk", () => {
  test("a token that is no header is told by nothing, and nothing is sent", async () => {
    const token = () => Promise.resolve("first-half\nsecond-half");
    const client = clientAt(await deadUrl(), { token });
    for (const call of [get, put])
      await assert.rejects(call(client), (error) => {
        assert.doesNotMatch(inspect(error, { depth: 9 }), /-half/);
        return true;
      });
  });

  test("a connection that only reads refuses every write before the wire, through each of its doors, and still reads", async () => {
    const answer = (response: ServerResponse): void => void response.writeHead(200, json).end("{}");
    await withServer(
      answer,
      async (client, seen) => {
        for (const calls of [client, client.longWait, client.noWait]) {
          const writes: readonly Ask[] = [
            ({ tickets }) => tickets.update(1, { ticket: {} }),
            ({ tickets }) => tickets.create({ ticket: {} }),
            ({ tickets }) => tickets.delete(1),
          ];
          const file = { name: "a.txt", mediaType: "text/plain", bytes: new Uint8Array(3) };
          for (const write of [
            ...writes.map((ask) => () => calls.write(ask, Anything, signal)),
            () => calls.upload(file, signal),
          ])
            await assert.rejects(write, failsWith("channel.refused", /nothing was changed/));
        }
        assert.deepEqual(seen, []);
        await get(client);
        assert.deepEqual(
          seen.map(({ method }) => method),
          ["GET"],
        );
      },
      true,
    );
  });

  /** Answers that the library's own transport turns into successes, and the others. */
  const answers: readonly [
    name: string,
    status: number,
    headers: Record<string, string>,
    body: string,
    write: DeskhandError["code"],
    read: DeskhandError["code"],
  ][] = [
    [
      "429 with Retry-After",
      429,
      { ...json, "Retry-After": "3" },
      "{}",
      "channel.rate_limited",
      "channel.rate_limited",
    ],
    ["429 without", 429, json, "{}", "channel.rate_limited", "channel.rate_limited"],
    [
      "503 with Retry-After",
      503,
      { ...json, "Retry-After": "30" },
      "{}",
      "channel.uncertain",
      "channel.unavailable",
    ],
    [
      "502 of a proxy",
      502,
      { "Content-Type": "text/html" },
      "<html>",
      "channel.uncertain",
      "channel.unavailable",
    ],
    ["413", 413, { "Content-Type": "text/html" }, "<html>", "channel.refused", "channel.refused"],
    ["401", 401, json, '{"error":"invalid_token"}', "channel.unauthorized", "channel.unauthorized"],
    [
      "403",
      403,
      json,
      '{"error":{"title":"Forbidden","message":"no"}}',
      "channel.refused",
      "channel.refused",
    ],
    ["409", 409, json, '{"error":"UpdateConflict"}', "channel.conflict", "channel.refused"],
    [
      "a redirect",
      302,
      { Location: "http://127.0.0.1:9/" },
      "",
      "channel.refused",
      "channel.refused",
    ],
    [
      "200 with a page",
      200,
      { "Content-Type": "text/html" },
      "<html>",
      "channel.uncertain",
      "channel.unavailable",
    ],
    ["200 with another shape", 200, json, '"text"', "channel.uncertain", "channel.unavailable"],
  ];

  for (const [name, status, headers, body, write, read] of answers) {
    test(`${name} is no success: ${write} for a write, ${read} for a read`, async () => {
      const answer = (response: ServerResponse): void => {
        response.writeHead(status, headers).end(body);
      };
      await withServer(answer, async (client) => {
        await assert.rejects(put(client), failsWith(write));
      });
      await withServer(answer, async (client) => {
        await assert.rejects(get(client), failsWith(read));
      });
    });
  }

  test("says how long Zendesk wants us to wait, in seconds, as a date or from its own header", async () => {
    const waits: readonly [Record<string, string>, number | undefined][] = [
      [{ "Retry-After": "7" }, 7_000],
      [{ "Retry-After": "Fri, 20 Nov 2026 12:00:09 GMT" }, 9_000],
      [{ "ratelimit-reset": "11" }, 11_000],
      [{ "rate-limit-reset": "12" }, 12_000],
      [{}, undefined],
    ];
    for (const [headers, expected] of waits)
      await withServer(
        (response) => response.writeHead(429, { ...json, ...headers }).end("{}"),
        async (client) => {
          await assert.rejects(get(client), (error: DeskhandError) => {
            assert.equal(error.retryAfterMs, expected);
            return true;
          });
        },
      );
  });

  test("path and body are the library's, without its ending, and the query is ours where we have one", async () => {
    const answer = (response: ServerResponse): void => void response.writeHead(200, json).end("{}");
    await withServer(answer, async (client, calls) => {
      const page: Ask = ({ ticketexport }) => ticketexport.exportCursor(5);
      await client.get(page, Anything, signal, { cursor: undefined });
      await client.get(page, Anything, signal, { start_time: undefined, cursor: "abc" });
      await client.get(({ tickets }) => tickets.list(), Anything, signal, { "page[size]": 1 });
      const since: Ask = ({ helpcenter }) => helpcenter.articles.listSinceStartTime(7);
      await client.get(since, Anything, signal);
      await client.get(({ webhooks }) => webhooks.getSigningSecret("01A"), Anything, signal);
      assert.deepEqual(
        calls.map(({ method, url }) => `${method} ${url}`),
        [
          "GET /api/v2/incremental/tickets/cursor?start_time=5",
          "GET /api/v2/incremental/tickets/cursor?cursor=abc",
          "GET /api/v2/tickets?page%5Bsize%5D=1",
          "GET /api/v2/help_center/incremental/articles?start_time=7",
          "GET /api/v2/webhooks/01A/signing_secret",
        ],
      );
    });
  });

  test("calls at the same time keep their answers apart, and each gets it as it came", async () => {
    const answer = (response: ServerResponse, { url }: Seen): void => {
      const id = Number(/\d+$/.exec(url)?.[0]);
      const body = JSON.stringify({ ticket: { id }, audit: { id }, meta: { after_cursor: "c" } });
      setTimeout(() => response.writeHead(200, json).end(body), 60 - 10 * id);
    };
    await withServer(answer, async (client) => {
      const ids = [1, 2, 3, 4, 5];
      const answers = ids.map((id) =>
        client.get(({ tickets }) => tickets.show(id), Anything, signal),
      );
      assert.deepEqual(
        await Promise.all(answers),
        ids.map((id) => ({ ticket: { id }, audit: { id }, meta: { after_cursor: "c" } })),
      );
    });
  });

  test("the library walks no pages by itself, wherever an answer points to", async () => {
    const answer = (response: ServerResponse): void => {
      const next = "http://127.0.0.1:9/api/v2/tickets";
      const body = { tickets: [{}], links: { next }, next_page: next, meta: { has_more: false } };
      response.writeHead(200, json).end(JSON.stringify(body));
    };
    await withServer(answer, async (client, calls) => {
      const rows = await client.list(({ tickets }) => tickets.list(), Anything, signal);
      assert.deepEqual([rows.length, calls.length], [1, 1]);
    });
  });

  test("what is asked for is one call: none and two are errors", async () => {
    const answer = (response: ServerResponse): void => void response.writeHead(200, json).end("{}");
    await withServer(answer, async (client, calls) => {
      await assert.rejects(
        client.get(async () => null, Anything, signal),
        /made no call/,
      );
      const two: Ask = async ({ tickets }) => [await tickets.show(1), await tickets.show(2)];
      await assert.rejects(client.get(two, Anything, signal), /the client did not ask for/);
      assert.deepEqual(
        calls.map(({ url }) => url),
        ["/api/v2/tickets/1"],
      );
    });
  });

  test("a call that was never sent had no effect", async () => {
    await withServer(
      (response) => response.writeHead(200, json).end("{}"),
      async (client, calls) => {
        const ask: Ask = ({ tickets }) => tickets.update(1, {});
        const stopped = client.write(ask, Anything, AbortSignal.abort());
        await assert.rejects(stopped, failsWith("channel.unavailable"));
        assert.deepEqual(calls, []);
      },
    );
    await assert.rejects(put(clientAt(await deadUrl())), failsWith("channel.unavailable"));
  });

  test("a token that cannot be had is no call at all", async () => {
    const token = async (): Promise<string> => await Promise.reject(new Error("expired"));
    const client = clientAt(await deadUrl(), { token });
    await assert.rejects(put(client), failsWith("channel.unavailable"));
  });
});
