/** What ends is seen in time: certificates as servers show them, tokens as they say, and the team is told twice. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, createSecureContext, TLSSocket } from "node:tls";
import { test, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { parse } from "yaml";
import { modelEnd } from "#agent/model.ts";
import { expiriesHere } from "#app/watch-process.ts";
import { readConfig } from "#config/environment.ts";
import { ROLE_TASKS } from "#config/process-roles.ts";
import { EXPIRING, NEAR_S, SOON_S } from "#core/connection/expiry.ts";
import { expiriesOf } from "#connections/expiries/expiries.ts";
import { certificateEnd } from "#connections/expiries/look-at-server.ts";
import { tokenEnd } from "#connections/expiries/tokens.ts";
import { expiryFindings } from "#doctor/expiry.ts";
import { expiring } from "#jobs/operating/expiring.ts";
import { NOW, silentLog } from "#test/store/bench.ts";
import { json, provider } from "#test/support/model-provider.ts";
import { certified, inDays, NEEDS_OPENSSL, type Pem, portOf } from "./certified.ts";

/** Speaks as PostgreSQL does until TLS begins; null for one without TLS. */
function postgresLike(context: TestContext, pem: Pem | null): Server {
  const sockets = new Set<Socket>();
  context.after(() => sockets.forEach((socket) => socket.destroy()));
  return createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.once("data", () => {
      socket.write(pem === null ? "N" : "S");
      if (pem === null) return;
      const secureContext = createSecureContext(pem);
      new TLSSocket(socket, { isServer: true, secureContext }).on("error", () => undefined);
    });
  });
}

test(
  "the end of a certificate is read from a server with TLS and from PostgreSQL, and nothing from others",
  NEEDS_OPENSSL,
  async (context) => {
    const pem = await certified(context, 10);
    const host = "127.0.0.1";
    const tls = await portOf(context, createTlsServer(pem));
    const postgres = await portOf(context, postgresLike(context, pem));
    const plain = await portOf(context, postgresLike(context, null));
    const closed = await portOf(
      context,
      createServer((socket) => socket.destroy()),
    );
    assert.equal(inDays(await certificateEnd({ begin: "tls", host, port: tls })), 10);
    assert.equal(inDays(await certificateEnd({ begin: "postgres", host, port: postgres })), 10);
    assert.equal(await certificateEnd({ begin: "postgres", host, port: plain }), null);
    assert.equal(await certificateEnd({ begin: "tls", host, port: closed }), null);
    const config = readConfig({
      DESKHAND_DATA: ".deskhand",
      DATABASE_URL: `postgres://deskhand:hidden@127.0.0.1:${postgres}/deskhand`,
      SHOP_URL: "https://shop.example",
      SHOP_KEY: tokenUntil(new Date("2026-12-01T00:00:00.000Z")),
      SLACK_BOT_TOKEN: "xoxb-1",
      SLACK_APP_TOKEN: "xapp-1",
      SLACK_APPROVALS_CHANNEL: "C1",
      SLACK_ALERTS_CHANNEL: "C2",
      DESKHAND_POLICY: "policy.yaml",
    });
    const found = await expiriesOf(config);
    assert.deepEqual(
      found.map(({ kind, what }) => `${kind}: ${what}`),
      [`database: The certificate of 127.0.0.1:${postgres}`, "token: The token in SHOP_KEY"],
    );
    assert.ok(!JSON.stringify(found).includes("hidden"));
  },
);

function tokenUntil(at: Date): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part({ alg: "HS256" })}.${part({ sub: "u", exp: at.getTime() / 1_000 })}.c2lnbmVk`;
}

test("the end of a token is read from it, and any other text has none", () => {
  assert.deepEqual(tokenEnd(tokenUntil(NOW)), NOW);
  for (const other of [
    "",
    "xoxb-1-2-3",
    "a.b.c",
    "eyJhIjoxfQ.eyJhIjoxfQ.",
    `${"x".repeat(9)}.####.x`,
  ])
    assert.equal(tokenEnd(other), null, other);
  fc.assert(fc.property(fc.string(), (text) => void tokenEnd(text)));
});

const endsIn = (seconds: number) => ({
  kind: "imap" as const,
  what: "The certificate of mail.example:993",
  at: new Date(NOW.getTime() + seconds * 1_000),
});

const DAY_S = 86_400;

const told = (seconds: number) => expiring([endsIn(seconds)], NOW).map(({ name }) => name);

const doctorSays = (seconds: number) => expiryFindings([endsIn(seconds)], NOW)[0]?.state;

test("with less than three weeks left the team is told and the doctor warns, and not before", () => {
  assert.deepEqual([told(21 * DAY_S), doctorSays(21 * DAY_S)], [[], "ok"]);
  assert.deepEqual([told(21 * DAY_S - 1), doctorSays(21 * DAY_S - 1)], [["expiry"], "warning"]);
});

test("with less than one week left the team is told under another name, and the doctor says it is a problem", () => {
  assert.deepEqual([told(7 * DAY_S), doctorSays(7 * DAY_S)], [["expiry"], "warning"]);
  for (const left of [7 * DAY_S - 1, 0, -1])
    assert.deepEqual([told(left), doctorSays(left)], [["expiry-near"], "problem"]);
});

test("what is told names what ends, the day and the days that are left", () => {
  const sentence = (seconds: number) => expiring([endsIn(seconds)], NOW)[0]?.sentence;
  const what = "The certificate of mail.example:993";
  assert.equal(sentence(7 * DAY_S - 1), `${what} ends on 2026-03-08, in 6 days.`);
  assert.equal(sentence(-1), `${what} ended on 2026-03-01.`);
});

test("the rules for Prometheus have the same thresholds, and a label for each kind", () => {
  const file = new URL("../../docs/prometheus/alerts.yml", import.meta.url);
  const text = JSON.stringify(parse(readFileSync(file, "utf8")));
  for (const seconds of [SOON_S, NEAR_S])
    assert.ok(text.includes(`(deskhand_credential_expires_in_seconds) < ${seconds}"`), text);
  assert.equal(new Set(EXPIRING).size, EXPIRING.length);
});

test("a model that its provider ends is told of sixty, fourteen and three days ahead, each once", async (context) => {
  const { url } = await provider(context, (_body, response) => json(response, 404, {}));
  const endOf = (model: string) => modelEnd({ apiKey: "k", baseUrl: url, timeoutMs: 1_000, model });
  const ends = await endOf("openai/gpt-4.1-mini-2025-04-14");
  assert.deepEqual(await endOf("gpt-4.1-mini-of-nobody"), []);
  assert.deepEqual(
    ends.map(({ kind, what }) => `${kind}: ${what}`),
    ["model: The model openai/gpt-4.1-mini-2025-04-14"],
  );
  const end = ends[0]?.at.getTime() ?? 0;
  const toldAt = (days: number) => expiring(ends, new Date(end - days * DAY_S * 1_000));
  assert.deepEqual(
    [61, 59, 20, 13, 4, 2, -1].map((days) =>
      toldAt(days)
        .map(({ name }) => name)
        .join(),
    ),
    ["", "expiry", "expiry", "expiry-near", "expiry-near", "expiry-last", "expiry-last"],
  );
});

test(
  "the end of a reader at another server is found there",
  { timeout: 30_000 },
  async (context) => {
    const { url } = await provider(context, (_body, response) =>
      json(response, 200, { data: [{ id: "reader", shutdown_date: "2027-02-01" }] }),
    );
    const config = readConfig({
      DESKHAND_DATA: ".deskhand",
      OPENAI_API_KEY: "k",
      OPENAI_BASE_URL: `${(await provider(context, (_body, response) => json(response, 404, {}))).url}`,
      DESKHAND_MODEL: "own",
      DESKHAND_VERIFIER_MODEL: "reader",
      DESKHAND_VERIFIER_URL: url,
      DESKHAND_VERIFIER_KEY: "k2",
    });
    const expiries = expiriesHere({ config, log: silentLog }, ROLE_TASKS.all);
    context.after(() => expiries.stop());
    while (expiries.seen().length === 0) await sleep(10);
    assert.deepEqual(
      expiries.seen().map(({ what, at }) => `${what} ${at.toISOString().slice(0, 10)}`),
      ["The model reader 2027-02-01"],
    );
  },
);
