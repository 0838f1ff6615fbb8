/** Secrets from files: read at the start, and what callers show is taken with any line of the file. */
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { SignJWT } from "jose";
import { verifyChatToken } from "#adapters/chat/identity.ts";
import { readConfig } from "#config/environment.ts";
import { isOperator } from "#server/http/health.ts";
import { NOW } from "#test/store/bench.ts";
import { configuredChatAccess } from "#connections/sign-ins.ts";
import { verifySignature } from "#slack/transport/slack-app.ts";
import { temporaryFolder } from "#test/support/temporary-folder.ts";

/** A folder of secrets, and a configuration that reads them. */
function mounted(context: TestContext, files: Readonly<Record<string, string>>) {
  const folder = temporaryFolder(context);
  const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
  for (const [name, text] of Object.entries(files)) write(name, text);
  const variables = Object.fromEntries(
    Object.keys(files).map((name) => [`${name}_FILE`, join(folder, name)]),
  );
  const configured = (more: Readonly<Record<string, string>> = {}) =>
    readConfig({ DESKHAND_DATA: folder, ...variables, ...more });
  return { folder, write, configured };
}

const ONE = "the first secret of at least 32 characters";
const OTHER = "another secret of at least 32 characters";

test("a secret's file is read at the start, and its second line is accepted beside the first", (context) => {
  const { write, configured } = mounted(context, { DESKHAND_METRICS_TOKEN: `${ONE}\n` });
  const isLetIn = (one: string): boolean =>
    isOperator(
      `Bearer ${one}`,
      configured().environment.DESKHAND_METRICS_TOKEN?.accepted() ?? null,
    );
  assert.ok(isLetIn(ONE) && !isLetIn(OTHER));
  write("DESKHAND_METRICS_TOKEN", `${OTHER}\n${ONE}\n`);
  assert.ok(isLetIn(ONE) && isLetIn(OTHER) && !isLetIn("stranger"));
  const token = configured().environment.DESKHAND_METRICS_TOKEN;
  assert.equal(token?.reveal(), OTHER);
  assert.equal(JSON.stringify({ token, text: String(token) }).includes("secret of"), false);
  write("DESKHAND_METRICS_TOKEN", `${OTHER}\nshort\n`);
  assert.throws(configured, /DESKHAND_METRICS_TOKEN_FILE: has a further line that/);
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

test("a visitor's token and Slack's signature are taken with either line of their files", async (context) => {
  const { configured } = mounted(context, {
    CHAT_IDENTITY_SECRET: `${OTHER}\n${ONE}`,
    SLACK_BOT_TOKEN: "xoxb-1",
    SLACK_SIGNING_SECRET: "signing-2\nsigning-1",
    DATABASE_URL: "postgres://deskhand:one@127.0.0.1/deskhand",
  });
  const config = configured({
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
  const { tokens } = configuredChatAccess(config, "never used here");
  const isKnown = async (secret: string): Promise<boolean> =>
    verifyChatToken(`Bearer ${await tokenWith(secret)}`, tokens, NOW).then(
      () => true,
      () => false,
    );
  assert.deepEqual([await isKnown(ONE), await isKnown(OTHER)], [true, true]);
  assert.equal(await isKnown("a stranger's secret of at least 32 characters"), false);
  assert.equal(config.environment.DATABASE_URL, "postgres://deskhand:one@127.0.0.1/deskhand");
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
