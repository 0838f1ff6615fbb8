/** Tokens requested, answers of APIs read. */
import assert from "node:assert/strict";
import { inspect } from "node:util";
import { describe, test, type TestContext } from "node:test";
import { text } from "node:stream/consumers";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { VaultEntry } from "#core/contracts/ports.ts";
import { renewedToken, requestToken } from "#core/connection/oauth-token.ts";
import {
  exchangeOnce,
  isUnsent,
  readBytes,
  readJson,
  retryAfterMs,
} from "#core/connection/http-answer.ts";
import { deadUrl, listen } from "#test/support/http-front.ts";

const ENDPOINT = {
  url: "https://vendor.example/token",
  clientId: "desk",
  clientSecret: "s:1",
  credentialsIn: "body",
  scope: "read",
} as const;

/** Asks an endpoint whose connections break until one of the answers is left. */
async function asking(
  refreshToken: string | null,
  answers: readonly (Response | null)[],
  endpoint: Parameters<typeof requestToken>[0] = ENDPOINT,
) {
  const sent: { readonly body: string; readonly headers: Headers }[] = [];
  const fetch = async (_: unknown, init: RequestInit = {}): Promise<Response> => {
    const body = typeof init.body === "string" ? init.body : "";
    const answer = answers[sent.push({ body, headers: new Headers(init.headers) }) - 1] ?? null;
    if (answer === null) throw new TypeError("fetch failed");
    return answer;
  };
  const over = { fetch, clock: { now: () => new Date(0) }, signal: AbortSignal.timeout(5_000) };
  return { reply: await requestToken(endpoint, refreshToken, over), sent };
}

test("without an answer only a grant in the application's own name is asked for again: a refresh may have been carried out", async () => {
  const own = await asking(null, [null, Response.json({ access_token: "t" })]);
  assert.equal(own.reply.kind, "issued");
  assert.equal(own.sent.length, 2);

  const refresh = await asking("r1", [null, Response.json({ access_token: "t" })]);
  assert.equal(refresh.reply.kind, "unanswered");
  assert.equal(refresh.sent.length, 1);
});

test("a refresh whose pair the vault did not take is gone on from, not from the one it made invalid", async (context) => {
  const asked: string[] = [];
  const { url, close } = await listen((request, response) => {
    void text(request).then((form) => {
      asked.push(new URLSearchParams(form).get("refresh_token") ?? "");
      const next = asked.length + 1;
      response.setHeader("content-type", "application/json");
      response.end(
        JSON.stringify({ access_token: `a${next}`, refresh_token: `r${next}`, expires_in: 3_600 }),
      );
    });
  });
  context.after(close);
  const kept: VaultEntry = { generation: 0, value: null };
  const vault = {
    read: async () => ({ ...kept }),
    claim: async () => ({ ...kept }),
    put: async (_name: string, generation: number, value: string) => {
      if (asked.length === 1) throw new Error("the database is away");
      Object.assign(kept, { generation: generation + 1, value });
      return true;
    },
    release: async () => {},
  };
  const said = "";
  const identity = {
    name: "writer",
    endpoint: { ...ENDPOINT, url },
    account: "shop",
    origin: "",
    refreshToken: "r1",
    refreshWords: () => said,
    grantWords: () => said,
    refusedWords: said,
    stopLine: said,
  };
  const log = { info: () => {}, warn: () => {}, error: () => {} };
  const clock = { now: () => new Date(0) };
  const { credential } = renewedToken({ identity, vault, clock, log, timeoutMs: 5_000 });
  await assert.rejects(credential());
  assert.equal(await credential(), "a3");
  assert.deepEqual(asked, ["r1", "r2"]);
});

test("a refusal is final unless the endpoint is busy or says that it may change", async () => {
  for (const [status, error, isFinal] of [
    [400, "invalid_grant", true],
    [401, "invalid_client", true],
    [400, "temporarily_unavailable", false],
    [429, "invalid_grant", false],
    [503, "server_error", false],
  ] as const) {
    const { reply } = await asking("r1", [Response.json({ error }, { status })]);
    assert.ok(reply.kind === "refused");
    assert.deepEqual([reply.status, reply.error, reply.isFinal], [status, error, isFinal]);
  }
});

test("the client proves itself in the form or in the header, never in both", async () => {
  const inBody = await asking(null, [Response.json({ access_token: "t" })]);
  assert.match(inBody.sent[0]?.body ?? "", /client_id=desk&client_secret=s%3A1/);
  assert.equal(inBody.sent[0]?.headers.get("authorization"), null);

  const answer = [Response.json({ access_token: "t" })];
  const inHeader = await asking("r1", answer, { ...ENDPOINT, credentialsIn: "header" });
  assert.doesNotMatch(inHeader.sent[0]?.body ?? "", /client_/);
  assert.equal(
    inHeader.sent[0]?.headers.get("authorization"),
    `Basic ${Buffer.from("desk:s%3A1").toString("base64")}`,
  );
});

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
