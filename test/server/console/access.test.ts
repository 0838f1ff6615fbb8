/** Tokens for programs: made and revoked on the console's page of access, and read from requests. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import express from "express";
import { nameText, type PersonName } from "#store/people/person-names.ts";
import { eraseTeammate, teammateTraces } from "#store/privacy/erase-teammate.ts";
import { knownNames } from "#store/people/find-person.ts";
import { sql } from "#store/db/drizzle.ts";
import { mask } from "#guard/mask-secrets.ts";
import { redact } from "#telemetry/log.ts";
import { bearerLimits, readBearer } from "#server/api/bearer.ts";
import {
  type AccessToken,
  listedTokens,
  makeToken,
  TokenScope,
} from "#store/identity/access-tokens.ts";
import { loadPolicy } from "#policy/load-policy.ts";
import { readFileSync } from "node:fs";
import { SANDBOX_POLICY } from "#test/support/real-parts.ts";
import { post, suitePages } from "#test/server/pages-bench.ts";
import { served } from "#test/server/served.ts";

const DAY_MS = 24 * 3_600_000;
const START = Date.parse("2026-03-02T10:00:00Z");

describe("behind TLS", () => {
  const publicUrl = "https://desk.ourshop.test";
  const bench = suitePages({ sandbox: true, publicUrl });

  test("the session's cookie is of this host alone, and one under the old name opens nothing", async () => {
    const code = await bench.code("lea@ourshop.test");
    const entered = await post(`${bench.url}/console/enter`, { code }, { origin: publicUrl });
    const [cookie = "", ...attributes] = (entered.headers.get("set-cookie") ?? "").split("; ");
    assert.match(cookie, /^__Host-deskhand_session=[\w-]{43}$/);
    assert.ok(attributes.includes("Path=/") && attributes.includes("Secure"));
    assert.ok(!attributes.some((one) => one.startsWith("Domain")));
    assert.match(await bench.page("", cookie), /Lea/);
    await bench.page("", cookie.replace("__Host-", ""), 401);
  });
});

describe("access tokens", () => {
  const bench = suitePages({ sandbox: true });
  const time = { now: START };
  let asked: { readonly url: string; close(): Promise<void> };
  const policy = loadPolicy(readFileSync(SANDBOX_POLICY, "utf8"), "sandbox.yaml");

  before(async () => {
    const router = express.Router();
    const clock = { now: () => new Date(time.now) };
    const limits = bearerLimits(clock, 1_000);
    router.get("/:scope", async (request, response) => {
      const parts = { store: bench.store, clock, policy };
      const scope = TokenScope.parse(request.params.scope);
      response.json(await readBearer(parts, request, scope, limits));
    });
    asked = await served("/", router);
  });
  after(async () => {
    await asked.close();
  });

  const form = (
    fields: Record<string, string | readonly string[]>,
    cookie: string,
    headers: Readonly<Record<string, string>> = {},
  ) =>
    post(
      `${bench.url}/console/policy/access`,
      new URLSearchParams(
        Object.entries(fields).flatMap(([name, value]) =>
          [value].flat().map((one) => [name, one] as [string, string]),
        ),
      ),
      { cookie, ...headers },
    );
  async function made(
    wish: {
      holder?: "me" | "machine";
      scopes?: readonly string[];
      days?: string;
      label?: string;
    },
    cookie: string,
  ): Promise<string> {
    const { holder = "me", scopes = ["cases:read"], days = "30", label = "a script" } = wish;
    const answer = await form({ label, holder, scopes, days }, cookie);
    return />(dk_[\w-]{43})</.exec(await answer.text())?.[1] ?? "";
  }
  async function tokenCalled(label: string): Promise<AccessToken> {
    const all = await bench.store.run(listedTokens, null);
    const found = all.find((token) => token.label === label);
    assert.ok(found);
    return found;
  }
  const ask = (token: string, scope: TokenScope): Promise<Response> =>
    fetch(`${asked.url}/${scope}`, { headers: { authorization: `Bearer ${token}` } });
  const status = async (token: string, scope: TokenScope): Promise<number> =>
    (await ask(token, scope)).status;

  test("a token is shown once, and the database holds a digest of it", async () => {
    const token = await made({ scopes: ["cases:read", "cards:decide"] }, bench.sam);
    assert.match(token, /^dk_/);
    const page = await bench.page("/policy/access", bench.sam);
    assert.doesNotMatch(page, /dk_[\w-]{43}/);
    assert.match(page, /a script[^]*cases:read, cards:decide[^]*never used/);
    const rows = await bench.execute(sql`select access_token::text as row from access_token`);
    assert.ok(!JSON.stringify(rows).includes(token));
    const entries = await bench.page("/audit", bench.lea);
    assert.match(entries, /token made/);
  });

  test("a token that stands in a text or in a log is taken out of it", async () => {
    const token = await made({}, bench.sam);
    for (const one of [token, `dk_${"a".repeat(43)}`]) {
      assert.ok(!mask(`use ${one} please`).includes(one.slice(3)));
      assert.ok(!redact(`failed with ${one}`).includes(one.slice(3)));
    }
  });

  test("who proposes does not decide: no token is made that may do both", async () => {
    const answer = await form(
      { label: "both", holder: "me", scopes: ["assistant", "cards:decide"], days: "30" },
      bench.sam,
    );
    assert.match(await answer.text(), /No token was made: .*who proposes does not decide/);
  });

  test("a scope that tokens no longer have is not offered, and opens nothing where a row has it", async () => {
    assert.doesNotMatch(await bench.page("/policy/access", bench.lea), /value="pages:read"/);
    const token = await made({ label: "older", scopes: ["cases:read"] }, bench.lea);
    await bench.execute(
      sql`update access_token set scopes = 'cases:read pages:read' where label = 'older'`,
    );
    assert.equal(await status(token, "cases:read"), 200);
    assert.deepEqual((await tokenCalled("older")).scopes, ["cases:read"]);
  });

  test("a machine decides nothing, whatever its row says", async () => {
    assert.equal(await made({ holder: "machine", scopes: ["cards:decide"] }, bench.lea), "");
    assert.equal(await made({ holder: "machine", scopes: ["assistant"] }, bench.lea), "");
    assert.equal(await made({ holder: "machine" }, bench.sam), "", "only leads make them");
    const token = await made({ holder: "machine" }, bench.lea);
    assert.equal(await status(token, "cases:read"), 200);
    const wish = {
      id: "tok_forged",
      holder: null,
      label: "x",
      days: 1,
      madeBy: "lea@ourshop.test",
    };
    const forged = await bench.store.run(
      makeToken,
      { ...wish, scopes: ["cards:decide"] },
      new Date(time.now),
    );
    assert.equal(await status(forged, "cards:decide"), 403);
  });

  test("a machine's token is off while who made it is no lead, and the list says so", async () => {
    const token = await made({ holder: "machine", label: "orders" }, bench.lea);
    const madeBy = (email: string) =>
      bench.execute(sql`update access_token set made_by = ${email} where label = 'orders'`);
    for (const email of ["sam@ourshop.test", "gone@ourshop.test"]) {
      await madeBy(email);
      const refused = await ask(token, "cases:read");
      assert.equal(refused.status, 403);
      assert.match(await refused.text(), /who made it for a machine is no lead any more/);
    }
    const why = /orders[^]*off, since who made it for a machine is no lead any more/;
    assert.match(await bench.page("/policy/access", bench.lea), why);
    await madeBy("Lea@OurShop.test");
    assert.equal(await status(token, "cases:read"), 200);
    assert.doesNotMatch(await bench.page("/policy/access", bench.lea), why);
  });

  test("a label is no address, so that nobody reads it as who it was", async () => {
    const answer = await form(
      { label: "dana@ourshop.test", holder: "machine", scopes: ["cases:read"], days: "3" },
      bench.lea,
    );
    assert.match(
      await answer.text(),
      /No token was made: label[^<]* has 1 to 100 characters and no @/,
    );
  });

  test("a revoked or expired token is refused at once, as an unknown one is", async () => {
    const token = await made({ label: "to be revoked" }, bench.sam);
    assert.equal(await status(token, "cases:read"), 200);
    const { id } = await tokenCalled("to be revoked");
    const revoked = (cookie: string): Promise<Response> =>
      post(`${bench.url}/console/policy/access/revoke`, { id }, { cookie });
    const dana = await bench.session("dana@ourshop.test");
    assert.notEqual((await revoked(dana)).status, 200, "not by another teammate");
    assert.equal((await revoked(bench.sam)).status, 200);
    assert.equal(await status(token, "cases:read"), 401);
    assert.equal((await revoked(bench.sam)).status, 400, "once");
    const short = await made({ days: "1" }, bench.lea);
    time.now += DAY_MS - 1;
    assert.equal(await status(short, "cases:read"), 200);
    time.now += 1;
    assert.equal(await status(short, "cases:read"), 401);
    time.now = START;
    for (const wrong of ["", "dk_", `dk_${"a".repeat(43)}`, `${short}x`, short.slice(3)])
      assert.equal(await status(wrong, "cases:read"), 401, wrong);
  });

  test("the last use is written at most once a minute", async () => {
    const token = await made({ label: "much used" }, bench.sam);
    const used = async (): Promise<number> => {
      await ask(token, "cases:read");
      return (await tokenCalled("much used")).usedAt?.getTime() ?? 0;
    };
    assert.equal(await used(), START);
    time.now += 59_000;
    assert.equal(await used(), START);
    time.now += 2_000;
    assert.equal(await used(), START + 61_000);
    time.now = START;
  });

  test("a form that says too little makes none, and says what is missing", async () => {
    for (const [fields, words] of [
      [{ label: "x", holder: "me", days: "30" }, /tick what it may do/],
      [{ label: "x", holder: "me", days: "366", scopes: "cases:read" }, /days/],
      [{ label: "x", holder: "me", days: "30", scopes: "everything" }, /tick what it may do/],
      [{ label: " ", holder: "me", days: "30", scopes: "cases:read" }, /label/],
    ] as const) {
      const text = await (await form(fields, bench.sam)).text();
      assert.match(text, /No token was made/);
      assert.match(text, words);
    }
    const right = { label: "x", holder: "me", days: "3", scopes: "cases:read" };
    const foreign = await form(right, bench.sam, { "sec-fetch-site": "cross-site" });
    assert.equal(foreign.status, 403);
  });

  test("support sees their own tokens, leads see all", async () => {
    await made({ holder: "machine", scopes: ["reports:read"] }, bench.lea);
    assert.doesNotMatch(await bench.page("/policy/access", bench.sam), /a machine, by/);
    assert.match(await bench.page("/policy/access", bench.lea), /a machine, by lea@ourshop\.test/);
  });

  test("an erased teammate's tokens end, and those they made for machines", async () => {
    const name: PersonName = { kind: "email", value: "lea@ourshop.test" };
    const token = await made({}, bench.lea);
    const machine = await made({ holder: "machine", label: "for a machine" }, bench.lea);
    const names = await bench.store.run(knownNames);
    assert.ok(names.map(nameText).includes(nameText(name)));
    const traces = await bench.store.run(teammateTraces, [name]);
    assert.ok(traces.passes > 2);
    await bench.store.run(eraseTeammate, [name]);
    assert.equal(await status(token, "cases:read"), 401);
    assert.equal(await status(machine, "cases:read"), 401);
    assert.notEqual((await tokenCalled("for a machine")).revokedAt, null, "a lead sees its end");
    const left = await bench.store.run(teammateTraces, [name]);
    assert.equal(left.passes, 0);
  });
});
