/** What ends is seen in time: certificates as servers show them, tokens as they say, and the team is told twice. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, createSecureContext, TLSSocket } from "node:tls";
import { tmpdir } from "node:os";
import { promisify } from "node:util";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import fc from "fast-check";
import { parse } from "yaml";
import { z } from "zod";
import { readConfig } from "#config/environment.ts";
import { EXPIRING, NEAR_S, SOON_S } from "#core/connection/expiry.ts";
import { certificateEnd, expiriesOf, serversOf, tokenEnd } from "#connections/expiries.ts";
import { expiryFindings } from "#doctor/expiry.ts";
import { expiring } from "#jobs/operating/expiring.ts";
import { NOW } from "#test/store/bench.ts";

const run = promisify(execFile);
const hasOpenssl = await run("openssl", ["version"]).then(
  () => true,
  () => false,
);

type Pem = Awaited<ReturnType<typeof certified>>;

/** A key and a certificate of this test's own, which ends after so many days. */
async function certified(context: TestContext, days: number) {
  const folder = mkdtempSync(join(tmpdir(), "deskhand-tls-"));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const made = ["-x509", ...kind, "-subj", "/CN=localhost", "-days", String(days)];
  await run("openssl", ["req", ...made, "-keyout", key, "-out", cert]);
  return { key: readFileSync(key), cert: readFileSync(cert) };
}

async function portOf(context: TestContext, server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  context.after(() => void server.close());
  return z.object({ port: z.int() }).parse(server.address()).port;
}

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

const NEEDS_OPENSSL = { skip: hasOpenssl ? false : "there is no openssl on this machine" };

test(
  "the end of a certificate is read from a server with TLS and from PostgreSQL, and nothing from others",
  NEEDS_OPENSSL,
  async (context) => {
    const pem = await certified(context, 10);
    const inDays = (at: Date | null): number | null =>
      at === null ? null : Math.round((at.getTime() - Date.now()) / 86_400_000);
    const host = "127.0.0.1";
    const tls = await portOf(context, createTlsServer(pem));
    const postgres = await portOf(context, postgresLike(context, pem));
    const plain = await portOf(context, postgresLike(context, null));
    const closed = await portOf(
      context,
      createServer((socket) => socket.destroy()),
    );
    assert.equal(inDays(await certificateEnd({ kind: "imap", host, port: tls })), 10);
    assert.equal(inDays(await certificateEnd({ kind: "database", host, port: postgres })), 10);
    assert.equal(await certificateEnd({ kind: "database", host, port: plain }), null);
    assert.equal(await certificateEnd({ kind: "smtp", host, port: closed }), null);
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

test("only servers that are reached over TLS are asked, each once", () => {
  const config = readConfig({
    DESKHAND_DATA: ".deskhand",
    DESKHAND_PUBLIC_URL: "https://desk.example",
    DATABASE_URL: "postgres://db.example/deskhand",
    REDIS_URL: "redis://cache.example:6379",
    IMAP_HOST: "mail.example",
    IMAP_USER: "u",
    IMAP_PASS: "p",
    SMTP_HOST: "mail.example",
    SMTP_PORT: "587",
    SUPPORT_ADDRESS: "help@shop.example",
    SLACK_BOT_TOKEN: "xoxb-1",
    SLACK_APP_TOKEN: "xapp-1",
    SLACK_APPROVALS_CHANNEL: "C1",
    SLACK_ALERTS_CHANNEL: "C2",
    DESKHAND_POLICY: "policy.yaml",
  });
  assert.deepEqual(serversOf(config), [
    { kind: "public_url", host: "desk.example", port: 443 },
    { kind: "database", host: "db.example", port: 5432 },
    { kind: "imap", host: "mail.example", port: 993 },
  ]);
});

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

test("the team is told with three weeks left, and under another name with one; doctor warns at the same ends", () => {
  const names = (seconds: number) => expiring([endsIn(seconds)], NOW).map(({ name }) => name);
  assert.deepEqual(names(SOON_S), []);
  assert.deepEqual(names(SOON_S - 1), ["expiry"]);
  assert.deepEqual(names(NEAR_S), ["expiry"]);
  assert.deepEqual(names(NEAR_S - 1), ["expiry-near"]);
  assert.deepEqual(names(-1), ["expiry-near"]);
  const [{ sentence } = { sentence: "" }] = expiring([endsIn(NEAR_S - 1)], NOW);
  assert.equal(sentence, "The certificate of mail.example:993 ends on 2026-03-08, in 6 days.");
  const states = [SOON_S, NEAR_S, -1].map((left) => expiryFindings([endsIn(left)], NOW)[0]?.state);
  assert.deepEqual(states, ["ok", "warning", "problem"]);
});

test("the rules for Prometheus have the same thresholds, and a label for each kind", () => {
  const file = new URL("../../docs/prometheus/alerts.yml", import.meta.url);
  const text = JSON.stringify(parse(readFileSync(file, "utf8")));
  for (const seconds of [SOON_S, NEAR_S])
    assert.ok(text.includes(`(deskhand_credential_expires_in_seconds) < ${seconds}"`), text);
  assert.equal(new Set(EXPIRING).size, EXPIRING.length);
});
