/** `init zendesk --sign-in` at a sandbox account: what the browser is sent with, what counts when it comes back. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { redirectAddress, signInWriter } from "#zendesk/setup/permissions.ts";
import { temporaryFolder } from "#test/support/temporary-folder.ts";
import { failsWith } from "#test/zendesk/bench.ts";
import { deskOf } from "#test/zendesk/read/people.ts";
import { freePort } from "#sandbox/process/index.ts";
import { accountToSetUp } from "./bench.ts";

const { sandbox, init } = accountToSetUp();

/** A free port, whose address an admin has listed at the client. */
async function listedPort(): Promise<number> {
  const port = await freePort();
  const redirectUrls = [redirectAddress(port)];
  await deskOf(sandbox).control("PUT", "settings", { redirectUrls });
  return port;
}

interface Asked {
  readonly client?: "writer" | "reader";
  readonly secret?: string;
  readonly waitMs?: number;
}

/** Signs in with a browser that does this with the page. */
async function signIn(browse: (page: URL) => Promise<unknown>, asked: Asked = {}) {
  const { id, secret } = sandbox.oauth[asked.client ?? "writer"];
  const browsed: Promise<unknown>[] = [];
  const signedIn = signInWriter({
    url: `${sandbox.url}/`,
    clientId: id,
    clientSecret: asked.secret ?? secret,
    port: await listedPort(),
    waitMs: asked.waitMs ?? 30_000,
    clock: { now: () => new Date() },
    show: (page) => void browsed.push(browse(new URL(page))),
  });
  try {
    return await signedIn;
  } finally {
    await Promise.all(browsed);
  }
}

const allow = async (page: URL): Promise<string> => (await fetch(page)).text();

/** The address the sandbox sends the browser to, without going there. */
async function answerTo(page: URL): Promise<URL> {
  const response = await fetch(page, { redirect: "manual" });
  return new URL(response.headers.get("location") ?? "");
}

describe("signing the bot's agent in", () => {
  test("gives a refresh token that a client of ours can use, with a challenge on the way", async () => {
    const pages: URL[] = [];
    const { refreshToken, email } = await signIn(async (page) => {
      pages.push(page);
      assert.match(await allow(page), /You may close this window/);
    });
    assert.equal(email, "deskhand@ourshop.test");
    const asked = pages[0]?.searchParams;
    assert.equal(asked?.get("code_challenge_method"), "S256");
    assert.match(asked?.get("code_challenge") ?? "", /^[\w-]{43}$/);
    assert.match(asked?.get("redirect_uri") ?? "", /^http:\/\/127\.0\.0\.1:\d+\/zendesk$/);
    const { id: client_id, secret: client_secret } = sandbox.oauth.writer;
    const grant = { grant_type: "refresh_token", refresh_token: refreshToken };
    const renewed = await fetch(`${sandbox.url}/oauth/tokens`, {
      method: "POST",
      body: new URLSearchParams({ ...grant, client_id, client_secret }),
    });
    assert.equal(renewed.status, 201);
  });

  test("does not take an answer under another state, and goes on waiting for its own", async () => {
    const { refreshToken } = await signIn(async (page) => {
      const forged = await answerTo(page);
      forged.searchParams.set("state", "another");
      assert.equal((await fetch(forged)).status, 400);
      forged.searchParams.delete("state");
      assert.equal((await fetch(forged)).status, 400);
      await allow(page);
    });
    assert.notEqual(refreshToken, "");
  });

  test("does not take a code that was given for another challenge", async () => {
    const brought = signIn(async (page) => {
      const other = new URL(page);
      const challenge = createHash("sha256").update("somebody else's").digest("base64url");
      other.searchParams.set("code_challenge", challenge);
      await allow(other);
    });
    await assert.rejects(brought, failsWith("config.invalid", /invalid_grant/));
  });

  test("ends when the browser says no, and when nobody comes in time", async () => {
    const refused = signIn(async (page) => {
      const back = await answerTo(page);
      back.searchParams.delete("code");
      back.searchParams.set("error", "access_denied");
      await fetch(back);
    });
    await assert.rejects(refused, failsWith("config.invalid", /refused in the browser/));
    await assert.rejects(
      signIn(async () => undefined, { waitMs: 50 }),
      failsWith("config.invalid", /the bot's agent did not sign in in time/),
    );
  });

  test("leads back to no address that an admin did not list", async () => {
    const brought = signIn(
      async (page) => {
        page.searchParams.set("redirect_uri", redirectAddress(1_024));
        assert.match(await allow(page), /Invalid authorization request/);
      },
      { waitMs: 500 },
    );
    await assert.rejects(
      brought,
      failsWith("config.invalid", /the bot's agent did not sign in in time/),
    );
  });

  test("refuses an admin, by name, ends the token, and never repeats a secret", async (context) => {
    const ends: string[] = [];
    const { fetch: send } = globalThis;
    context.mock.method(globalThis, "fetch", async (...[to, init]: Parameters<typeof fetch>) => {
      const response = await send(to, init);
      if (init?.method === "DELETE")
        ends.push(`${new Headers(init.headers).get("authorization")} ${response.status}`);
      return response;
    });
    await assert.rejects(
      signIn(allow, { client: "reader" }),
      failsWith(
        "config.invalid",
        /the writer is an admin.*its token was revoked\. Sign in to Zendesk as the bot's own/,
      ),
    );
    const [authorization = "", status] = (ends[0] ?? "").split(/ (?=\d+$)/u);
    assert.equal(status, "204");
    const me = { headers: { authorization } };
    assert.equal((await fetch(`${sandbox.url}/api/v2/users/me`, me)).status, 401);
    await assert.rejects(signIn(allow, { secret: "wrong-secret" }), (error: unknown) => {
      assert.doesNotMatch(String(error), /wrong-secret/);
      return failsWith("config.invalid", /invalid_client/)(error);
    });
  });

  test("is a command that shows the page at once and then what to set, with a secret from its file", async (context) => {
    const port = await listedPort();
    const file = join(temporaryFolder(context), "secret");
    writeFileSync(file, `${sandbox.oauth.writer.secret}\n`);
    const shown: string[] = [];
    const environment = {
      ZENDESK_URL: sandbox.url,
      ZENDESK_WRITER_CLIENT_ID: sandbox.oauth.writer.id,
      ZENDESK_WRITER_CLIENT_SECRET_FILE: file,
    };
    const argv = ["--sign-in", "--port", String(port)];
    const { exitCode } = await init(environment, argv, (text) => {
      shown.push(text);
      const [page] = /https?:\S+\/oauth\/\S+/.exec(text) ?? [];
      if (page !== undefined) void fetch(page);
    });
    assert.equal(exitCode, 0);
    const screen = shown.join("");
    assert.ok(screen.includes(redirectAddress(port)));
    assert.match(screen, /Signed in as deskhand@ourshop\.test/);
    assert.match(screen, /ZENDESK_WRITER_REFRESH_TOKEN=[0-9a-f]{64}\n/);
  });
});
