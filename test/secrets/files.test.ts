/** Secrets from files: each is read again when its file changes, used at the next call, and the one before accepted for a while. */
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { SignJWT } from "jose";
import { z } from "zod";
import { verifyChatToken } from "#adapters/chat/identity.ts";
import { openaiModel } from "#agent/model.ts";
import { isUsableSecret, readConfig } from "#config/environment.ts";
import { followSecretFiles } from "#config/secret-files.ts";
import { chatAccessOf } from "#connections/chat.ts";
import { acceptedKeys, currentKey } from "#core/connection/signing-keys.ts";
import { isOperator } from "#server/http/bearer-token.ts";
import { slackCalls } from "#slack/api/web-api.ts";
import { verifySignature } from "#slack/transport/verify-signature.ts";
import { NOW, silentLog } from "#test/store/bench.ts";
import { PATIENCE_MS } from "#test/support/waiting.ts";

/** A folder of secrets, and a configuration that reads them. */
function mounted(context: TestContext, files: Readonly<Record<string, string>>) {
  const folder = mkdtempSync(join(tmpdir(), "deskhand-secrets-"));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
  for (const [name, text] of Object.entries(files)) write(name, text);
  const variables = Object.fromEntries(
    Object.keys(files).map((name) => [`${name}_FILE`, join(folder, name)]),
  );
  const configured = (more: Readonly<Record<string, string>> = {}) => {
    const config = readConfig({ DESKHAND_DATA: folder, ...variables, ...more });
    const followed = followSecretFiles(config.filedSecrets, {
      log: silentLog,
      isUsable: isUsableSecret,
    });
    context.after(() => followed.stop());
    return { config, look: () => followed.look() };
  };
  return { folder, write, configured };
}

const ONE = "the first secret of at least 32 characters";
const OTHER = "another secret of at least 32 characters";

test("a changed file is read again, the former value is accepted for a while, and an unusable one changes nothing", (context) => {
  const { write, configured } = mounted(context, { DESKHAND_METRICS_TOKEN: `${ONE}\n` });
  const { config, look } = configured();
  const token = config.environment.DESKHAND_METRICS_TOKEN ?? "";
  const isLetIn = (one: string): boolean => isOperator(`Bearer ${one}`, token);
  assert.equal(currentKey(token), ONE);
  assert.ok(!isLetIn(OTHER));
  write("DESKHAND_METRICS_TOKEN", OTHER);
  look();
  assert.equal(currentKey(token), OTHER);
  assert.ok(isLetIn(ONE) && isLetIn(OTHER) && !isLetIn("stranger"));
  for (const unusable of ["", "short"]) {
    write("DESKHAND_METRICS_TOKEN", unusable);
    look();
    assert.equal(currentKey(token), OTHER);
  }
  assert.equal(JSON.stringify({ token, text: String(token) }).includes("secret of"), false);
});

test("a second line in a file is accepted beside the first, from the start", (context) => {
  const { configured } = mounted(context, { DESKHAND_HEALTH_TOKEN: `${OTHER}\n${ONE}\n` });
  const token = configured().config.environment.DESKHAND_HEALTH_TOKEN ?? "";
  assert.equal(currentKey(token), OTHER);
  assert.deepEqual(acceptedKeys(token), [OTHER, ONE]);
});

test("a variable beside its file, a missing file and an empty one are named, and no value is", (context) => {
  const { folder } = mounted(context, { EMPTY: "\n" });
  const wrong = {
    DESKHAND_DATA: folder,
    OPENAI_API_KEY: ONE,
    OPENAI_API_KEY_FILE: join(folder, "EMPTY"),
    SHOP_URL: "http://127.0.0.1:1",
    SHOP_KEY_FILE: join(folder, "missing"),
    DESKHAND_HEALTH_TOKEN_FILE: join(folder, "EMPTY"),
  };
  assert.throws(
    () => readConfig(wrong),
    (error) =>
      error instanceof Error &&
      /OPENAI_API_KEY_FILE: is set beside OPENAI_API_KEY/.test(error.message) &&
      /SHOP_KEY_FILE: .* is not there/.test(error.message) &&
      /DESKHAND_HEALTH_TOKEN_FILE: .* is empty/.test(error.message) &&
      !error.message.includes(ONE),
  );
});

test("a visitor's token, Slack's signature and the password of the database follow their files", async (context) => {
  const { write, configured } = mounted(context, {
    CHAT_IDENTITY_SECRET: ONE,
    SLACK_BOT_TOKEN: "xoxb-1",
    SLACK_SIGNING_SECRET: "signing-1",
    DATABASE_URL: "postgres://deskhand:one@127.0.0.1/deskhand",
  });
  const { config, look } = configured({
    SLACK_APPROVALS_CHANNEL: "C1",
    SLACK_ALERTS_CHANNEL: "C2",
    DESKHAND_POLICY: "policy.yaml",
  });
  const tokenWith = (secret: string) =>
    new SignJWT()
      .setProtectedHeader({ alg: "HS256" })
      .setSubject("u1")
      .setIssuedAt(NOW)
      .setExpirationTime(new Date(NOW.getTime() + 60_000))
      .sign(new TextEncoder().encode(secret));
  const { tokens } = chatAccessOf(config, "never used here");
  const isKnown = async (secret: string): Promise<boolean> =>
    verifyChatToken(`Bearer ${await tokenWith(secret)}`, tokens, NOW).then(
      () => true,
      () => false,
    );
  assert.deepEqual([await isKnown(ONE), await isKnown(OTHER)], [true, false]);
  write("CHAT_IDENTITY_SECRET", OTHER);
  write("SLACK_SIGNING_SECRET", "signing-2");
  write("DATABASE_URL", "postgres://deskhand:two@127.0.0.1/deskhand");
  look();
  assert.deepEqual([await isKnown(ONE), await isKnown(OTHER)], [true, true]);
  assert.equal(currentKey(config.databaseUrl ?? ""), "postgres://deskhand:two@127.0.0.1/deskhand");
  const secrets = config.environment.SLACK_SIGNING_SECRET?.accepted() ?? [];
  for (const secret of ["signing-1", "signing-2"]) verifySignature(signedWith(secret), secrets);
  assert.throws(() => verifySignature(signedWith("signing-3"), secrets), /not made with/);
});

function signedWith(secret: string) {
  const body = new TextEncoder().encode("{}");
  const time = String(Math.floor(NOW.getTime() / 1_000));
  const signature = createHmac("sha256", secret).update(`v0:${time}:{}`).digest("hex");
  return {
    source: "http" as const,
    headers: { "x-slack-request-timestamp": time, "x-slack-signature": `v0=${signature}` },
    body,
    receivedAt: NOW,
  };
}

test("the next call of Slack and of the model carries the new token", async (context) => {
  const { write, configured } = mounted(context, { OPENAI_API_KEY: "key-1" });
  const { config, look } = configured();
  const key = config.environment.OPENAI_API_KEY ?? "";
  const seen: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    seen.push(request.headers.authorization);
    request.resume();
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ ok: true, choices: [{ message: { content: "Hello" } }] }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = z.object({ port: z.int() }).parse(server.address());
  const url = `http://127.0.0.1:${port}/`;
  const call = slackCalls({ botToken: key, apiUrl: url, log: silentLog });
  const model = openaiModel({ apiKey: key, baseUrl: url, model: "m", timeoutMs: 5_000 });
  const both = async (): Promise<void> => {
    await call("once", "auth.test", {}, z.object({}));
    await model.complete({
      messages: [{ role: "user", content: "Hello" }],
      tools: [],
      outputTokensMax: 10,
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
  };
  await both();
  write("OPENAI_API_KEY", "key-2");
  look();
  await both();
  assert.deepEqual(seen, ["Bearer key-1", "Bearer key-1", "Bearer key-2", "Bearer key-2"]);
});
