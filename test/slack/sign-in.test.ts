/** Sign in with Slack against a stand-in at the wire, through the console's own routes. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, beforeEach, describe, test } from "node:test";
import { SignJWT, type JWTPayload } from "jose";
import { z } from "zod";
import { slackSignIn } from "#slack/api/sign-in.ts";
import { slackCalls } from "#slack/api/web-api.ts";
import { startPages, type PagesBench } from "#test/server/pages-bench.ts";
import { bytesOf, listen } from "#test/support/http-front.ts";

const NOW = new Date("2026-03-02T10:00:00Z");
const TEAM = "T0OURS";
const SAM = "U0SAM";
const APP = { clientId: "1.2", clientSecret: "the app's secret" };
const SECRET = new TextEncoder().encode("only Slack has this key, and nobody checks it");
const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** How the stand-in behaves; a test changes what it is about. */
interface Behaviour {
  readonly claims: JWTPayload;
  /** The organisation whose members count; left out where those of the workspace alone do. */
  readonly organisation?: string;
  /** What the directory says of the person; a member of the workspace unless set, nobody where it is null. */
  readonly user?: object | null;
  readonly answer: "token" | "refuse" | "hang up" | "nonsense";
}

describe("signing in with Slack", () => {
  let server: Awaited<ReturnType<typeof listen>>;
  let bench: PagesBench;
  let apiUrl = "";
  let behaviour: Behaviour = { claims: {}, answer: "token" };
  const asked: URLSearchParams[] = [];
  /** What the browser was sent to Slack with. */
  let sent = new URLSearchParams();

  before(async () => {
    server = await listen((request, response) => {
      void bytesOf(request).then(async (body) => {
        asked.push(new URLSearchParams(Buffer.from(body).toString()));
        if (behaviour.answer === "hang up") return request.socket.destroy();
        response.setHeader("content-type", "application/json");
        if (behaviour.answer === "nonsense")
          return response.end(JSON.stringify({ ok: true, id_token: "x.y" }));
        if (behaviour.answer === "refuse")
          return response.end(JSON.stringify({ ok: false, error: "invalid_code" }));
        assert.equal(request.headers.authorization, undefined, "the bot's token stays out of it");
        return response.end(JSON.stringify({ ok: true, id_token: await statement() }));
      });
    });
    apiUrl = `${server.url}/api/`;
    bench = await startPages({
      sandbox: false,
      teamSignIn: slackSignIn({
        call: slackCalls({ botToken: null, apiUrl, log: quiet }),
        workspace: {
          self: async () => ({
            userId: "U1",
            botId: null,
            teamId: TEAM,
            organisation: behaviour.organisation ?? null,
            url: null,
          }),
          user: async (id) =>
            id === SAM && behaviour.user !== null ? { id, team_id: TEAM, ...behaviour.user } : null,
        },
        app: APP,
        apiUrl,
        clock: { now: () => NOW },
      }),
    });
  });
  after(async () => {
    await bench.close();
    await server.close();
  });
  beforeEach(() => {
    behaviour = { claims: {}, answer: "token" };
    asked.splice(0);
  });

  function statement(): Promise<string> {
    const seconds = Math.floor(NOW.getTime() / 1_000);
    return new SignJWT({
      iss: "https://slack.com",
      aud: APP.clientId,
      exp: seconds + 300,
      nonce: sent.get("nonce"),
      email: "Sam@OurShop.test",
      email_verified: true,
      name: "Sam Ortiz",
      sub: SAM,
      "https://slack.com/team_id": TEAM,
      ...behaviour.claims,
    })
      .setProtectedHeader({ alg: "HS256" })
      .sign(SECRET);
  }

  /** Presses the button, and gives the browser's cookie. */
  async function begin(): Promise<string> {
    const answer = await fetch(`${bench.url}/console/slack`, { redirect: "manual" });
    assert.equal(answer.status, 303);
    const address = new URL(answer.headers.get("location") ?? "");
    assert.equal(
      `${address.origin}${address.pathname}`,
      `${new URL(apiUrl).origin}/openid/connect/authorize`,
    );
    sent = address.searchParams;
    const cookie = answer.headers.get("set-cookie") ?? "";
    assert.match(cookie, /HttpOnly/);
    assert.match(cookie, /SameSite=Lax/);
    assert.match(cookie, /Path=\/;/);
    return cookie.split(";")[0] ?? "";
  }

  function back(cookie: string, query: Readonly<Record<string, string>>): Promise<Response> {
    const address = `${bench.url}/console/slack/back?${new URLSearchParams(query).toString()}`;
    return fetch(address, { headers: { cookie, "sec-fetch-site": "cross-site" } });
  }

  async function signIn(): Promise<Response> {
    const cookie = await begin();
    return back(cookie, { code: "a-code", state: sent.get("state") ?? "" });
  }

  function sessionIn(answer: Response): string | null {
    const cookies = answer.headers
      .getSetCookie()
      .filter((one) => one.startsWith("deskhand_session="));
    return cookies[0]?.split(";")[0] ?? null;
  }

  test("a teammate is let in under their address, with the code exchanged once and bound to this browser", async () => {
    const answer = await signIn();
    assert.equal(answer.status, 200);
    assert.match(await answer.text(), /id="onward" href="\/console"/);
    const cookie = sessionIn(answer) ?? "";
    const page = await fetch(`${bench.url}/console`, { headers: { cookie } });
    assert.equal(page.status, 200);
    assert.match(await page.text(), /Sam Ortiz, support/);
    assert.equal(asked.length, 1);
    const exchange = z.record(z.string(), z.string()).parse(Object.fromEntries(asked[0] ?? []));
    assert.equal(exchange["client_secret"], APP.clientSecret);
    const challenge = createHash("sha256")
      .update(exchange["code_verifier"] ?? "")
      .digest("base64url");
    assert.equal(challenge, sent.get("code_challenge"));
    assert.equal(exchange["redirect_uri"], `${bench.url}/console/slack/back`);
    assert.equal(sent.get("team"), TEAM);
  });

  for (const [what, claims] of [
    ["another workspace", { "https://slack.com/team_id": "T0THEIRS" }],
    ["an address Slack has not confirmed", { email_verified: false }],
    ["a statement for another app", { aud: "9.9" }],
    ["a statement of another try", { nonce: "n".repeat(43) }],
    ["a statement of another issuer", { iss: "https://slack.example" }],
    ["a statement that is over", { exp: Math.floor(NOW.getTime() / 1_000) - 120 }],
  ] as const)
    test(`${what} lets nobody in`, async () => {
      behaviour = { claims, answer: "token" };
      const answer = await signIn();
      assert.equal(answer.status, 401);
      assert.equal(sessionIn(answer), null);
      assert.match(await answer.text(), /Sign in with Slack/);
    });

  const elsewhere = { "https://slack.com/team_id": "T0EMEA" };
  const ofShop = { team_id: "T0EMEA", enterprise_user: { enterprise_id: "E0SHOP" } };

  test("a colleague of another workspace is let in where the whole organisation counts, and Slack offers all of it", async () => {
    behaviour = { claims: elsewhere, user: ofShop, answer: "token", organisation: "E0SHOP" };
    assert.equal((await signIn()).status, 200);
    assert.equal(sent.get("team"), null);
  });

  for (const [who, organisation, claims, user] of [
    ["a colleague of another workspace, where this one alone counts", null, elsewhere, ofShop],
    ["a guest of this workspace", null, {}, { is_restricted: true }],
    ["a person who left", null, {}, { deleted: true }],
    ["a person Slack does not know", null, {}, null],
    [
      "a member of another organisation",
      "E0SHOP",
      elsewhere,
      { ...ofShop, enterprise_user: { enterprise_id: "E0OTHER" } },
    ],
  ] as const)
    test(`${who} is not let in`, async () => {
      behaviour = {
        claims,
        user,
        answer: "token",
        ...(organisation === null ? {} : { organisation }),
      };
      const answer = await signIn();
      assert.equal(answer.status, 401);
      assert.equal(sessionIn(answer), null);
    });

  test("a return this browser did not ask for is refused before Slack is asked", async () => {
    const cookie = await begin();
    const state = sent.get("state") ?? "";
    for (const [given, query] of [
      ["", { code: "c", state }],
      [cookie, { code: "c", state: "s".repeat(43) }],
      [cookie, { error: "access_denied", state }],
    ] as const)
      assert.equal((await back(given, query)).status, 401);
    assert.equal(asked.length, 0);
  });

  test("an address without a role is signed in and shown nothing", async () => {
    behaviour = { claims: { email: "ned@ourshop.test", name: "Ned" }, answer: "token" };
    const answer = await signIn();
    assert.equal(answer.status, 403);
    assert.match(
      await answer.text(),
      /signed in as Ned, but the policy gives this address no role/,
    );
  });
});
