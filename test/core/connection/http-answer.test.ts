/** Which failures mean that a call was never sent, and how an answer is read. */
import assert from "node:assert/strict";
import type { IncomingMessage, ServerResponse } from "node:http";
import { describe, test, type TestContext } from "node:test";
import { inspect } from "node:util";
import {
  exchangeOnce,
  isUnsent,
  readBytes,
  readJson,
  retryAfterMs,
} from "#core/connection/http-answer.ts";
import { deadUrl, listen } from "#test/zendesk/servers.ts";

/** What `fetch` throws when the connection fails with this code. */
function failure(code: string): Error {
  return new TypeError("fetch failed", { cause: Object.assign(new Error(code), { code }) });
}

async function answerOf(
  context: TestContext,
  handle: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<Response> {
  const server = await listen(handle);
  context.after(server.close);
  return await fetch(server.url);
}

describe("a call was never sent", () => {
  test("when its host is unknown, refuses the connection or has no route to it", async () => {
    for (const code of [
      "ECONNREFUSED",
      "ENOTFOUND",
      "EAI_AGAIN",
      "EHOSTUNREACH",
      "ENETUNREACH",
      "UND_ERR_CONNECT_TIMEOUT",
    ])
      assert.equal(isUnsent(failure(code)), true, code);
    assert.equal(isUnsent(new AggregateError([failure("ENETUNREACH")])), true);
    assert.equal(isUnsent(await fetch(await deadUrl()).catch((error: unknown) => error)), true);
  });

  test("but may have been carried out when the connection broke later", async (context) => {
    for (const code of ["ECONNRESET", "EPIPE", "UND_ERR_SOCKET", "UND_ERR_HEADERS_TIMEOUT"])
      assert.equal(isUnsent(failure(code)), false, code);
    const broken = answerOf(context, (request) => request.socket.destroy());
    assert.equal(isUnsent(await broken.catch((error: unknown) => error)), false);
  });
});

test("a call that is given up may have been carried out, whatever the reason it is given up for", async (context) => {
  const ended = new AbortController();
  const server = await listen(() => ended.abort(failure("ECONNREFUSED")));
  context.after(server.close);
  const request = { url: server.url, method: "PUT", headers: {}, body: null };
  const over = { fetch, clock: { now: () => new Date() }, answerBytesMax: 1_000 };
  const { kind } = await exchangeOnce(request, over, ended.signal);
  assert.equal(kind, "lost");
});

test("a call with a header that cannot be one was never sent, and what says so has nothing of it", async () => {
  const headers = { authorization: "Bearer half\nother-half" };
  const request = { url: await deadUrl(), method: "GET", headers, body: null };
  const over = { fetch, clock: { now: () => new Date() }, answerBytesMax: 1_000 };
  const ended = await exchangeOnce(request, over, new AbortController().signal);
  assert.equal(ended.kind, "unsent");
  assert.doesNotMatch(inspect(ended, { depth: 9 }), /half/);
});

describe("an answer", () => {
  test("with more bytes than allowed is not read to its end", async (context) => {
    const endless = async (): Promise<Response> =>
      await answerOf(context, (_request, response) => {
        const timer = setInterval(() => response.write("x".repeat(1_000)), 1);
        response.on("close", () => clearInterval(timer));
      });
    assert.equal(await readBytes(await endless(), 5_000), null);
    await assert.rejects(readJson(await endless(), 5_000), /more than 5000 bytes/);
  });

  test("says when to come back in seconds, parts of them, or by a date", () => {
    const now = new Date("2026-11-20T08:00:00Z");
    assert.equal(retryAfterMs("3", now), 3_000);
    assert.equal(retryAfterMs("0.25", now), 250);
    assert.equal(retryAfterMs("Fri, 20 Nov 2026 08:00:05 GMT", now), 5_000);
    assert.equal(retryAfterMs("Fri, 20 Nov 2026 07:00:00 GMT", now), 0);
    assert.deepEqual([retryAfterMs(null, now), retryAfterMs("soon", now)], [undefined, undefined]);
  });
});
