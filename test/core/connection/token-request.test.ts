/** Which request for a token is sent a second time, and what an answer that gives none means. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { requestToken } from "#core/connection/token-request.ts";

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
